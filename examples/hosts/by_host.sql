-- The load of each host by minute; nothing is declared.
SELECT host, avg(v) AS load, count(*) AS readings
FROM kafka('cpu')
WINDOW TUMBLING 1 MINUTE
GROUP BY host;
