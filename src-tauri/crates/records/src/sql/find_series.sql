SELECT id, study FROM series WHERE series_instance_uid = ?1
