//! What the reader of a report has to know of the files: what is doubted, and what was noted when they were read.

use domain::ReportSnapshot;

use crate::words::count;

/// More sentences than this are counted and not listed.
const LISTED: usize = 16;

/// A sentence each; none where there is nothing to tell.
pub fn limits(snapshot: &ReportSnapshot) -> Vec<String> {
    let all = snapshot.instance_count as usize;
    let doubts = snapshot.doubts.iter().map(|doubt| sentence(&doubt.told.words, None));
    let notes = snapshot.notes.iter().map(|noted| {
        let of = noted.images as usize;
        let files = if of == all {
            count(of, "file")
        } else {
            format!("{of} of {}", count(all, "file"))
        };
        sentence(&noted.told.words, Some(&files))
    });
    let mut told: Vec<String> = doubts.chain(notes).collect();
    if told.len() > LISTED {
        let more = told.len() - LISTED;
        told.truncate(LISTED);
        told.push(format!(
            "{more} more of these sentences are shown by the program and left out here."
        ));
    }
    told
}

/// With a capital, and a full stop behind what it concerns.
fn sentence(words: &str, files: Option<&str>) -> String {
    let words = words.trim().trim_end_matches('.');
    let mut letters = words.chars();
    let first = letters
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    let of = files.map(|files| format!(" ({files})")).unwrap_or_default();
    format!("{first}{}{of}.", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_note_becomes_a_sentence_that_says_of_how_many_files() {
        let files = Some("2 of 3 files");
        assert_eq!(sentence("the file is cut", files), "The file is cut (2 of 3 files).");
        assert_eq!(sentence("\u{e9}t\u{e9}.", None), "\u{c9}t\u{e9}.");
        assert_eq!(sentence("", None), ".");
    }
}
