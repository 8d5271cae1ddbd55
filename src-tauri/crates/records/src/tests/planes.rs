//! Facts of each frame are kept beside the header, and older rows do without.

use domain::{AxisUnit, ImageFacts, LookupTable, MeasuredRegion, PlaneFacts, VoiChoice};

use super::Outcome;
use super::sample::{NOW, header, imagined_file, new_vault, uid};
use crate::Op;

/// Three frames that do not lie in the order of their numbers, and a table that only pixels need.
fn facts() -> ImageFacts {
    let at = |height: f64| PlaneFacts {
        position_mm: Some([0.0, 0.0, height]),
        ..PlaneFacts::default()
    };
    let table = LookupTable {
        first: 0,
        bits: 8,
        values: vec![0, 255],
    };
    ImageFacts {
        shared: PlaneFacts {
            orientation: Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
            windows: Some(vec![VoiChoice::of_table(Some("NORMAL".into()), table)]),
            ..PlaneFacts::default()
        },
        frames: vec![at(4.0), at(0.0), at(8.0)],
        regions: vec![MeasuredRegion {
            x0: 0,
            y0: 0,
            x1: 9,
            y1: 9,
            unit_x: AxisUnit::Centimetre,
            unit_y: AxisUnit::Second,
            delta_x: 0.1,
            delta_y: 0.2,
        }],
        ..ImageFacts::default()
    }
}

#[test]
fn a_stack_of_frames_lies_as_each_frame_says() -> Outcome {
    for kept in [true, false] {
        let folder = tempfile::tempdir()?;
        let (mut vault, admin) = new_vault(folder.path())?;
        let mut scan = header(1, 1);
        scan.image.frames = 3;
        scan.image.position_mm = Some([0.0, 0.0, 4.0]);
        scan.image.orientation = Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        let (file, facts) = (imagined_file(&scan), facts());
        vault.transact(&admin, Op::DataImport, NOW, |tx| {
            let added = tx.insert_instance(&scan, &file.sha256, &file, None)?;
            if kept { tx.note_planes(&added, &facts) } else { Ok(()) }
        })?;
        let study = vault.study(&uid("1.2.1"))?.ok_or("no study")?;
        let stored = study.instances.first().ok_or("no instance")?;
        let expected = if kept {
            facts.without_bulk()
        } else {
            ImageFacts::default()
        };
        assert_eq!(stored.facts, expected);
        let slices: Vec<(u32, Option<f64>)> = study.stacks[0]
            .slices
            .iter()
            .map(|slice| (slice.at.frame, slice.plane.position_mm.map(|[_, _, z]| z)))
            .collect();
        let alike = [(0, Some(4.0)), (1, Some(4.0)), (2, Some(4.0))];
        let apart = [(1, Some(0.0)), (0, Some(4.0)), (2, Some(8.0))];
        assert_eq!(slices, if kept { apart } else { alike });
        let table = study.stacks[0].slices[0].plane.windows.first();
        assert_eq!(
            table.and_then(|choice| choice.name.as_deref()),
            kept.then_some("NORMAL")
        );
    }
    Ok(())
}
