//! Where a router sends labelled images, and what becomes of spoilt ones.

use crate::phase::{Phase, Watch};
use domain::{Failure, GreyFrame, Permission, Session, SetRef};
use engine::task::route;
use engine::{Backend, Bundle};
use learn::Evaluation;
use learn::evaluate::{Gated, Options, RoutedCase, evaluate_routes, gate_figures};
use learn::manifest::Case;

use super::stopped_unless;
use crate::images;
use crate::others::Spoilt;
use workflow::decoders::decoders;
use workflow::frames;
use workflow::permit::permit;

const BATCH: usize = 32;
/// Of each way to spoil an image.
pub const SPOILT: usize = 60;

/// Each image by itself, though in use the images of a series vote; then some of them inverted,
/// cropped and photographed, which should go to none.
pub fn judge_router(
    session: &Session,
    bundle: &Bundle,
    cases: &[Case],
    set: &SetRef,
    backend: &mut dyn Backend,
    watch: &mut Watch<'_>,
) -> Result<Evaluation, Failure> {
    permit(session, Permission::ManageModels)?;
    let step = cases.len().div_ceil(SPOILT).max(1);
    let spoilt = Spoilt::ALL
        .into_iter()
        .flat_map(|how| cases.iter().step_by(step).map(move |case| (case, Some(how))));
    let shown: Vec<(&Case, Option<Spoilt>)> = cases.iter().map(|case| (case, None)).chain(spoilt).collect();
    let decoders = decoders()?;
    let (mut routed, mut refused) = (Vec::with_capacity(cases.len()), Vec::new());
    for chunk in shown.chunks(BATCH) {
        let done = (routed.len() + refused.len()) as u64;
        let mut go_on = || stopped_unless(watch(Phase::Routing, done, shown.len() as u64));
        let mut inputs = Vec::with_capacity(chunk.len());
        for (case, how) in chunk {
            go_on()?;
            let picture = images::grey(&case.file, &decoders)?;
            let spoil = |how: &Spoilt| how.of(&picture);
            let picture: GreyFrame = how.as_ref().map_or_else(|| picture.clone(), spoil);
            inputs.push(engine::prepare(&picture, &bundle.metadata.input)?);
        }
        let answers = frames::answers(backend, bundle, &inputs, &mut go_on)?;
        for (((case, how), answer), input) in chunk.iter().zip(&answers).zip(&inputs) {
            let route = route::choose(bundle, &[answer])?.filter(|_| !input.blank);
            match how {
                None => routed.push(RoutedCase {
                    patient: case.patient.clone(),
                    route: route.map(str::to_owned),
                }),
                Some(how) => refused.push(Gated {
                    patient: case.patient.clone(),
                    kind: how.name().to_owned(),
                    score: if route.is_none() { 2.0 } else { 0.0 },
                }),
            }
        }
    }
    let options = Options::new(&set.to_string(), vec![]);
    let mut evaluation = evaluate_routes(&routed, &options)?;
    evaluation.gate = gate_figures(&[], &refused, &options);
    Ok(evaluation)
}
