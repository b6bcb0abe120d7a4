"""Runs ctest in a build folder and ends with one plain line: `N passed, N failed, N skipped`.

The counts are of single cases: a test program that reports its own (cmocka's `[  PASSED  ] n`, or a
line `n passed, n failed, n skipped`) counts as those, any other as one.
"""
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

OWN_LINE = re.compile(r"(?:^|; )(\d+) passed, (\d+) failed, (\d+) skipped$", re.M)
CMOCKA = {"passed": r"\[  PASSED  \] (\d+) test", "failed": r"\[  FAILED  \] .*?: (\d+) test",
          "skipped": r"\[  SKIPPED \] .*?(\d+) test"}


def case_counts(case):
    """(passed, failed, skipped) of one ctest test, from what it printed and how it ended."""
    status = case.get("status")
    output = case.findtext("system-out") or ""
    if status == "notrun" or case.find("skipped") is not None:
        return 0, 0, 1
    own = OWN_LINE.findall(output)
    if own:
        counts = [sum(int(line[i]) for line in own) for i in range(3)]
    else:
        counts = [sum(int(n) for n in re.findall(CMOCKA[kind], output))
                  for kind in ("passed", "failed", "skipped")]
    if status == "fail" and counts[1] == 0:
        counts[1] = 1  # crashed or timed out before it could say
    if sum(counts) == 0:
        counts[0] = 1
    return tuple(counts)


def main():
    build = Path(sys.argv[1])
    report = build / "test-report.xml"
    report.unlink(missing_ok=True)
    ended = subprocess.run(
        ["ctest", "--test-dir", str(build), "--output-on-failure", "--no-tests=ignore",
         "--output-junit", report.resolve(), "--test-output-size-passed", "1000000",
         "--test-output-size-failed", "1000000", "-j", str(os.cpu_count() or 1),
         *sys.argv[2:]],
        stderr=subprocess.STDOUT, check=False)
    passed = failed = skipped = 0
    if report.exists():
        for case in xml.parse(report).getroot().iter("testcase"):
            counts = case_counts(case)
            passed, failed, skipped = (a + b for a, b in zip((passed, failed, skipped), counts))
    if ended.returncode != 0 and failed == 0:
        failed = 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
