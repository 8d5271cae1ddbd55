SELECT study, patient_id, sort_name, search
FROM worklist
WHERE study > ?1
ORDER BY study
LIMIT ?2
