"""The style is a test: layers, forbidden calls, clocks, line length, opening comments, sizes.

    python3 tests/tidy/tidy.py [--report] [root]     prints `file:line: rule: what`, exit 1 if any

A rule can be waived where there is a reason, on the line or the line above it:
    /* tidy: allow <rule>: the reason */
and a long dispatch loop in the comment above its function:  tidy: allow function-length: reason
"""
import functools
import re
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

LINE_COLUMNS = 100
FILE_LINES_HARD = 900
FUNCTION_LINES_HARD = 120
PARAMETERS_HARD = 8
LINE_MODELS = "models: file median <= 400, function median <= 15, p95 <= 60, <= 5 parameters"

# What each layer may include. cli is a user's program: weir.h and its own headers only.
MAY_INCLUDE = {
    "core": {"core"},
    "parser": {"parser", "core"},
    "functions": {"functions", "core"},
    "connectors": {"connectors", "core"},
    "planner": {"planner", "parser", "functions", "connectors", "core"},
    "exec": {"exec", "planner", "functions", "connectors", "core"},
    "engine": {"engine", "exec", "planner", "parser", "functions", "connectors", "core"},
    "cli": {"cli"},
    "include": set(),
    "examples": set(),
}
LAYERS = {"core", "parser", "functions", "connectors", "planner", "exec", "engine"}
MAY_INCLUDE_WEIR_H = {"engine", "cli", "examples", "tests", "bench"}

# (rule, pattern, why, folders or None for all of C, files that may)
CALLS = [
    ("forbidden-call",
     r"\b(v?sprintf|strcpy|stpcpy|strcat|strncat|strncpy|atoi|atol|atoll|atof|strtok|gets|alloca)"
     r"\s*\(", "is forbidden", None, set()),
    ("clock", r"(?<![\w.>])(time|clock|clock_gettime|gettimeofday|localtime|gmtime|ftime)\s*\(",
     "reads a clock: time is an argument, only core/time.c asks", LAYERS, {"core/time.c"}),
    ("output", r"(?<![\w.>])(printf|fprintf|vfprintf|puts|fputs|putchar|putc|perror)\s*\(",
     "prints: a library is silent", LAYERS, {"core/memory.c"}),
    ("memory", r"(?<![\w.>])(malloc|calloc|realloc|free|strdup|strndup|asprintf|aligned_alloc)"
     r"\s*\(", "is core/memory's business", LAYERS, {"core/memory.c"}),
    ("process", r"(?<![\w.>])(exit|_exit|abort|signal|sigaction|setlocale|system|popen|dlopen)"
     r"\s*\(", "is not for a library to call", LAYERS, {"core/memory.c"}),
    ("locale", r"(?<![\w.>])(strtod|strtof|tolower|toupper|isalpha|isspace|isdigit|isalnum)\s*\(",
     "depends on the locale of the host program", LAYERS, set()),
]
WORDS = [
    ("todo", r"\b(TODO|FIXME|XXX|HACK)\b", "is finished or taken out, not promised"),
    ("path", r"(?<![\w./])/(?:home|root|work)/", "is a path of one machine"),
]
C_SUFFIXES = {".c", ".h", ".cc", ".y"}
TEXT_SUFFIXES = C_SUFFIXES | {".py", ".sh", ".cmake", ".md", ".txt", ".json", ".slt", ".sql"}


class Finding(NamedTuple):
    path: str
    line: int
    rule: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


class Function(NamedTuple):
    path: str
    name: str
    line: int
    length: int
    parameters: int
    is_static: bool


def blank_comments_and_strings(text):
    """The same text with comments and literals turned into spaces; lines and columns stay."""
    pattern = re.compile(
        r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def is_allowed(lines, line, rule):
    return any(f"tidy: allow {rule}" in lines[i]
               for i in (line - 1, line - 2) if 0 <= i < len(lines))


def matching_brace(code, opening):
    depth = 0
    for i in range(opening, len(code)):
        depth += {"{": 1, "}": -1}.get(code[i], 0)
        if depth == 0:
            return i
    return len(code)


def parameter_count(parameters):
    parameters = parameters.strip()
    if parameters in ("", "void"):
        return 0
    depth = commas = 0
    for c in parameters:
        depth += {"(": 1, ")": -1}.get(c, 0)
        commas += c == "," and depth == 0
    return commas + 1


@functools.lru_cache(maxsize=8)
def functions_of(path, code):
    """Function definitions in our style: name at the start of a line, braces alone on one."""
    found = []
    for match in re.finditer(r"^(\w+)\(", code, re.M):
        closing, depth = match.end(), 1
        while closing < len(code) and depth > 0:
            depth += {"(": 1, ")": -1}.get(code[closing], 0)
            closing += 1
        if not re.match(r"\s*\n\{", code[closing:]):
            continue
        end = code.find("\n}", closing)
        end = len(code) - 1 if end < 0 else end + 1
        before = code[:match.start()].rstrip("\n").rsplit("\n", 1)[-1]
        line = line_of(code, match.start())
        found.append(Function(path, match.group(1), line, line_of(code, end) - line + 1,
                              parameter_count(code[match.end():closing - 1]),
                              before.lstrip().startswith("static")))
    return found


def check_text(path, text):
    lines = text.split("\n")
    suffix = Path(path).suffix
    for number, line in enumerate(lines, 1):
        if suffix in C_SUFFIXES | {".py", ".sh"} and len(line) > LINE_COLUMNS:
            yield Finding(path, number, "columns", f"{len(line)} columns, at most {LINE_COLUMNS}")
        if suffix in C_SUFFIXES | {".py"} and "\t" in line:
            yield Finding(path, number, "tab", "indent with spaces")
        if suffix in C_SUFFIXES | {".py", ".sh", ".cmake"} and line.rstrip() != line:
            yield Finding(path, number, "space", "space at the end of the line")
        for rule, pattern, why in WORDS:
            match = re.search(pattern, line)
            if match and not path.startswith("tests/tidy/") and not is_allowed(lines, number, rule):
                yield Finding(path, number, rule, f"{match.group().strip()} {why}")
    if text and not text.endswith("\n") and suffix in C_SUFFIXES | {".py"}:
        yield Finding(path, len(lines), "newline", "the file does not end with a newline")


def check_opening(path, text):
    suffix = Path(path).suffix
    opens = {".py": r'\s*(#!.*\n)?\s*"""', ".sh": r"#!.*\n#"}.get(suffix, r"/\*")
    if suffix == ".y":
        opens = r"(%include\s*\{\s*)?/\*|//"
    if text.strip() and not re.match(opens, text):
        yield Finding(path, 1, "opening", "open with a comment: what the file is for, its idea")


def check_includes(path, text):
    layer = path.split("/")[0]
    for match in re.finditer(r'^\s*#\s*include\s+"([^"]+)"', text, re.M):
        header, line = match.group(1), line_of(text, match.start())
        target = header.split("/")[0]
        if header == "weir.h":
            if layer not in MAY_INCLUDE_WEIR_H:
                yield Finding(path, line, "layer", f"{layer} may not include weir.h")
        elif layer in MAY_INCLUDE and "/" in header and target not in MAY_INCLUDE[layer]:
            yield Finding(path, line, "layer", f"{layer} may not include {header}")
        elif "/" not in header and layer in LAYERS:
            yield Finding(path, line, "layer", f"write the folder: \"{layer}/{header}\"")


def check_calls(path, text, code):
    layer, lines = path.split("/")[0], text.split("\n")
    for rule, pattern, why, folders, exempt in CALLS:
        if (folders is not None and layer not in folders) or path in exempt:
            continue
        for match in re.finditer(pattern, code):
            line = line_of(code, match.start())
            if not is_allowed(lines, line, rule):
                yield Finding(path, line, rule, f"{match.group(1)}() {why}")
    for match in re.finditer(r"\bgoto\s+(\w+)", code):
        if match.group(1) != "done":
            yield Finding(path, line_of(code, match.start()), "goto", "only `goto done`")


def check_switches(path, text, code):
    """No `default:` where a case is one of our enums: the compiler must list what is missing."""
    lines = text.split("\n")
    for match in re.finditer(r"\bswitch\s*\(", code):
        opening = code.find("{", match.end())
        if opening < 0:
            continue
        body = code[opening + 1:matching_brace(code, opening)]
        while True:  # inner switches are judged by themselves
            inner = re.search(r"\bswitch\s*\(", body)
            if inner is None or body.find("{", inner.end()) < 0:
                break
            end = matching_brace(body, body.find("{", inner.end()))
            body = body[:inner.start()] + re.sub(r"[^\n]", " ", body[inner.start():end + 1]) \
                + body[end + 1:]
        default = re.search(r"\bdefault\s*:", body)
        if default is None or not re.search(r"\bcase\s+(WR|WEIR)_[A-Z0-9_]+\s*:", body):
            continue
        line = line_of(code, opening + 1 + default.start())
        if not is_allowed(lines, line, "default"):
            yield Finding(path, line, "default", "switch over our enum: name every case")


def check_names(path, text, code):
    layer = path.split("/")[0]
    if path.endswith(".h") and layer in LAYERS:
        guard = "WEIR_" + re.sub(r"[/.]", "_", path).upper()
        if f"#ifndef {guard}\n#define {guard}\n" not in text:
            yield Finding(path, 1, "guard", f"include guard {guard}")
    for match in re.finditer(r"^(?:typedef\b.*|\})\s+\**((?:wr|weir)_\w+_t);", code, re.M):
        yield Finding(path, line_of(code, match.start()), "name",
                      f"{match.group(1)}: our types have no _t")
    if not path.endswith(".c") or layer not in LAYERS:
        return
    for function in functions_of(path, code):
        public = function.name.startswith(("wr_", "weir_"))
        if function.is_static and public:
            yield Finding(path, function.line, "name", f"static {function.name}: no prefix")
        if not function.is_static and not public:
            yield Finding(path, function.line, "name", f"{function.name}: wr_ across files")


def check_sizes(path, text, code):
    lines = text.split("\n")
    if len(lines) > FILE_LINES_HARD and not path.endswith(".y") and \
            not any("tidy: allow file-length" in x for x in lines):
        yield Finding(path, len(lines), "file-length", f"{len(lines)} lines: one idea a file")
    for function in functions_of(path, code):
        above = "\n".join(lines[max(0, function.line - 12):function.line])
        if function.length > FUNCTION_LINES_HARD and \
                "tidy: allow function-length" not in above:
            yield Finding(path, function.line, "function-length",
                          f"{function.name} has {function.length} lines")
        if function.parameters > PARAMETERS_HARD and "tidy: allow parameters" not in above:
            yield Finding(path, function.line, "parameters",
                          f"{function.name} takes {function.parameters}")


def check_file(path, text):
    """All findings of one file; `path` is relative to the root and decides which rules hold."""
    findings = list(check_text(path, text))
    suffix = Path(path).suffix
    if suffix in C_SUFFIXES | {".py", ".sh"}:
        findings += check_opening(path, text)
    if suffix in C_SUFFIXES:
        code = blank_comments_and_strings(text)
        findings += check_includes(path, text)
        findings += check_calls(path, text, code)
        findings += check_switches(path, text, code)
        findings += check_names(path, text, code)
        findings += check_sizes(path, text, code)
    return findings


def files_of(root):
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"],
        capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        names = listed.stdout.splitlines()
    else:
        names = [str(p.relative_to(root)) for p in root.rglob("*")
                 if "build" not in p.parts and ".git" not in p.parts]
    return sorted(n for n in names
                  if Path(n).suffix in TEXT_SUFFIXES and (root / n).is_file()
                  and "/corpus/" not in n)


def check_tree(root):
    findings = []
    for name in files_of(root):
        text = (root / name).read_text(encoding="utf-8", errors="replace")
        findings += check_file(name, text)
    return findings


def report(root):
    """The measured shape of the tree beside the shape of the models."""
    file_lines, functions = [], []
    for name in files_of(root):
        if Path(name).suffix in {".c", ".cc"} and name.split("/")[0] in LAYERS | {"cli"}:
            text = (root / name).read_text(encoding="utf-8", errors="replace")
            file_lines.append((text.count("\n"), name))
            functions += functions_of(name, blank_comments_and_strings(text))
    if not functions:
        return "no code yet"
    lengths = sorted(f.length for f in functions)
    wide = [f for f in functions if f.parameters > 5]
    longest = sorted(functions, key=lambda f: -f.length)[:10]
    return "\n".join([
        f"{len(file_lines)} files, median {statistics.median(n for n, _ in file_lines):.0f} lines,"
        f" longest {max(file_lines)[1]} ({max(file_lines)[0]})",
        f"{len(functions)} functions, median {statistics.median(lengths):.0f},"
        f" p95 {lengths[int(len(lengths) * 0.95)]} lines; {len(wide)} with more than 5 parameters",
        LINE_MODELS, "longest functions:",
        *(f"  {f.length:4d}  {f.path}:{f.line} {f.name}" for f in longest)])


def main():
    arguments = [a for a in sys.argv[1:] if a != "--report"]
    root = Path(arguments[0] if arguments else Path(__file__).parents[2]).resolve()
    findings = check_tree(root)
    for finding in findings:
        print(finding)
    if "--report" in sys.argv:
        print(report(root))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
