//! A region with its name, score and identity.

use domain::{Finding, Region, Score};

use super::Image;
use crate::bundle::sha256_hex;
use crate::regions::Component;

/// The finding of a region.
pub fn finding(image: Image<'_>, component: Component, label: &str, score: Score) -> Finding {
    Finding {
        id: finding_id(image, label, &component.region),
        label: label.to_owned(),
        score,
        region: component.region,
    }
}

/// The same for the same region of the same frame by the same weights.
fn finding_id(image: Image<'_>, label: &str, region: &Region) -> String {
    let (b, p) = (region.bounds, region.peak);
    let text = format!(
        "{}\n{}\n{}\n{label}\n{} {} {} {} {} {} {}",
        image.facts.sop_instance_uid,
        image.facts.frame,
        image.bundle.model.weights_sha256,
        b.x,
        b.y,
        b.width,
        b.height,
        p.x,
        p.y,
        region.area_px
    );
    sha256_hex(text.as_bytes())[..32].to_owned()
}
