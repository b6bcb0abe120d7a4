-- Only the five minutes in which the average was above 90 percent.
SELECT window_start, window_end, avg(v) AS load, max(v) AS peak
FROM kafka('cpu-usage')
WINDOW TUMBLING 5 MINUTES
HAVING avg(v) > 90;
