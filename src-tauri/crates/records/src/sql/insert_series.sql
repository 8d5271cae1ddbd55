INSERT INTO series (
    series_instance_uid, study, modality, number, description, protocol_name, body_part_examined, view_position,
    manufacturer
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
