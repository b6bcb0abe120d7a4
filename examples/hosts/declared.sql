-- The same over the time in the message. Readings may come up to ten seconds out of order.
CREATE STREAM cpu (
    ts BIGINT,
    host TEXT,
    v DOUBLE,
    WATERMARK FOR to_timestamp(ts, 'ms') DELAY 10 SECONDS
) WITH (connector = 'kafka', topic = 'cpu', format = 'json');

SELECT window_start, host, avg(v) AS load, count(*) AS readings
FROM cpu
WINDOW TUMBLING 1 MINUTE
GROUP BY host;
