SELECT * FROM cpu LATE DATA TO kafka('late', format = 'json') EMIT FINAL LIMIT 3
