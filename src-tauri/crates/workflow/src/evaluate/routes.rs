//! Where a router sends labelled pictures.

use decode::{Decoder, Limits};
use domain::{Permission, Session};
use engine::{Backend, Bundle, route};
use learn::Evaluation;
use learn::evaluate::{Options, RoutedCase, evaluate_routes};
use learn::manifest::Case;

use crate::error::Failure;
use crate::frames::Watch;
use crate::permit::permit;
use crate::train;

const BATCH: usize = 32;

/// Each picture by itself, though in use the pictures of a series vote.
pub fn judge_router(
    session: &Session,
    bundle: &Bundle,
    cases: &[Case],
    set: &str,
    backend: &mut dyn Backend,
    watch: &mut Watch<'_>,
) -> Result<Evaluation, Failure> {
    permit(session, Permission::ManageModels)?;
    let mut decoder = Decoder::beside_executable(Limits::default())?;
    let mut routed = Vec::with_capacity(cases.len());
    for chunk in cases.chunks(BATCH) {
        let inputs = chunk
            .iter()
            .map(|case| {
                Ok(engine::prepare(
                    &train::grey(&case.file, &mut decoder)?,
                    &bundle.metadata.input,
                ))
            })
            .collect::<Result<Vec<_>, Failure>>()?;
        let answers = backend.infer(bundle, &inputs)?;
        routed.extend(chunk.iter().zip(&answers).zip(&inputs).map(|((case, answer), input)| {
            RoutedCase {
                patient: case.patient.clone(),
                route: route::choose(bundle, &[answer])
                    .filter(|_| !input.blank)
                    .map(str::to_owned),
            }
        }));
        if !watch("routing", routed.len() as u64, cases.len() as u64) {
            return Err(Failure::new("canceled", "the evaluation was stopped"));
        }
    }
    Ok(evaluate_routes(&routed, &Options::new(set, vec![]))?)
}
