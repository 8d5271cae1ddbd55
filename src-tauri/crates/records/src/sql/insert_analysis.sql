INSERT INTO analysis (
    instance, frame, model_version, input_verdict, input_reason, input_score, score, flagged,
    operating_point_name, operating_point_threshold, operating_point_sensitivity, operating_point_specificity,
    operating_point_set, device, precision, decode_ms, preprocess_ms, infer_ms, post_ms, total_ms, app_version,
    map_file, analysed_at, analysed_by, input_reason_coded, sensitivity_low, sensitivity_high, specificity_low,
    specificity_high, set_pack, set_subset, set_split, set_images, set_patients, chosen_on_set,
    point_by_patient, flags, model_signer, prevalence
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,
    ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39
)
