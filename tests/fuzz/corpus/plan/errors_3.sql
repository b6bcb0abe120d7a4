SELECT * FROM sqlite('a.db', 't');
SELECT * FROM cpu, UNNEST(p) AS t(x);
EXPLAIN STATE SELECT 1;
CREATE TABLE t (k TEXT, PRIMARY KEY (k)) WITH (connector = 'kafka', topic = 't');
