SELECT file_id FROM instance WHERE sop_instance_uid = ?1
