"""Fetches peers into build/ with pip and Maven, once; a peer that cannot be had is None, and a line
of the output says why."""
import shutil
import subprocess
import sys

from runner import HERE, ROOT

VENV = ROOT / "build" / "bench-venv"
PIP_LIMIT_S = 900


def tried(command, limit_s=PIP_LIMIT_S):
    """Its output; None when it failed."""
    try:
        ended = subprocess.run([str(word) for word in command], check=True, capture_output=True,
                               text=True, timeout=limit_s)
        return ended.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def python():
    """The interpreter of the peers' virtual environment."""
    path = VENV / "bin" / "python"
    if not path.exists() and tried([sys.executable, "-m", "venv", VENV]) is None:
        print("- peers left out: DuckDB, chDB (no Python with venv)")
        return None
    return str(path)


def package(interpreter, module, name, requirement=None):
    """The interpreter when the module is there, or can be put there."""
    ask = [interpreter, "-c", f"import {module}; print({module}.__version__)"]
    version = tried(ask)
    if version is None and \
            tried([interpreter, "-m", "pip", "-q", "install", requirement or module]) is not None:
        version = tried(ask)
    if version is None:
        print(f"- peer left out: {name} (pip cannot install it)")
        return None
    print(f"- peer: {name} {version.splitlines()[-1]}")
    return interpreter


def jars(name, pom):
    """The folder with the jars of bench/peers/POM, as a class path."""
    libs = ROOT / "build" / pom.replace("-pom.xml", "-libs")
    if shutil.which("mvn") is None or shutil.which("java") is None:
        print(f"- peer left out: {name} (needs Java 17 and Maven)")
        return None
    if not (libs / "complete").exists():
        if tried(["mvn", "-B", "-q", "-f", HERE / "peers" / pom, "dependency:copy-dependencies",
                  "-DincludeScope=runtime", f"-DoutputDirectory={libs}"]) is None:
            print(f"- peer left out: {name} (Maven cannot fetch its jars)")
            return None
        (libs / "complete").touch()
    return libs


def java(program, libs, *options):
    """bench/peers/PROGRAM compiled into its jars' folder; the command that runs it."""
    source = HERE / "peers" / f"{program}.java"
    compiled = libs / f"{program}.class"
    if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(["javac", "-cp", f"{libs}/*", "-d", str(libs), str(source)], check=True)
    return ["java", *options, "-cp", f"{libs}:{libs}/*", program]
