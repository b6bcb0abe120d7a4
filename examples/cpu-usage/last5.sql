-- The average of the last five minutes, every five seconds.
SELECT window_end, avg(v) AS load
FROM kafka('cpu-usage')
WINDOW HOPPING 5 MINUTES ADVANCE BY 5 SECONDS;
