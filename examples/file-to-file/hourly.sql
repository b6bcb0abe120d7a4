-- One row for each hour and host, from a file of JSON lines to a CSV file.
INSERT INTO file('hourly.csv', mode = 'overwrite')
SELECT window_start, host, count(*) AS readings, avg(v) AS load, max(v) AS peak
FROM file('readings.jsonl') WATERMARK FOR to_timestamp(ts, 'ms') DELAY 1 MINUTE
WINDOW TUMBLING 1 HOUR
GROUP BY host;
