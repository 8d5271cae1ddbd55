SELECT study_instance_uid, patient_id, patient_name, study_date, modality, instances, running_jobs, analyses, refused,
    flagged, findings, findings_reviewed, signed, score, search, no_picture
FROM worklist
ORDER BY sort_name, study_date DESC, study DESC
