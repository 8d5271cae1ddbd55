//! How an image was made, from the data set itself or from the functional groups of an enhanced object (PS3.3 C.8.13).

use domain::Acquisition;
use domain::kind::PHANTOM_COMMENT;

use super::{data_set::DataSet, tag, text::CharacterSet};

/// Where the same fact may stand: an enhanced object has a sequence of its own for each.
struct Places<'a, 'b> {
    own: &'a DataSet<'b>,
    timing: Option<&'a DataSet<'b>>,
    echo: Option<&'a DataSet<'b>>,
    modifier: Option<&'a DataSet<'b>>,
    diffusion: Option<&'a DataSet<'b>>,
    frame_type: Option<&'a DataSet<'b>>,
    anatomy: Option<&'a DataSet<'b>>,
}

/// What a data set, or an item of the functional groups, says of it.
pub(super) fn acquisition(set: &DataSet<'_>, charset: &CharacterSet) -> Acquisition {
    let group = |tag: u32| set.items(tag).first();
    let places = Places {
        own: set,
        timing: group(tag::MR_TIMING_AND_RELATED_PARAMETERS_SEQUENCE),
        echo: group(tag::MR_ECHO_SEQUENCE),
        modifier: group(tag::MR_MODIFIER_SEQUENCE),
        diffusion: group(tag::MR_DIFFUSION_SEQUENCE),
        frame_type: group(tag::MR_IMAGE_FRAME_TYPE_SEQUENCE),
        anatomy: group(tag::FRAME_ANATOMY_SEQUENCE),
    };
    let text = |set: &DataSet<'_>, tag: u32| {
        let text = charset.decode(set.bytes(tag)?);
        let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        (!text.is_empty()).then(|| text.to_owned())
    };
    let meanings = |set: &DataSet<'_>, tag: u32| -> Vec<String> {
        let items = set.items(tag).iter();
        items.filter_map(|item| text(item, tag::CODE_MEANING)).collect()
    };
    let regions = |set: &DataSet<'_>| meanings(set, tag::ANATOMIC_REGION_SEQUENCE);
    Acquisition {
        image_type: match places.frame_type {
            Some(group) => values(group, tag::FRAME_TYPE, charset),
            None => values(set, tag::IMAGE_TYPE, charset),
        },
        scanning: places.scanning(charset),
        variant: places.variant(charset),
        sequence_name: text(set, tag::SEQUENCE_NAME).or_else(|| text(set, tag::PULSE_SEQUENCE_NAME)),
        echo_ms: set
            .number(tag::ECHO_TIME)
            .or_else(|| places.echo?.number(tag::EFFECTIVE_ECHO_TIME)),
        repetition_ms: set
            .number(tag::REPETITION_TIME)
            .or_else(|| places.timing?.number(tag::REPETITION_TIME)),
        inversion_ms: set
            .number(tag::INVERSION_TIME)
            .or_else(|| places.modifier?.number(tag::INVERSION_TIMES)),
        b_value: set
            .number(tag::DIFFUSION_B_VALUE)
            .or_else(|| places.diffusion?.number(tag::DIFFUSION_B_VALUE)),
        temporal_position: set
            .int(tag::TEMPORAL_POSITION_IDENTIFIER)
            .or_else(|| group(tag::FRAME_CONTENT_SEQUENCE)?.int(tag::TEMPORAL_POSITION_INDEX)),
        agent: text(set, tag::CONTRAST_BOLUS_AGENT)
            .or_else(|| meanings(set, tag::CONTRAST_BOLUS_AGENT_SEQUENCE).into_iter().next()),
        anatomy: places.anatomy.map_or_else(|| regions(set), regions),
        phantom: text(set, tag::IMAGE_COMMENTS).as_deref() == Some(PHANTOM_COMMENT),
    }
}

impl Places<'_, '_> {
    /// In the words of Scanning Sequence.
    fn scanning(&self, charset: &CharacterSet) -> Vec<String> {
        let said = values(self.own, tag::SCANNING_SEQUENCE, charset);
        if !said.is_empty() {
            return said;
        }
        let mut scanning = match self.own.code(tag::ECHO_PULSE_SEQUENCE) {
            Some("SPIN") => vec!["SE"],
            Some("GRADIENT") => vec!["GR"],
            Some("BOTH") => vec!["SE", "GR"],
            _ => vec![],
        };
        if self.own.code(tag::ECHO_PLANAR_PULSE_SEQUENCE) == Some("YES") {
            scanning.push("EP");
        }
        if self.modifier.and_then(|group| group.code(tag::INVERSION_RECOVERY)) == Some("YES") {
            scanning.push("IR");
        }
        scanning.into_iter().map(str::to_owned).collect()
    }

    /// In the words of Sequence Variant.
    fn variant(&self, charset: &CharacterSet) -> Vec<String> {
        let said = values(self.own, tag::SEQUENCE_VARIANT, charset);
        let spoiling = self.modifier.and_then(|group| group.code(tag::SPOILING));
        match spoiling {
            Some("RF" | "GRADIENT" | "RF_AND_GRADIENT") if said.is_empty() => vec!["SP".to_owned()],
            _ => said,
        }
    }
}

fn values(set: &DataSet<'_>, tag: u32, charset: &CharacterSet) -> Vec<String> {
    let said = charset.code(set, tag).unwrap_or_default();
    let values = said.split('\\').map(str::trim);
    values.filter(|value| !value.is_empty()).map(str::to_owned).collect()
}
