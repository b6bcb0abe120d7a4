SELECT min(v), first(v), last(v), count(*) FROM t GROUP BY s, h, d, m
