//! One study UID of two persons: the images of the second become a study of their own (record 33).

use domain::identity::{Differs, folded_name};
use domain::{Header, Patient, Uid};
use sha2::{Digest, Sha256};

/// The header with UIDs that belong to this person, and a sentence that says so without a name.
pub(super) fn kept_apart(header: &Header, field: Differs) -> (Header, String) {
    let mut apart = header.clone();
    let uid = &header.study.study_instance_uid;
    apart.study.study_instance_uid = uid_of_person(uid, &header.patient);
    apart.series.series_instance_uid = uid_of_person(&header.series.series_instance_uid, &header.patient);
    let told = format!(
        "its Study Instance UID {uid} is there with another {}: it is kept apart as the study {}; ask who sent it whose \
         it is",
        field.in_words(),
        apart.study.study_instance_uid
    );
    (apart, told)
}

/// The same for all files of both.
fn uid_of_person(uid: &Uid, patient: &Patient) -> Uid {
    let name = folded_name(patient.patient_name.split('=').next().unwrap_or_default());
    let parts = [
        uid.as_str(),
        patient.patient_id.as_str(),
        patient.issuer.as_deref().unwrap_or_default(),
        name.as_str(),
        patient.birth_date.as_deref().unwrap_or_default(),
        patient.sex.as_deref().unwrap_or_default(),
    ];
    let digest = Sha256::digest(parts.join("\\"));
    let mut bits = [0; 16];
    bits.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    Uid::from_bits(bits)
}
