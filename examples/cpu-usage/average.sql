-- One average for each five minutes, as each window closes.
SELECT avg(v) FROM kafka('cpu-usage') WINDOW TUMBLING 5 MINUTES;
