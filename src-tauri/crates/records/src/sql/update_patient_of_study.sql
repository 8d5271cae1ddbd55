UPDATE study SET patient = ?2 WHERE id = ?1
