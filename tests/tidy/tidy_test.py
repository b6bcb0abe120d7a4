"""The tree is tidy, and tidy itself sees what it should: every rule has a sample that breaks it."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import tidy  # noqa: E402

OPENING = "/* What this file is for. */\n"


def rules(path, text):
    return {finding.rule for finding in tidy.check_file(path, text)}


class TreeTest(unittest.TestCase):
    def test_tree_is_tidy(self):
        findings = tidy.check_tree(Path(__file__).parents[2])
        self.assertEqual([], [str(f) for f in findings])


class RuleTest(unittest.TestCase):
    def assert_breaks(self, rule, path, text):
        self.assertIn(rule, rules(path, text))

    def assert_clean(self, path, text):
        self.assertEqual(set(), rules(path, text))

    def test_layers(self):
        self.assert_breaks("layer", "core/a.c", OPENING + '#include "parser/ast.h"\n')
        self.assert_breaks("layer", "parser/a.c", OPENING + '#include "planner/plan.h"\n')
        self.assert_breaks("layer", "functions/a.c", OPENING + '#include "connectors/x.h"\n')
        self.assert_breaks("layer", "exec/a.c", OPENING + '#include "engine/db.h"\n')
        self.assert_breaks("layer", "cli/a.c", OPENING + '#include "core/arena.h"\n')
        self.assert_breaks("layer", "core/a.c", OPENING + '#include "weir.h"\n')
        self.assert_breaks("layer", "core/a.c", OPENING + '#include "arena.h"\n')
        self.assert_breaks("layer", "examples/a/a.c", OPENING + '#include "core/arena.h"\n')
        self.assert_clean("exec/a.c", OPENING + '#include "planner/plan.h"\n')
        self.assert_clean("cli/a.c", OPENING + '#include "weir.h"\n')

    def test_forbidden_calls(self):
        for call in ("sprintf(b, x)", "strcpy(a, b)", "strcat (a, b)", "atoi(a)", "strtok(a, b)"):
            self.assert_breaks("forbidden-call", "cli/a.c", OPENING + f"int x = {call};\n")
        self.assert_clean("cli/a.c", OPENING + "/* sprintf(x) */\nchar *a = \"strcpy(\";\n")
        self.assert_clean("cli/a.c", OPENING + "int a = snprintf(b, c, d);\n")

    def test_clocks(self):
        self.assert_breaks("clock", "exec/a.c", OPENING + "int a = time(NULL);\n")
        self.assert_breaks("clock", "connectors/a.c", OPENING + "clock_gettime(a, &b);\n")
        self.assert_clean("core/time.c", OPENING + "clock_gettime(a, &b);\n")
        self.assert_clean("exec/a.c", OPENING + "int a = event_time(x) + b->time(z);\n")

    def test_library_is_silent(self):
        self.assert_breaks("output", "engine/a.c", OPENING + "fprintf(stderr, a);\n")
        self.assert_breaks("process", "core/a.c", OPENING + "exit(1);\n")
        self.assert_breaks("memory", "exec/a.c", OPENING + "char *a = malloc(3);\n")
        self.assert_clean("cli/a.c", OPENING + "fprintf(stderr, a);\n")

    def test_waiver(self):
        waiver = "/* tidy: allow memory: the library gives it away */\n"
        self.assert_clean("functions/a.c", OPENING + waiver + "free(text);\n")

    def test_line_length_counts_characters(self):
        self.assert_breaks("columns", "core/a.c", OPENING + "/* " + "x" * 100 + " */\n")
        self.assert_clean("core/a.c", OPENING + "/* " + "─" * 94 + " */\n")

    def test_opening_comment(self):
        self.assert_breaks("opening", "core/a.c", '#include "core/b.h"\n')
        self.assert_breaks("opening", "tests/lib/a.py", "import sys\n")

    def test_default_in_switch(self):
        ours = "switch (a) {\ncase WR_TYPE_TEXT: break;\ndefault: break;\n}\n"
        other = "switch (a) {\ncase 'x': break;\ndefault: break;\n}\n"
        nested = f"switch (a) {{\ncase WR_TYPE_TEXT: {{\n{other}}}\n}}\n"
        self.assert_breaks("default", "core/a.c", OPENING + ours)
        self.assert_clean("core/a.c", OPENING + other)
        self.assert_clean("core/a.c", OPENING + nested)

    def test_goto(self):
        self.assert_breaks("goto", "core/a.c", OPENING + "goto fail;\n")
        self.assert_clean("core/a.c", OPENING + "goto done;\n")

    def test_names(self):
        body = "(int a)\n{\n    return a;\n}\n"
        self.assert_breaks("name", "core/a.c", OPENING + "static int\nwr_thing_do" + body)
        self.assert_breaks("name", "core/a.c", OPENING + "int\nthing_do" + body)
        self.assert_breaks("name", "core/a.c", OPENING + "typedef int wr_thing_t;\n")
        self.assert_clean("core/a.c", OPENING + "static int\nthing_do" + body)

    def test_guard(self):
        self.assert_breaks("guard", "core/a.h", OPENING + "#ifndef A_H\n#define A_H\n#endif\n")
        guard = "#ifndef WEIR_CORE_A_H\n#define WEIR_CORE_A_H\n#endif\n"
        self.assert_clean("core/a.h", OPENING + guard)

    def test_sizes(self):
        long_body = "    a++;\n" * 130
        function = f"int\nwr_thing_do(int a)\n{{\n{long_body}    return a;\n}}\n"
        self.assert_breaks("function-length", "core/a.c", OPENING + function)
        waiver = "/* One case an opcode. tidy: allow function-length: dispatch loop */\n"
        self.assert_clean("core/a.c", OPENING + waiver + function)
        many = ", ".join(f"int a{i}" for i in range(9))
        self.assert_breaks("parameters", "core/a.c",
                           OPENING + f"int\nwr_f({many})\n{{\n    return 0;\n}}\n")
        self.assert_breaks("file-length", "core/a.c", OPENING + "int a;\n" * 950)

    def test_words(self):
        self.assert_breaks("todo", "core/a.c", OPENING + "/* TODO: later */\n")
        self.assert_breaks("path", "docs/a.md", "see /home/" + "someone/x\n")

    def test_white_space(self):
        self.assert_breaks("tab", "core/a.c", OPENING + "\tint a;\n")
        self.assert_breaks("space", "core/a.c", OPENING + "int a; \n")
        self.assert_breaks("newline", "core/a.c", OPENING + "int a;")


if __name__ == "__main__":
    unittest.main()
