"""Runs Python tests: every *_test.py of the folders or files named, in one process.

    python3 tests/run.py [--build build/dev] [-k word] tests/cli tests/kafka/restart_test.py

One process, so that all broker tests share one Kafka broker. Ends with the line
`N passed, N failed, N skipped`; exit 1 when something failed.
"""
import argparse
import os
import sys
import time
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path[:0] = [str(TESTS / "lib"), str(TESTS / "kafka")]


class TimedResult(unittest.TextTestResult):
    """One line per test with its duration: slow tests must be seen."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.passed_count = 0
        self.started = 0.0

    def startTest(self, test):
        self.started = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        self.passed_count += 1
        super().addSuccess(test)

    def stopTest(self, test):
        self.stream.write(f"     {time.monotonic() - self.started:6.2f} s\n")
        super().stopTest(test)


def suite_of(paths, word):
    loader = unittest.TestLoader()
    if word:
        loader.testNamePatterns = [f"*{word}*"]
    suite = unittest.TestSuite()
    for path in paths:
        path = Path(path).resolve()
        files = sorted(path.glob("*_test.py")) if path.is_dir() else [path]
        for file in files:
            sys.path.insert(0, str(file.parent))
            suite.addTests(loader.loadTestsFromName(file.stem))
    return suite


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=str(TESTS.parent / "build" / "dev"))
    parser.add_argument("-k", dest="word", help="only tests whose name contains this")
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    os.environ["WEIR_BUILD"] = str(Path(options.build).resolve())
    sys.stdout.reconfigure(line_buffering=True)
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=TimedResult)
    result = runner.run(suite_of(options.paths, options.word))
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    passed = result.passed_count + len(result.expectedFailures)
    print(f"{passed} passed, {failed} failed, {len(result.skipped)} skipped", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
