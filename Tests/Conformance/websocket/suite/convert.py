"""Makes Autobahn's test suite, which is Python 2, run: `convert.py FOLDER`.

Everything is installed into FOLDER, which is no part of the project: a virtual environment, and the suite's source
as the package index has it, turned into Python 3 there.
"""
import glob
import os
import re
import subprocess
import sys
import tarfile
import warnings

SUITE = "autobahntestsuite==25.10.1"
# The library of the suite's time, with what it needs; wsaccel masks and validates in C, or the cases with
# thousands of messages take hours.
PACKAGES = [
    "autobahn==0.10.9", "txaio==2.1.0", "wsaccel", "jinja2", "six", "twisted", "pyopenssl", "service_identity"]


def install(folder):
    """The Python of the environment, and the folder with the suite's packages."""
    python, code = os.path.join(folder, "bin/python"), os.path.join(folder, "code")
    if os.path.exists(os.path.join(folder, ".done")):
        return python, code
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "setuptools<70", "wheel"], check=True)
    subprocess.run([*pip, "install", "--no-build-isolation", *PACKAGES], check=True)
    subprocess.run(
        [*pip, "download", "--no-deps", "--no-binary", ":all:", "--no-build-isolation", "--dest", folder, SUITE],
        check=True)
    archive, = glob.glob(os.path.join(folder, "autobahntestsuite-*.tar.gz"))
    with tarfile.open(archive) as file:
        members = [one for one in file.getmembers() if "/autobahntestsuite/" in one.name]
        for one in members:
            one.name = one.name.partition("/")[2]
        file.extractall(code, members)
    convert(code)
    open(os.path.join(folder, ".done"), "w").close()
    return python, code


def convert(code):
    """To Python 3, where a text keeps a character for each byte that the source has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lib2to3.refactor import RefactoringTool, get_fixers_from_package

        tool = RefactoringTool(get_fixers_from_package("lib2to3.fixes"))
        for path in glob.glob(os.path.join(code, "**/*.py"), recursive=True):
            with open(path, encoding="latin-1") as file:
                text = file.read()
            text = re.sub(r"^# *(-\*-)? *coding.*$", "", text, count=1, flags=re.M)
            try:
                text = str(tool.refactor_string(text + "\n", path))
            except Exception as error:  # files that the client does not import
                print(f"left as it is: {path}: {error}")
            if "/case/" in path:
                text = "import latin\n" + text.replace("binascii.b2a_hex(", "latin.hex(")
                text = text.replace("(object, Case, )", "(Case,)")
                # The one division that is of whole numbers.
                text = text.replace(") / self.p.autoFragmentSize", ") // self.p.autoFragmentSize")
            with open(path, "w", encoding="latin-1") as file:
                file.write("# -*- coding: latin-1 -*-\n" + text)


if __name__ == "__main__":
    install(sys.argv[1])
