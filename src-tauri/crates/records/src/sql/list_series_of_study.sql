SELECT series_instance_uid, modality, number, description, protocol_name, body_part_examined, view_position, manufacturer
FROM series
WHERE study = ?1
ORDER BY number, series_instance_uid
