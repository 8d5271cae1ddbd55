SELECT patient FROM study WHERE id = ?1
