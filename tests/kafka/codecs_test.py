"""Compressed topics are read as any other."""
import unittest

from topics import TopicTest, at


class CodecsTest(TopicTest):
    def check(self, codec):
        topic = self.topic_of([at(i / 1000, f'{{"host":"web-{i % 3}","v":{i}}}')
                               for i in range(3000)], stem=codec, codec=codec)
        result = self.run_sql(f"SELECT host, count(*) AS n, sum(v) AS s FROM kafka('{topic}') "
                              "WINDOW TUMBLING 5 MINUTES GROUP BY host")
        self.assertEqual([(f"web-{h}", 1000, sum(range(h, 3000, 3))) for h in range(3)],
                         [(row["host"], row["n"], row["s"]) for row in result.rows()])

    def test_lz4(self):
        self.check("lz4")

    def test_zstd(self):
        self.check("zstd")

    def test_snappy(self):
        self.check("snappy")

    def test_gzip(self):
        self.check("gzip")


if __name__ == "__main__":
    unittest.main()
