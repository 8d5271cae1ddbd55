SELECT bundle, share, changed_at, changed_by FROM site_prevalence ORDER BY id
