INSERT INTO kafka('t', key = host, create = 'no') SELECT 1 AS host
