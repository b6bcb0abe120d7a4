"""The build as a stranger meets it: missing packages are named, the library exports weir_ only."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("WEIR_BUILD", ROOT / "build" / "dev"))


def configure(folder, *arguments, env=None):
    return subprocess.run(["cmake", "-S", str(ROOT), "-B", folder, "-G", "Ninja", *arguments],
                          env={**os.environ, **(env or {})}, capture_output=True, text=True,
                          check=False)


class MissingPackageTest(unittest.TestCase):
    def test_missing_library_is_named_by_its_debian_package(self):
        with tempfile.TemporaryDirectory() as folder:
            ended = configure(folder, env={"PKG_CONFIG_LIBDIR": "/nonexistent"})
        self.assertNotEqual(0, ended.returncode)
        said = " ".join(ended.stderr.split())
        self.assertIn("weir needs rdkafka >= 2.0.2, which was not found", said)
        self.assertIn("apt-get install librdkafka-dev", said)


@unittest.skipUnless((BUILD / "libweir.so").exists(), "libweir.so is not built")
class LibraryTest(unittest.TestCase):
    def test_exports_only_weir_names(self):
        listed = subprocess.run(["nm", "-D", "--defined-only", BUILD / "libweir.so"],
                                capture_output=True, text=True, check=True).stdout
        names = {line.split()[-1].split("@")[0] for line in listed.splitlines()}
        names.discard("WEIR_0")  # the version node itself
        self.assertIn("weir_open", names)
        self.assertEqual([], sorted(n for n in names if not n.startswith("weir_")))

    def test_soname(self):
        said = subprocess.run(["objdump", "-p", BUILD / "libweir.so"], capture_output=True,
                              text=True, check=True).stdout
        self.assertIn("libweir.so.0", said)

    def test_installs_and_is_found_by_pkg_config(self):
        with tempfile.TemporaryDirectory() as prefix:
            subprocess.run(["cmake", "--install", str(BUILD), "--prefix", prefix], check=True,
                           capture_output=True)
            for name in ("include/weir.h", "bin/weir"):
                self.assertTrue((Path(prefix) / name).exists(), name)
            found = [p.name for p in Path(prefix).rglob("*") if p.is_file() or p.is_symlink()]
        for name in ("libweir.so.0", "libweir.a", "weir.pc", "weirConfig.cmake"):
            self.assertIn(name, found)


if __name__ == "__main__":
    unittest.main()
