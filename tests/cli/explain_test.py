"""EXPLAIN (FORMAT JSON) and weir explain --json: what programs may rely on."""
import json
import unittest

import weir

STREAM = ("CREATE STREAM cpu (ts TIMESTAMP, host TEXT, v DOUBLE, "
          "WATERMARK FOR ts AS ts - INTERVAL '10' SECOND) "
          "WITH (connector = 'kafka', topic = 't', format = 'json');")
NODE = {"id", "node", "text", "columns", "changes", "state", "inputs"}
KINDS = {
    "scan": {"source", "connector", "format", "learned", "bounded", "on_error", "watermark"},
    "filter": {"predicate"},
    "project": {"expressions"},
    "aggregate": {"keys", "aggregates", "window", "emit", "late_rows"},
    "window": {"window"},
    "sort": {"keys", "per_window", "limit", "offset"},
    "limit": {"limit", "offset"},
    "union": set(),
    "result": set(),
    "sink": {"sink", "connector", "format", "exactly_once"},
}
STATE = {"per", "bytes", "windows", "one_group", "keeps_values", "forgets", "spills"}


def explain(query, *options):
    result = weir.run(*options, "-c", STREAM + "EXPLAIN (FORMAT JSON) " + query)
    if result.rc != 0:
        raise AssertionError(result.err)
    row, = result.rows()
    return json.loads(row["plan"])


def nodes(node):
    yield node
    for below in node["inputs"]:
        yield from nodes(below)


class ExplainTest(unittest.TestCase):
    def node(self, plan, kind):
        return next(node for node in nodes(plan["plan"]) if node["node"] == kind)

    def test_every_node_has_the_members_of_its_kind(self):
        seen = set()
        for query in ("SELECT host, avg(v) AS a FROM cpu WHERE v > 1 WINDOW TUMBLING 1 MINUTE "
                      "GROUP BY host ORDER BY a LIMIT 3",
                      "SELECT v FROM cpu LIMIT 1", "SELECT v FROM cpu WINDOW TUMBLING 1 MINUTE",
                      "SELECT v FROM cpu UNION ALL SELECT 1.5",
                      "INSERT INTO null() SELECT v FROM cpu"):
            plan = explain(query)
            self.assertEqual(1, plan["version"])
            self.assertLessEqual({"bounded", "lanes", "memory_limit", "notice", "result", "plan"},
                                 set(plan))
            for node in nodes(plan["plan"]):
                self.assertEqual(NODE | KINDS[node["node"]], set(node))
                self.assertTrue(node["state"] is None or set(node["state"]) == STATE)
                seen.add(node["node"])
        self.assertEqual(set(KINDS), seen)

    def test_types_watermark_window_and_emission(self):
        plan = explain("SELECT host, avg(v) AS a, count(DISTINCT v) FILTER (WHERE v > 0) AS d "
                       "FROM cpu WINDOW HOPPING (SIZE 5 MINUTES, ADVANCE BY 1 MINUTE, "
                       "GRACE PERIOD 30 SECONDS) GROUP BY host EMIT EVERY 10 SECONDS AND FINAL")
        self.assertEqual([{"name": "host", "type": "TEXT"}, {"name": "a", "type": "DOUBLE"},
                          {"name": "d", "type": "BIGINT"}], plan["result"])
        self.assertIs(False, plan["bounded"])
        self.assertEqual({"event_time": "ts", "delay_us": 10_000_000,
                          "idle_timeout_us": 30_000_000}, self.node(plan, "scan")["watermark"])
        aggregate = self.node(plan, "aggregate")
        self.assertEqual({"kind": "hopping", "size_us": 300_000_000, "advance_us": 60_000_000,
                          "offset_us": 0, "grace_us": 30_000_000}, aggregate["window"])
        self.assertEqual({"kind": "every", "every_us": 10_000_000, "and_final": True},
                         aggregate["emit"])
        self.assertEqual(["host"], aggregate["keys"])
        self.assertEqual([("avg", False, "DOUBLE", ["v"]), ("count", True, "BIGINT", ["v"])],
                         [(item["function"], item["distinct"], item["type"], item["arguments"])
                          for item in aggregate["aggregates"]])
        self.assertIsNone(aggregate["aggregates"][0]["filter"])
        self.assertIn("v", aggregate["aggregates"][1]["filter"])

    def test_state_is_bounded_or_said_not_to_be(self):
        final = explain("SELECT host, avg(v) AS a FROM cpu WINDOW TUMBLING 1 MINUTE GROUP BY host",
                        "-D", "memory_limit=64 MB")
        self.assertEqual(64 << 20, final["memory_limit"])
        state = self.node(final, "aggregate")["state"]
        self.assertEqual(("group", 3, False, False, True, True),
                         (state["per"], state["windows"], state["one_group"],
                          state["keeps_values"], state["forgets"], state["spills"]))
        self.assertTrue(40 < state["bytes"] < 200, state)
        endless = self.node(explain("SELECT host, median(v) AS m FROM cpu GROUP BY host"),
                            "aggregate")["state"]
        self.assertEqual((0, True, False, False),
                         (endless["windows"], endless["keeps_values"], endless["forgets"],
                          endless["spills"]))

    def test_the_text_says_the_same(self):
        def lines(query):
            result = weir.run("-c", STREAM + "EXPLAIN " + query)
            self.assertEqual(0, result.rc, result.err)
            return [row["plan"] for row in result.rows() if row["plan"].startswith("state of")]

        line, = lines("SELECT host, avg(v) FROM cpu WINDOW TUMBLING 1 MINUTE GROUP BY host")
        self.assertRegex(line, r"^state of aggregate \d+: about \d+ bytes a group and window, "
                               r"3 windows open at once; what has no room in 256 MB waits on disk$")
        line, = lines("SELECT host, count(DISTINCT v) FROM cpu GROUP BY host")
        self.assertRegex(line, r"bytes a group, and the values of each group; "
                               r"no group is forgotten; it stays in memory$")
        self.assertEqual([], lines("SELECT v FROM cpu"))

    def test_columns_that_have_to_be_learned(self):
        self.assertEqual({"version": 1, "learned": "at start"},
                         explain("SELECT * FROM kafka('nobody declared me')"))


if __name__ == "__main__":
    unittest.main()
