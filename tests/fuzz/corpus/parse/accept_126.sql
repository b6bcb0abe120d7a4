SELECT ts AT TIME ZONE 'Europe/Berlin' FROM t
