INSERT INTO finding (
    analysis, finding_id, position, label, score, box_x, box_y, box_width, box_height, peak_x, peak_y, area_px,
    area_mm2, outlines
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
