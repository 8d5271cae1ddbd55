//! Verbs that make and measure bundles. They touch no vault; the person at the machine is its
//! administrator.

use domain::{Failure, Split};
use lab::{AttackOptions, EvaluateRequest, TrainRequest};

use super::{Common, background};
use crate::End;
use crate::arguments::{Attack, Evaluate, Train};
use crate::print::{self, evaluation};

pub fn train(common: &Common, words: Train) -> Result<End, Failure> {
    let session = common.local_session();
    let out = words.out.clone();
    let request = TrainRequest {
        recipe: words.recipe.into(),
        data: words.data,
        out: words.out,
        device: words.device,
        threads: words.threads,
        seed: words.seed,
        epochs: words.epochs,
        from: words.from,
        minutes: words.minutes,
        without: words.without,
        predictions: words.predictions,
        shifted: !words.no_shifted,
        others: words.others,
    };
    if let Some(count) = words.folds {
        let trained = background(move |watch| lab::train_folds(&session, &request, count, watch))?;
        common.show(&trained, |trained| {
            print::line(format!(
                "{} networks judged {} images of {} patients whom they had not seen; their predictions are in {}",
                trained.folds,
                trained.images,
                trained.patients,
                trained.folder.display()
            ));
        });
        return Ok(End::Done);
    }
    let evaluation = background(move |watch| lab::train(&session, &request, watch))?;
    common.show(&evaluation, |e| {
        print::line(format!("the bundle is in {}; its card has all figures", out.display()));
        evaluation::figures(e);
    });
    Ok(End::Done)
}

/// Which images are attacked is the same on every run.
const ATTACK_SEED: u64 = 1;

pub fn evaluate(common: &Common, words: Evaluate) -> Result<End, Failure> {
    let session = common.local_session();
    let out = words.out.clone();
    let request = EvaluateRequest {
        bundle: words.bundle,
        manifest: words.manifest,
        stated: words.stated.into(),
        split: words.split.map(Split::from),
        subset: words.subset,
        device: words.device,
        out: words.out,
        attack: words.attack.map(|Attack::Pgd| AttackOptions {
            images: words.attack_images as usize,
            seed: ATTACK_SEED,
        }),
        shifted: words.shifted,
        others: words.others,
    };
    let evaluation = background(move |watch| lab::evaluate(&session, &request, watch))?;
    common.show(&evaluation, |e| {
        evaluation::figures(e);
        if let Some(folder) = &out {
            print::line(format!(
                "evaluation.json, and what plots and cases apply, are in {}",
                folder.display()
            ));
        }
    });
    Ok(End::Done)
}
