//! The order of a study's images and analyses: that of the stacks (`domain::Stack`), a series after the other.

use std::collections::BTreeMap;

use domain::{Header, ImageFacts, Series, Stack, Uid};

use super::study::{AnalysisRecord, InstanceRecord};

/// A stack for each series, in the order of the series.
pub(super) fn stacks(series: &[Series], instances: &[InstanceRecord]) -> Vec<Stack> {
    let mut headers: BTreeMap<&Uid, Vec<(&Header, &ImageFacts)>> = BTreeMap::new();
    for stored in instances {
        let of = &stored.header.series.series_instance_uid;
        headers.entry(of).or_default().push((&stored.header, &stored.facts));
    }
    let stack = |one: &Series| {
        let uid = &one.series_instance_uid;
        Stack::of(uid, headers.remove(uid).unwrap_or_default())
    };
    series.iter().map(stack).collect()
}

/// Images by their first slice, then what holds no image, by number; the analyses of a frame by age, the newest last.
pub(super) fn put_in_order(stacks: &[Stack], instances: &mut [InstanceRecord], analyses: &mut [AnalysisRecord]) {
    let mut of_series: BTreeMap<&Uid, usize> = BTreeMap::new();
    let mut of_frame: BTreeMap<(&Uid, u32), usize> = BTreeMap::new();
    let mut of_instance: BTreeMap<&Uid, usize> = BTreeMap::new();
    let slices = stacks.iter().flat_map(|stack| &stack.slices);
    for (place, slice) in slices.enumerate() {
        of_frame.insert((&slice.at.sop_instance_uid, slice.at.frame), place);
        of_instance.entry(&slice.at.sop_instance_uid).or_insert(place);
    }
    for (place, stack) in stacks.iter().enumerate() {
        of_series.insert(&stack.series_instance_uid, place);
    }
    instances.sort_by_cached_key(|stored| {
        let (series, instance) = (&stored.header.series.series_instance_uid, &stored.header.instance);
        let uid = &instance.sop_instance_uid;
        let place = of_instance.get(uid).copied().unwrap_or(usize::MAX);
        (of_series.get(series).copied(), place, instance.number, uid.clone())
    });
    analyses.sort_by_cached_key(|stored| {
        let (uid, frame) = (&stored.analysis.sop_instance_uid, stored.analysis.frame);
        // Old headers tell of one frame only.
        let place = of_frame.get(&(uid, frame)).or(of_instance.get(uid));
        (place.copied().unwrap_or(usize::MAX), frame, stored.id)
    });
}
