SELECT sop_instance_uid, header, planes FROM instance WHERE series = ?1
