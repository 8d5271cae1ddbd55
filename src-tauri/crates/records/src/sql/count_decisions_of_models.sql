SELECT judged.model_version, standing.decision, count(*)
FROM judged_analysis AS judged
JOIN finding ON finding.analysis = judged.id
LEFT JOIN review AS standing
    ON standing.id = (SELECT max(id) FROM review WHERE review.finding_id = finding.finding_id)
WHERE judged.analysed_at >= ?1
GROUP BY judged.model_version, standing.decision
