UPDATE instance SET planes = ?2 WHERE sop_instance_uid = ?1
