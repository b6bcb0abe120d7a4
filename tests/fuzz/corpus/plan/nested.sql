CREATE VIEW a AS SELECT * FROM busy;
CREATE VIEW b AS SELECT a.* FROM a UNION ALL SELECT host, v FROM cpu;
CREATE OR REPLACE VIEW a AS SELECT * FROM b;
SELECT * FROM a;
SELECT * FROM b WINDOW TUMBLING 1 HOUR;
WITH x AS (SELECT * FROM x) SELECT * FROM x;
WITH x AS (SELECT p.a.b['c'][0].d AS q FROM cpu), y(z) AS (SELECT q FROM x) SELECT z.z, y.z.z, count(z) FROM y GROUP BY 1, 2;
SELECT CASE WHEN p.a THEN p.b ELSE p.c END, p.a + p.b || p.c, coalesce(p.a, p.b, 1) FROM cpu ORDER BY p.a;
INSERT INTO kafka('t', key = (host, v)) (a, b) SELECT host, v FROM cpu UNION ALL VALUES (1, 2), ('x', NULL);
