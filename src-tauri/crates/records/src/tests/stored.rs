//! What old signatures hashed is what is hashed today, byte by byte. The golden files were written by
//! the first program that signed; they never change.

use domain::Decision;

use super::Outcome;
use super::reading::{annotation, form, write};
use super::sample::{analyse, analysis, decide, finding, header, import, new_vault, refusal, review, uid};
use crate::stored::signed_bytes;

#[test]
fn the_bytes_of_a_signature_are_those_of_the_first_program() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let study = uid("1.2.1");
    let (strong, weak) = (finding('a', 0.9), finding('b', 0.2));
    let (first, second) = (header(1, 1), header(1, 2));
    for header in [&first, &second] {
        import(&mut vault, &admin, header)?;
    }
    analyse(&mut vault, &admin, 1, &analysis(&first, vec![weak.clone()]))?;
    analyse(&mut vault, &admin, 1, &analysis(&first, vec![strong.clone(), weak]))?;
    analyse(&mut vault, &admin, 1, &refusal(&second))?;
    let label = "cyst".to_owned();
    for decision in [Decision::Accepted, Decision::Changed { label }] {
        decide(&mut vault, &admin, &review(&strong, decision))?;
    }
    let bytes = |vault: &crate::Vault| -> Result<String, Box<dyn std::error::Error>> {
        let record = vault.study(&study)?.ok_or("no study")?;
        Ok(String::from_utf8(signed_bytes(&record)?)?)
    };
    let bare = bytes(&vault)?;
    write(&mut vault, &admin, 10, |tx| tx.save_form(&study, &form("Kein Anhalt")))?;
    write(&mut vault, &admin, 20, |tx| {
        tx.save_annotation(&study, &annotation('a', "new"))
    })?;
    assert_eq!(bare, include_str!("golden/signed.json").trim_end());
    assert_eq!(bytes(&vault)?, include_str!("golden/signed_with_words.json").trim_end());
    Ok(())
}
