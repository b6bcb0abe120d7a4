-- Numbers from standard input, one a line, onto the topic as they come.
INSERT INTO kafka('cpu-usage', format = 'text')
SELECT v FROM stdin(format = 'text', columns = 'v DOUBLE');
