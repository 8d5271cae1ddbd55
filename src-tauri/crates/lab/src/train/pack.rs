//! The packed training set: every image decoded and prepared by the same code as in use.

use crate::phase::{Phase, Watch};
use std::path::Path;

use domain::{Failure, FailureCode, GreyFrame, room::NoRoom};
use engine::bundle::InputSpec;
use engine::input::resize;
use half::f16;
use learn::manifest::Case;
use safetensors::{Dtype, tensor::TensorView};

use super::recipe::{Labels, Recipe};
use super::stopped_unless;
use crate::images::{grey, mask_of};
use workflow::decoders::decoders;
use workflow::files::write_whole;

#[derive(Default)]
pub struct Pack {
    images: Vec<u8>,
    masks: Vec<u8>,
    outlined: Vec<u8>,
    classes: Vec<u8>,
    groups: Vec<u8>,
    parts: Vec<u8>,
}

/// A class that is not known of an image.
const UNKNOWN: u8 = 255;

/// Which trainings see an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Always,
    /// Not the one that holds this out, counted from 0.
    Held(u32),
}

impl Part {
    /// Validation images are held out by the one training there is.
    pub const VALIDATION: Self = Self::Held(0);

    pub fn of_split(split: &domain::Split) -> Self {
        match split.teaches() {
            true => Self::Always,
            false => Self::VALIDATION,
        }
    }

    /// As the worker reads it.
    pub fn number(self) -> u8 {
        match self {
            Self::Always => 0,
            Self::Held(fold) => u8::try_from(fold).unwrap_or(u8::MAX - 1) + 1,
        }
    }
}

impl Pack {
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Adds the cases of a manifest, each with the part that it is of.
    pub fn add_cases(
        &mut self,
        cases: &[Case],
        part: impl Fn(&Case) -> Part,
        recipe: &Recipe,
        watch: &mut Watch<'_>,
    ) -> Result<(), Failure> {
        let one_sided = cases.iter().all(|case| case.anomaly);
        let decoders = decoders()?;
        for (done, case) in cases.iter().enumerate() {
            let picture = grey(&case.file, &decoders)?;
            let mask = match &case.mask {
                Some(path) => mask_of(path, &picture, &decoders)?,
                None => vec![false; picture.values.len()],
            };
            let labels = recipe.labels(case, one_sided);
            self.add(&picture, &mask, &labels, part(case), &recipe.input)?;
            stopped_unless(watch(Phase::PreparingImages, done as u64 + 1, cases.len() as u64))?;
        }
        Ok(())
    }

    /// Adds synthetic heads, half of them with a lesion; always trained on.
    pub fn add_synthetic(&mut self, count: u32, spec: &InputSpec) -> Result<(), NoRoom> {
        for index in 0..count {
            let (picture, mask) = synthetic(index);
            let lesion = mask.iter().any(|m| *m);
            let labels = Labels {
                classes: vec![Some(lesion)],
                group: u8::from(lesion),
                outlined: true,
            };
            self.add(&picture, &mask, &labels, Part::Always, spec)?;
        }
        Ok(())
    }

    pub fn add(
        &mut self,
        picture: &GreyFrame,
        mask: &[bool],
        labels: &Labels,
        part: Part,
        spec: &InputSpec,
    ) -> Result<(), NoRoom> {
        let input = engine::prepare(picture, spec)?;
        self.images
            .extend(input.values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()));
        let mask: Vec<f32> = mask.iter().map(|m| f32::from(u8::from(*m))).collect();
        let at = input.letterbox;
        let inner = resize(&mask, picture.rows, picture.cols, at.height, at.width)?;
        let size = spec.size as usize;
        let mut square = vec![0u8; size * size];
        for (row, line) in inner.chunks_exact(at.width as usize).enumerate() {
            let start = (row + at.top as usize) * size + at.left as usize;
            for (target, value) in square[start..].iter_mut().zip(line) {
                *target = u8::from(*value >= 0.5);
            }
        }
        self.masks.extend(square);
        self.outlined.push(u8::from(labels.outlined));
        self.classes
            .extend(labels.classes.iter().map(|class| class.map_or(UNKNOWN, u8::from)));
        self.groups.push(labels.group);
        self.parts.push(part.number());
        Ok(())
    }

    /// Images of the largest group of anomalies that a training sees which holds `held` out; of the only group where
    /// there is one.
    pub fn largest_group(&self, held: Part) -> usize {
        let mut sizes = [0usize; 256];
        let training = self.groups.iter().zip(&self.parts);
        let training = training.filter(|(_, part)| **part != held.number());
        training.for_each(|(group, _)| sizes[usize::from(*group)] += 1);
        match sizes[1..].iter().max() {
            Some(most) if *most > 0 => *most,
            _ => sizes[0],
        }
    }

    /// Writes the file that `overread-worker train` reads.
    pub fn write(&self, path: &Path, spec: &InputSpec) -> Result<(), Failure> {
        let (count, size) = (self.len(), spec.size as usize);
        let planes = vec![count, size, size];
        let bytes = [
            ("images", Dtype::F16, planes.clone(), &self.images),
            ("masks", Dtype::U8, planes, &self.masks),
            ("outlined", Dtype::U8, vec![count], &self.outlined),
            (
                "classes",
                Dtype::U8,
                vec![count, self.classes.len() / count.max(1)],
                &self.classes,
            ),
            ("groups", Dtype::U8, vec![count], &self.groups),
            ("parts", Dtype::U8, vec![count], &self.parts),
        ]
        .into_iter()
        .map(|(name, kind, shape, data)| Ok((name, TensorView::new(kind, shape, data)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
        .and_then(|tensors| safetensors::serialize(tensors, None))
        .map_err(|error| {
            Failure::new(
                FailureCode::Internal,
                format!("the training set cannot be packed: {error}"),
            )
        })?;
        write_whole(path, &bytes)
    }
}

/// A slice of a synthetic head and its lesion mask; every second has a lesion, two of three the
/// burnt-in label of a sample file.
pub fn synthetic(index: u32) -> (GreyFrame, Vec<bool>) {
    // Far from the seeds of the sample set, so that no sample scan was trained on.
    const FIRST_SEED: u64 = 1_000_000;
    let case = samples::CaseSpec {
        seed: FIRST_SEED + u64::from(index),
        lesion: index.is_multiple_of(2),
        size: 256,
    };
    let place = f32::from((index / 2 % 9) as u8) / 8.0;
    let z_mm = match samples::lesion_height_mm(case) {
        Some((centre, reach)) => centre + reach * (1.4 * place - 0.7),
        None => 75.0 * place - 10.0,
    };
    let mut slice = samples::slice(case, z_mm);
    if !index.is_multiple_of(3) {
        samples::label::burn_in(&mut slice);
    }
    let values = slice.values.iter().map(|v| f32::from(*v)).collect();
    (
        GreyFrame {
            rows: slice.rows,
            cols: slice.cols,
            values,
        },
        slice.mask,
    )
}
