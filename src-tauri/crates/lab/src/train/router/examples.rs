//! What the router learns from: the images of every bundle, and those that are for none.

use std::path::{Path, PathBuf};

use domain::{Failure, Split};
use learn::manifest::Case;
use learn::{Checks, Selection};

use super::manifest_of;
use crate::evaluate::SPOILT;
use crate::labelled;
use crate::others::{self, Other, SetOf};
use crate::phase::Watch;
use crate::train::recipe::Recipe;

/// Images of one bundle's training split; of its validation split all are taken.
const IMAGES: usize = 800;
/// Group of spoilt images.
const SPOILT_GROUP: u8 = 0;

/// An image, and the place among the routes of the bundle that it is for.
pub struct Example {
    pub other: Other,
    pub route: Option<usize>,
    /// An epoch shows as many of each group.
    pub group: u8,
}

impl Example {
    /// Whether it is of a kind that no bundle was made for, and not an own image spoilt.
    pub fn is_strange(&self) -> bool {
        self.route.is_none() && self.group != SPOILT_GROUP
    }
}

/// Of a bundle's own images; the next one is of those from elsewhere.
pub fn own_group(route: usize) -> u8 {
    1 + 2 * u8::try_from(route).unwrap_or(u8::MAX / 4)
}

/// Of each bundle's pack, of the pack of kinds, and of the packs that no bundle is trained from. Where images cannot be
/// used, those of all packs are told at once.
pub fn of_all(data: &Path, recipe: &Recipe, watch: &mut Watch<'_>) -> Result<Vec<Example>, Failure> {
    let readers = &recipe.routes;
    let mut examples = Vec::new();
    let mut failures: Vec<Failure> = Vec::new();
    for (route, reader) in readers.iter().enumerate() {
        match of_reader(data, route, reader, recipe, watch) {
            Ok(some) => examples.extend(some),
            Err(failure) if failure.is_a_stop() => return Err(failure),
            Err(failure) => failures.push(failure.of(reader.set(None))),
        }
    }
    if let Some(first) = failures.first() {
        let all: Vec<&str> = failures.iter().map(|failure| failure.message.as_str()).collect();
        return Err(Failure::new(first.code, all.join("\n")));
    }
    examples.extend(for_none(data, recipe)?);
    others::check(examples.iter().map(|example| &example.other), watch)?;
    Ok(examples)
}

fn of_reader(
    data: &Path,
    route: usize,
    reader: &Recipe,
    recipe: &Recipe,
    watch: &mut Watch<'_>,
) -> Result<Vec<Example>, Failure> {
    let selection = Selection {
        splits: vec![Split::Train, Split::Val],
        subsets: reader.subset.iter().cloned().collect(),
    };
    let checks = Checks {
        sha256: true,
        ..Checks::default()
    };
    let cases = labelled::load(&manifest_of(data, reader), &selection, checks, watch)?;
    let teaching: Vec<&Case> = cases.iter().filter(|case| case.split.teaches()).collect();
    let step = teaching.len().div_ceil(IMAGES).max(1);
    let judging = cases.iter().filter(|case| !case.split.teaches());
    let plain: Vec<Case> = teaching.into_iter().step_by(step).chain(judging).cloned().collect();
    let kinds = others::of_kinds(Some(data), &reader.gate.own, recipe.commercial_use, &plain)?;
    let own = others::as_they_are(&plain).into_iter();
    let own = own.chain(kinds.into_iter().filter(|other| !other.is_of_kind()));
    let own = own.map(|other| Example {
        group: own_group(route) + u8::from(other.is_from_elsewhere()),
        route: Some(route),
        other,
    });
    let spoilt = others::spoilt(&cases, SPOILT).into_iter();
    let spoilt = spoilt.map(|other| Example {
        group: SPOILT_GROUP,
        route: None,
        other,
    });
    Ok(own.chain(spoilt).collect())
}

/// Kinds of a bundle's own are for that bundle, whatever another one makes of them.
fn for_none(data: &Path, recipe: &Recipe) -> Result<Vec<Example>, Failure> {
    let readers = &recipe.routes;
    let own_kinds: Vec<String> = readers.iter().flat_map(|reader| reader.gate.own.clone()).collect();
    let sets: Vec<(PathBuf, Option<&str>)> = readers
        .iter()
        .map(|reader| (manifest_of(data, reader), reader.subset.as_deref()))
        .collect();
    let sets: Vec<SetOf<'_>> = sets.iter().map(|(path, subset)| (path.as_path(), *subset)).collect();
    let mut strange = others::of_kinds(Some(data), &own_kinds, recipe.commercial_use, &[])?;
    strange.retain(Other::is_of_kind);
    strange.extend(others::of_packs(data, &sets)?);
    others::leave_to_header(&mut strange, &recipe.gate.left_to_header);
    let group = own_group(readers.len());
    Ok(strange
        .into_iter()
        .map(|other| Example {
            group: group + u8::from(!other.is_of_kind()),
            route: None,
            other,
        })
        .collect())
}
