SELECT order FROM t
