SELECT a AS order FROM t
