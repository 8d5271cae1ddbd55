//! Verbs that make and measure bundles. They touch no vault; the person at the machine is its
//! administrator.

use workflow::{EvaluateRequest, Failure, TrainRequest};

use super::{Common, background};
use crate::End;
use crate::arguments::{Evaluate, Train};
use crate::print;

pub fn train(common: &Common, words: Train) -> Result<End, Failure> {
    let session = common.local_session();
    let out = words.out.clone();
    let request = TrainRequest {
        bundle: words.bundle,
        data: words.data,
        out: words.out,
        device: words.device,
        threads: words.threads,
        seed: words.seed,
        epochs: words.epochs,
        minutes: words.minutes,
        without: words.without,
        others: words.others,
    };
    let evaluation = background(move |watch| workflow::train(&session, &request, watch))?;
    common.show(&evaluation, |e| {
        print::line(format!(
            "the bundle is in {}; its card tells all figures",
            out.display()
        ));
        figures(e);
    });
    Ok(End::Done)
}

pub fn evaluate(common: &Common, words: Evaluate) -> Result<End, Failure> {
    let session = common.local_session();
    let request = EvaluateRequest {
        bundle: words.bundle,
        manifest: words.manifest,
        split: words.split,
        subset: words.subset,
        device: words.device,
    };
    let evaluation = background(move |watch| workflow::evaluate(&session, &request, watch))?;
    common.show(&evaluation, figures);
    Ok(End::Done)
}

fn figures(e: &workflow::Evaluation) {
    print::line(format!(
        "{}: {} pictures of {} patients, {} refused",
        e.set, e.n_images, e.n_patients, e.n_refused
    ));
    for (name, estimate) in workflow::evaluation_figures(e) {
        let Some(estimate) = estimate else {
            print::line(format!("  {name:<28} –"));
            continue;
        };
        let range = match (estimate.low, estimate.high) {
            (Some(low), Some(high)) => format!("  ({low:.3} to {high:.3})"),
            _ => String::new(),
        };
        print::line(format!("  {name:<28} {:.3}{range}", estimate.value));
    }
}
