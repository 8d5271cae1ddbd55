SELECT sop_instance_uid, header FROM instance WHERE series = ?1
