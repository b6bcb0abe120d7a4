"""Runs the weir command as a user would: arguments, stdin, pipes or a terminal, signals.

    result = weir.run("-c", "SELECT 1 AS a")          ended: result.rc, .out, .err, .rows()
    with weir.start("-c", "SELECT …") as query:       running: query.next_line(), .interrupt()

A run that a sanitizer stopped raises, whatever the test expected: exit code 99 is theirs.
"""
import json
import os
import pty
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("WEIR_BUILD", ROOT / "build" / "dev"))
BINARY = Path(os.environ.get("WEIR_BIN", BUILD / "weir"))
SANITIZER_RC = 99
OUT_OF_MEMORY_RC = -signal.SIGABRT
OUT_OF_MEMORY = "weir: out of memory\n"
DEFAULT_TIMEOUT_S = 60


class Result(NamedTuple):
    rc: int
    out: str
    err: str

    def rows(self):
        """The rows of a jsonl output."""
        return [json.loads(line) for line in self.out.splitlines() if line.strip()]

    def lines(self):
        return self.out.splitlines()


def environment(extra=None):
    """A clean environment: no WEIR_* of the caller's, no configuration, sanitizers that speak."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("WEIR_")}
    env["HOME"] = env["XDG_CONFIG_HOME"] = "/nonexistent"
    env["TZ"] = "UTC"
    env["LC_ALL"] = "C.UTF-8"
    env["ASAN_OPTIONS"] = f"exitcode={SANITIZER_RC}:detect_stack_use_after_return=1"
    env["LSAN_OPTIONS"] = f"exitcode={SANITIZER_RC}:suppressions={ROOT}/tests/lib/leaks.txt"
    env["UBSAN_OPTIONS"] = f"exitcode={SANITIZER_RC}:print_stacktrace=1"
    env.update(extra or {})
    return env


def check_sanitizers(rc, err):
    if rc == OUT_OF_MEMORY_RC and err.endswith(OUT_OF_MEMORY):
        return
    if rc == SANITIZER_RC or "Sanitizer" in err or ": runtime error: " in err:
        raise AssertionError(f"a sanitizer stopped weir (exit {rc}):\n{err}")
    if rc in (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE):
        raise AssertionError(f"weir crashed (signal {-rc}):\n{err}")


def text_of(data):
    return data.decode("utf-8", errors="replace")


def run(*arguments, stdin=b"", timeout=DEFAULT_TIMEOUT_S, env=None, cwd=None):
    """Runs to its end. `stdin` is bytes or text; None leaves it closed (/dev/null)."""
    if isinstance(stdin, str):
        stdin = stdin.encode()
    named = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
    try:
        ended = subprocess.run([BINARY, *map(os.fspath, arguments)], capture_output=True,
                               timeout=timeout, env=environment(env), cwd=cwd, check=False, **named)
    except subprocess.TimeoutExpired as error:
        raise AssertionError(
            f"weir did not end within {timeout} s; stdout: {text_of(error.stdout or b'')[-2000:]}"
            f" stderr: {text_of(error.stderr or b'')[-2000:]}") from None
    result = Result(ended.returncode, text_of(ended.stdout), text_of(ended.stderr))
    check_sanitizers(result.rc, result.err)
    return result


class Running:
    """A weir that runs: lines of stdout as they come, stderr kept, ended by the context."""

    def __init__(self, arguments, env=None, cwd=None, stdin=subprocess.DEVNULL):
        self.process = subprocess.Popen(
            [BINARY, *map(os.fspath, arguments)], stdin=stdin, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=environment(env), cwd=cwd)
        self.lines, self.err_bytes = queue.Queue(), b""
        self.readers = [threading.Thread(target=read, daemon=True)
                        for read in (self._read_out, self._read_err)]
        for reader in self.readers:
            reader.start()

    def _read_out(self):
        for line in self.process.stdout:
            self.lines.put(text_of(line).rstrip("\n"))
        self.lines.put(None)

    def _read_err(self):
        for line in self.process.stderr:
            self.err_bytes += line

    @property
    def err(self):
        return text_of(self.err_bytes)

    def next_line(self, timeout=DEFAULT_TIMEOUT_S):
        """The next line of stdout; raises when none comes or the output ended."""
        try:
            line = self.lines.get(timeout=timeout)
        except queue.Empty:
            raise AssertionError(f"no line within {timeout} s; stderr:\n{self.err}") from None
        if line is None:
            raise AssertionError(f"weir ended (exit {self.process.wait()}); stderr:\n{self.err}")
        return line

    def next_row(self, timeout=DEFAULT_TIMEOUT_S):
        return json.loads(self.next_line(timeout))

    def wait_err(self, text, timeout=DEFAULT_TIMEOUT_S):
        """Waits until stderr contains `text`."""
        end = time.monotonic() + timeout
        while text not in self.err:
            if time.monotonic() > end:
                raise AssertionError(f"stderr has no {text!r} after {timeout} s:\n{self.err}")
            time.sleep(0.02)

    def send(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=DEFAULT_TIMEOUT_S):
        """Waits for the end; the Result's `out` holds the lines that nobody has read."""
        try:
            rc = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"weir did not end within {timeout} s; stderr:\n{self.err}") from None
        for reader in self.readers:
            reader.join(5)
        rest = []
        while not self.lines.empty():
            line = self.lines.get()
            if line is not None:
                rest.append(line)
        check_sanitizers(rc, self.err)
        return Result(rc, "\n".join(rest), self.err)

    def stop(self, timeout=DEFAULT_TIMEOUT_S):
        """Stops it as ^C does and returns its Result."""
        self.send(signal.SIGINT)
        return self.wait(timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def start(*arguments, env=None, cwd=None, stdin=subprocess.DEVNULL):
    return Running(arguments, env=env, cwd=cwd, stdin=stdin)


def run_terminal(*arguments, typed=b"", timeout=DEFAULT_TIMEOUT_S, env=None, columns=100,
                 cwd=None):
    """Runs with stdin, stdout and stderr on a terminal; returns (rc, everything it showed)."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [BINARY, *map(os.fspath, arguments)], stdin=follower, stdout=follower, stderr=follower,
        env=environment({"TERM": "xterm", "COLUMNS": str(columns), **(env or {})}),
        cwd=cwd, start_new_session=True)
    os.close(follower)
    os.write(leader, typed)
    shown, end = b"", time.monotonic() + timeout
    while time.monotonic() < end:
        ready, _, _ = select.select([leader], [], [], 0.1)
        try:
            data = os.read(leader, 65536) if ready else None
        except OSError:  # the other side is closed: it ended
            break
        if data:
            shown += data
        elif process.poll() is not None and not ready:
            break
    if process.poll() is None and time.monotonic() >= end:
        process.kill()
        process.wait()
        raise AssertionError(f"weir did not end within {timeout} s:\n{text_of(shown)}")
    rc = process.wait()
    os.close(leader)
    output = text_of(shown).replace("\r\n", "\n")
    check_sanitizers(rc, output)
    return rc, output


def require_binary():
    if not BINARY.exists():
        sys.exit(f"no {BINARY}: build it first (cmake --build --preset dev)")
