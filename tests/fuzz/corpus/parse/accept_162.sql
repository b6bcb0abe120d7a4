SELECT count(*) FILTER (WHERE v > 1) hot, percentile_cont(0.5) WITHIN GROUP (ORDER BY v) FROM t
