"""What an error tells to paste works when it is pasted."""
import json
import re
import tempfile
import unittest
from pathlib import Path

import weir

NAMES = ["select", "from", "order by", "ünï", "a.b", 'with"quote', "a-b", "1x", "user", "end",
         "value", "time", "window", "table", "v", "key", "Group", "where", "interval", "first",
         "it's", "Host", "timestamp", "true", "null", "5s", "_key", "$d"]


class PasteTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        weir.require_binary()

    def test_declaration_of_a_misfit(self):
        row = {name: f"x{i}" for i, name in enumerate(NAMES)}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "it's odd.jsonl"
            lines = [json.dumps({"n": i, **row, "": 1}) for i in range(1100)]
            path.write_text("\n".join([*lines, '{"n": 1.5, "": 1}', ""]))
            quoted = str(path).replace("'", "''")
            result = weir.run("-c", f"SELECT sum(n) AS s FROM file('{quoted}')")
            self.assertEqual(1, result.rc, result.err)
            self.assertIn("E0802", result.err)
            statement = re.search(r"CREATE STREAM (\S+) .*;", result.err)
            self.assertIsNotNone(statement, result.err)
            again = weir.run("-c", f"{statement.group()} SELECT sum(n) AS s FROM "
                             f"{statement.group(1)}; SELECT * FROM {statement.group(1)} LIMIT 1")
            self.assertEqual(0, again.rc, again.err)
            self.assertEqual([{"s": 1100 * 1099 / 2 + 1.5}, {"n": 0, **row}], again.rows())


if __name__ == "__main__":
    unittest.main()
