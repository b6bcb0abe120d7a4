-- Alerts into another topic: hosts whose minute was above 90 percent, the host as the record's key.
INSERT INTO kafka('busy-hosts', key = host)
SELECT host, window_end, avg(v) AS load
FROM kafka('cpu')
WINDOW TUMBLING 1 MINUTE
GROUP BY host
HAVING avg(v) > 90;
