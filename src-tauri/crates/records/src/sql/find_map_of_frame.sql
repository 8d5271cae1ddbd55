SELECT newest_analysis.map_file, instance.header ->> '$.image.rows', instance.header ->> '$.image.cols' FROM instance
JOIN newest_analysis ON newest_analysis.instance = instance.id
WHERE instance.sop_instance_uid = ?1 AND newest_analysis.frame = ?2
