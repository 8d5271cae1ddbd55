//! What a frame is called on paper.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ReportSnapshot, Series, Uid};

/// Knows which instances hold more than one frame, and of which series they are where the study has several: only
/// there the number of a frame or of a series says something.
#[derive(Default)]
pub struct FrameNames {
    multiframe: BTreeSet<Uid>,
    /// By instance.
    series: BTreeMap<Uid, String>,
}

impl FrameNames {
    pub fn of(snapshot: &ReportSnapshot) -> Self {
        let analysed = snapshot.analyses.iter().map(|reported| &reported.analysis);
        let later = analysed
            .filter(|analysis| analysis.frame > 0)
            .map(|analysis| analysis.sop_instance_uid.clone());
        let shown = snapshot.key_images.iter().filter(|image| image.frame > 0);
        let measured = || snapshot.measurements.iter();
        let measured_later = measured().filter(|one| one.annotation.frame > 0);
        let measured_later = measured_later.map(|one| one.annotation.sop_instance_uid.clone());
        let of_analyses = snapshot.analyses.iter();
        let of_analyses = of_analyses.map(|one| (&one.analysis.sop_instance_uid, &one.series_instance_uid));
        let of_images = snapshot.key_images.iter();
        let of_images = of_images.map(|one| (&one.sop_instance_uid, &one.series_instance_uid));
        let of_measured = measured().map(|one| (&one.annotation.sop_instance_uid, &one.series_instance_uid));
        let names = series_names(&snapshot.series);
        let named = |(instance, series): (&Uid, &Uid)| Some((instance.clone(), names.get(series)?.clone()));
        Self {
            multiframe: later
                .chain(shown.map(|image| image.sop_instance_uid.clone()))
                .chain(measured_later)
                .collect(),
            series: of_analyses
                .chain(of_images)
                .chain(of_measured)
                .filter_map(named)
                .collect(),
        }
    }

    /// `instance 12` or `series 2, instance 12, frame 3`; frames count from 1 as in DICOM. An instance
    /// without a number goes by the end of its UID.
    pub fn name(&self, sop_instance_uid: &Uid, instance_number: Option<i32>, frame: u32) -> String {
        let instance = match instance_number {
            Some(number) => format!("instance {number}"),
            None => {
                let uid = sop_instance_uid.as_str();
                let tail = uid.get(uid.len().saturating_sub(12)..).unwrap_or(uid);
                format!("instance {}{tail}", if tail.len() < uid.len() { "…" } else { "" })
            }
        };
        let instance = match self.series.get(sop_instance_uid) {
            Some(series) => format!("{series}, {instance}"),
            None => instance,
        };
        if frame > 0 || self.multiframe.contains(sop_instance_uid) {
            format!("{instance}, frame {}", u64::from(frame) + 1)
        } else {
            instance
        }
    }
}

/// `series 2` of each, by its number where all have one of their own, else by its place in the study; none where
/// there is one series.
fn series_names(series: &[Series]) -> BTreeMap<&Uid, String> {
    let numbers: BTreeSet<_> = series.iter().filter_map(|one| one.number).collect();
    let by_number = numbers.len() == series.len();
    let several = series.iter().enumerate().filter(|_| series.len() > 1);
    let named = several.map(|(place, one)| {
        let number = one
            .number
            .filter(|_| by_number)
            .map(i64::from)
            .unwrap_or(place as i64 + 1);
        (&one.series_instance_uid, format!("series {number}"))
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_number_shows_only_where_there_are_several() -> Result<(), domain::InvalidUid> {
        let (single, multi) = (Uid::parse("1.2.3")?, Uid::parse("1.2.840.10008.5.1.4.1.1.4.99")?);
        let names = FrameNames {
            multiframe: BTreeSet::from([multi.clone()]),
            series: BTreeMap::new(),
        };
        assert_eq!(names.name(&single, Some(7), 0), "instance 7");
        assert_eq!(names.name(&multi, Some(7), 0), "instance 7, frame 1");
        assert_eq!(names.name(&multi, None, 4), "instance …1.4.1.1.4.99, frame 5");
        assert_eq!(names.name(&single, None, 0), "instance 1.2.3");
        Ok(())
    }
    #[test]
    fn a_series_is_named_where_there_are_several_and_by_its_number_where_each_has_its_own()
    -> Result<(), domain::InvalidUid> {
        let series = |uid: &str, number| {
            Ok(Series {
                series_instance_uid: Uid::parse(uid)?,
                modality: "MR".into(),
                number,
                description: None,
                protocol_name: None,
                body_part_examined: None,
                view_position: None,
                manufacturer: None,
            })
        };
        let names = |numbers: [Option<i32>; 2]| -> Result<Vec<String>, domain::InvalidUid> {
            let both = [series("1.1", numbers[0])?, series("1.2", numbers[1])?];
            Ok(series_names(&both).into_values().collect())
        };
        assert_eq!(names([Some(3), Some(7)])?, ["series 3", "series 7"]);
        assert_eq!(names([Some(3), Some(3)])?, ["series 1", "series 2"]);
        assert_eq!(names([None, Some(7)])?, ["series 1", "series 2"]);
        assert!(series_names(&[series("1.1", Some(3))?]).is_empty());
        Ok(())
    }
}
