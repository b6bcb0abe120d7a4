SELECT count(*) filter, sum(x) AS over FROM t
