SELECT id FROM patient
WHERE patient_id = ?1 AND patient_name = ?2 AND ifnull(birth_date, '') = ifnull(?3, '') AND ifnull(sex, '') = ifnull(?4, '')
    AND ifnull(issuer, '') = ifnull(?5, '') AND ifnull(issuer_id, '') = ifnull(?6, '')
    AND patient_id <> ''
