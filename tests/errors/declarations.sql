-- What the statements of the golden errors may name.
CREATE STREAM cpu (ts TIMESTAMP, host TEXT, v DOUBLE, n BIGINT, ok BOOLEAN, p JSON,
    WATERMARK FOR ts DELAY 5 SECONDS) WITH (connector = 'host');
CREATE STREAM orders (id BIGINT, customer TEXT, amount DOUBLE, paid BOOLEAN, at BIGINT)
    WITH (connector = 'host');
CREATE STREAM alerts (host TEXT, level BIGINT) WITH (connector = 'file', path = 'alerts.jsonl');
CREATE VIEW busy AS SELECT host, avg(v) AS load FROM cpu WINDOW TUMBLING 1 MINUTE GROUP BY host;
