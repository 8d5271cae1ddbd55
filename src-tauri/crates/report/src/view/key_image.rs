//! A key image with its images and captions.

use domain::{KeyImage, ReportSnapshot};
use serde::Serialize;

use super::FrameNames;
use super::findings::{decision_words, numbers, tone};
use crate::ReportError;
use crate::picture::draw::{draw, draw_legend};
use crate::picture::grey_map::rgb_png;
use crate::typeset::VirtualFile;
use domain::analysis::score_text as score;

/// More findings than this are counted in the caption; all are drawn.
const CAPTION_LINES: usize = 6;

#[derive(Serialize)]
pub struct KeyImageView {
    title: String,
    sop_instance_uid: String,
    outlined: String,
    mapped: Option<String>,
    /// Width over height of the drawn image.
    aspect: f64,
    marks: Vec<Mark>,
    lines: Vec<CaptionLine>,
    /// Findings beyond those in `lines`.
    more: usize,
}

/// A finding's number at the upper left of its box, as shares of width and height.
#[derive(Serialize)]
struct Mark {
    number: String,
    x: f64,
    y: f64,
    /// Lower edge of the box: the number stands there when there is no room above.
    bottom: f64,
    tone: &'static str,
}

#[derive(Serialize)]
struct CaptionLine {
    number: String,
    tone: &'static str,
    label: String,
    score: String,
    decision: String,
}

impl KeyImageView {
    /// `position` tells the image files apart; `number` gives a finding's number from its place on
    /// this image and its id.
    pub fn of(
        image: &KeyImage,
        position: usize,
        names: &FrameNames,
        number: &dyn Fn(usize, &str) -> Option<usize>,
    ) -> Result<(Self, Vec<VirtualFile>), ReportError> {
        let drawn = draw(image)?;
        let outlined = format!("/outlined-{position}.png");
        let mut files = vec![
            VirtualFile::new("/legend.png", rgb_png(&draw_legend())?),
            VirtualFile::new(outlined.as_str(), rgb_png(&drawn.outlined)?),
        ];
        let mapped = drawn.mapped.as_ref().map(|picture| {
            let path = format!("/mapped-{position}.png");
            rgb_png(picture).map(|png| (path.clone(), VirtualFile::new(path, png)))
        });
        let mapped = mapped.transpose()?.map(|(path, file)| {
            files.push(file);
            path
        });
        let mut marks = Vec::new();
        let mut lines = Vec::new();
        for (index, reported) in image.findings.iter().enumerate() {
            let bounds = reported.finding.region.bounds;
            let number = number(index, &reported.finding.id).map_or_else(|| "–".into(), |number| number.to_string());
            marks.push(Mark {
                number: number.clone(),
                x: (f64::from(bounds.x) / f64::from(image.cols)).min(1.0),
                y: (f64::from(bounds.y) / f64::from(image.rows)).min(1.0),
                bottom: (f64::from(bounds.y.saturating_add(bounds.height)) / f64::from(image.rows)).min(1.0),
                tone: tone(reported),
            });
            lines.push(CaptionLine {
                number,
                tone: tone(reported),
                label: reported.finding.label.clone(),
                score: score(reported.finding.score.value()),
                decision: decision_words(reported),
            });
        }
        let more = lines.len().saturating_sub(CAPTION_LINES);
        lines.truncate(CAPTION_LINES);
        let view = Self {
            title: capitalised(&names.name(&image.sop_instance_uid, image.instance_number, image.frame)),
            sop_instance_uid: image.sop_instance_uid.to_string(),
            outlined,
            mapped,
            aspect: f64::from(drawn.size.width) / f64::from(drawn.size.height),
            marks,
            lines,
            more,
        };
        Ok((view, files))
    }
}

/// At most `limit` key images with their image files: in the reader's order when the reader chose
/// them, otherwise the highest score first; images of the same score keep their order.
pub fn key_images(
    snapshot: &ReportSnapshot,
    names: &FrameNames,
    limit: usize,
) -> Result<(Vec<KeyImageView>, Vec<VirtualFile>), ReportError> {
    let mut images: Vec<&KeyImage> = snapshot.key_images.iter().collect();
    if !snapshot.key_images_chosen {
        images.sort_by(|a, b| suspicion(snapshot, b).total_cmp(&suspicion(snapshot, a)));
    }
    let numbers = numbers(snapshot);
    let (mut views, mut files) = (Vec::new(), Vec::new());
    for (position, image) in images.into_iter().take(limit).enumerate() {
        let (view, pictures) = KeyImageView::of(image, position, names, &|_, id| numbers.get(id).copied())?;
        views.push(view);
        files.extend(pictures);
    }
    Ok((views, files))
}

/// The score of the frame's analysis, otherwise of its highest finding; -1 when nothing was scored.
fn suspicion(snapshot: &ReportSnapshot, image: &KeyImage) -> f32 {
    let of_frame = snapshot
        .analyses
        .iter()
        .map(|reported| &reported.analysis)
        .find(|analysis| analysis.sop_instance_uid == image.sop_instance_uid && analysis.frame == image.frame);
    let of_findings = image
        .findings
        .iter()
        .map(|reported| reported.finding.score.value())
        .fold(-1.0, f32::max);
    of_frame
        .and_then(|analysis| analysis.score)
        .map_or(of_findings, |score| score.value())
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}
