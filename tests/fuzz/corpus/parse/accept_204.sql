SELECT * FROM stdin()
