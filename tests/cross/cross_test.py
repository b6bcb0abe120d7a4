"""The decoders on processors that this machine is not: they must say the same as here.

    NEON        built for aarch64, run by qemu
    plain C     the same, without any vector instructions
    AVX-512     each instruction as a C function (SIMDe), since few machines and no emulator have it
"""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
CROSS = {"CMAKE_SYSTEM_NAME": "Linux", "CMAKE_SYSTEM_PROCESSOR": "aarch64",
         "CMAKE_C_COMPILER": "aarch64-linux-gnu-gcc",
         "CMAKE_CXX_COMPILER": "aarch64-linux-gnu-g++"}
TOOLS = ("aarch64-linux-gnu-gcc", "aarch64-linux-gnu-g++", "qemu-aarch64", "cmake")
ROUNDS = "300"


def build(folder, **variables):
    if shutil.which("ccache"):
        variables["CMAKE_C_COMPILER_LAUNCHER"] = "ccache"
    defines = [f"-D{name}={value}" for name, value in variables.items()]
    for command in (["cmake", "-G", "Ninja", "-S", str(HERE), "-B", folder, *defines],
                    ["cmake", "--build", folder, "-j", str(os.cpu_count())]):
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            raise AssertionError(f"{' '.join(command)}:\n{ended.stdout}{ended.stderr}")
    return str(Path(folder, "decode_print"))


def printed(*command):
    """What decode_print says, and the name of the kernels that it used."""
    ended = subprocess.run(command, capture_output=True, check=True, timeout=600)
    return ended.stdout, ended.stderr.decode().strip()


@unittest.skipUnless(all(map(shutil.which, TOOLS)), "no cross compiler or no qemu for aarch64")
class OtherProcessorsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.expected, _ = printed(build(f"{cls.folder.name}/native"), ROUNDS)

    def check(self, name, kernels, **variables):
        program = build(f"{self.folder.name}/{name}", **CROSS, **variables)
        said, used = printed("qemu-aarch64", program, ROUNDS)
        self.assertEqual(f"kernels: {kernels}", used)
        self.assertGreater(len(said), 100_000)
        for ours, theirs in zip(self.expected.splitlines(), said.splitlines()):
            self.assertEqual(ours, theirs)
        self.assertEqual(len(self.expected), len(said))

    def test_neon(self):
        self.check("neon", "base")

    def test_plain_c(self):
        self.check("plain", "base", WEIR_KERNELS="none")

    def test_avx512(self):
        self.check("avx512", "avx512", WEIR_KERNELS="emulated")


if __name__ == "__main__":
    unittest.main()
