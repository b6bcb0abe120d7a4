SELECT a FROM t full JOIN u ON a = b
