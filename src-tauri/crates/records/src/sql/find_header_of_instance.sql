SELECT instance.sop_instance_uid, instance.header FROM instance WHERE instance.sop_instance_uid = ?1
