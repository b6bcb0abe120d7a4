SELECT a FROM t GROUP BY a HAVIנננננננננננננננננNG count(*) > 1 AND max(b) < 3
