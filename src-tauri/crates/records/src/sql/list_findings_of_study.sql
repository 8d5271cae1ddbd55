SELECT finding.analysis, finding.finding_id, finding.label, finding.score, finding.box_x, finding.box_y,
    finding.box_width, finding.box_height, finding.peak_x, finding.peak_y, finding.area_px, finding.area_mm2,
    finding.outlines
FROM series
CROSS JOIN instance ON instance.series = series.id
CROSS JOIN analysis ON analysis.instance = instance.id
CROSS JOIN finding ON finding.analysis = analysis.id
WHERE series.study = ?1
ORDER BY finding.analysis, finding.position
