SELECT analysis.id, instance.sop_instance_uid, analysis.frame, model_version.bundle, model_version.version,
    model_version.weights_sha256, analysis.input_verdict, analysis.input_reason, analysis.input_score, analysis.score,
    analysis.flagged, analysis.operating_point_name, analysis.operating_point_threshold,
    analysis.operating_point_sensitivity, analysis.operating_point_specificity, analysis.operating_point_set,
    analysis.device, analysis.precision, analysis.decode_ms, analysis.preprocess_ms, analysis.infer_ms,
    analysis.post_ms, analysis.total_ms, analysis.app_version, analysis.map_file, analysis.analysed_at,
    analysis.analysed_by,
    NOT EXISTS (
        SELECT 1 FROM analysis AS later
        WHERE later.instance = analysis.instance AND later.frame = analysis.frame AND later.id > analysis.id
    ) AS newest,
    analysis.input_reason_coded, analysis.sensitivity_low, analysis.sensitivity_high, analysis.specificity_low,
    analysis.specificity_high, analysis.set_pack, analysis.set_subset, analysis.set_split, analysis.set_images,
    analysis.set_patients, analysis.chosen_on_set, analysis.point_by_patient,
    analysis.flags, analysis.model_signer, analysis.prevalence
FROM series
CROSS JOIN instance ON instance.series = series.id
CROSS JOIN analysis ON analysis.instance = instance.id
JOIN model_version ON model_version.id = analysis.model_version
WHERE series.study = ?1
ORDER BY analysis.id
