"""Builds the engine with CMake, unless TWINWARD_LIBRARY names one, and puts it into the package."""

import os
import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.dist import Distribution

HERE = Path(__file__).resolve().parent


class BuildWithEngine(build_py):
    def run(self):
        super().run()
        library = os.environ.get("TWINWARD_LIBRARY")
        if not library:
            tree = Path(os.environ.get("TWINWARD_SOURCE", HERE.parent))
            build = Path(self.build_lib).resolve() / "engine"
            subprocess.check_call(
                [
                    "cmake",
                    "-S",
                    str(tree),
                    "-B",
                    str(build),
                    "-G",
                    "Ninja",
                    "-DCMAKE_BUILD_TYPE=Release",
                    "-DTW_TESTS=OFF",
                ]
            )
            subprocess.check_call(["cmake", "--build", str(build), "--target", "twinward_twin"])
            library = build / "libtwinward-twin.so"
            shutil.copy(library, Path(self.build_lib) / "twinward")
            shutil.rmtree(build)
        else:
            shutil.copy(library, Path(self.build_lib) / "twinward")


class WithLibrary(Distribution):
    def has_ext_modules(self):
        return True


setup(cmdclass={"build_py": BuildWithEngine}, distclass=WithLibrary)
