//! What is to be told of the images of a study, each sentence once.

use serde::{Deserialize, Serialize};

use crate::{Sentence, Uid};

/// A sentence that was noted of one image or of many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Noted {
    /// What was noted.
    pub told: Sentence,
    /// Of so many images or documents.
    pub images: u32,
    /// The series that they are of.
    pub series: Vec<Uid>,
}

/// Gathers the notes of all images, in the order in which they come.
pub fn gathered<'a>(of_images: impl IntoIterator<Item = (&'a Uid, &'a [Sentence])>) -> Vec<Noted> {
    let mut all: Vec<Noted> = vec![];
    for (series, notes) in of_images {
        for told in notes {
            match all.iter_mut().find(|noted| noted.told == *told) {
                Some(noted) => {
                    noted.images += 1;
                    if !noted.series.contains(series) {
                        noted.series.push(series.clone());
                    }
                }
                None => all.push(Noted {
                    told: told.clone(),
                    images: 1,
                    series: vec![series.clone()],
                }),
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SentenceCode;

    #[test]
    fn what_is_noted_of_many_images_is_told_once_with_their_number() {
        let (one, two) = (Uid::from_bits([1; 16]), Uid::from_bits([2; 16]));
        let [cut, odd] = [SentenceCode::FileFramesMissing, SentenceCode::FileAnimation]
            .map(|code| Sentence::new(code, [], code.as_str()));
        let (first, second) = ([cut.clone()], [odd.clone(), cut.clone()]);
        let images = [
            (&one, &first[..]),
            (&one, &[]),
            (&two, &second[..]),
            (&two, &second[..]),
        ];
        let noted = |told: Sentence, images: u32, series: &[&Uid]| Noted {
            told,
            images,
            series: series.iter().map(|uid| (*uid).clone()).collect(),
        };
        assert_eq!(gathered(images), [noted(cut, 3, &[&one, &two]), noted(odd, 2, &[&two])]);
    }
}
