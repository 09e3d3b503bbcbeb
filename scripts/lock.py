"""Writes the locks, scripts/locked*.txt: every file that scripts/install may take, by its SHA-256.

Versions are those of scripts/constraints.txt and, for what that does not name, those locked before. The locks hold for
every platform and Python that pyproject.toml allows: what only some need has a marker, and of each version the hashes
of all its files stand there. Resolved by uv, in a virtual environment that is thrown away.

PyTorch and what drives its accelerators are left out: which build of them fits is the machine's affair, and builds of
one version come from several places with a hash each. scripts/install takes PyTorch by its exact version.
"""

import argparse
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

SCRIPTS = Path(__file__).parent
HEADER = "# Written by scripts/lock.py from constraints.txt; not by hand.\n"
ACCELERATORS = ("cuda-", "nvidia-", "torch==", "triton==")


def entries(lock: str) -> dict[str, str]:
    """The lines of each requirement of a lock, by its first line's version."""
    found: dict[str, str] = {}
    for line in lock.splitlines(keepends=True):
        if line[0].isalnum():
            name = line.split()[0]
            found[name] = line
        elif line.startswith("    --hash="):
            found[name] += line
    return found


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    pins = (SCRIPTS / "constraints.txt").read_text()
    uv = next(pin for pin in pins.split() if pin.startswith("uv=="))
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", uv], check=True)
        tool = Path(folder) / "uv.in"
        tool.write_text(uv)
        project = SCRIPTS.parent / "pyproject.toml"
        users = _resolved(python, [project], Path(folder) / "users")
        dev = _resolved(python, [project, "--extra", "dev"], Path(folder) / "dev")
        _write("locked-uv", _resolved(python, [tool], Path(folder) / "uv"))
    _write("locked", users)
    _write("locked-dev", {name: lines for name, lines in dev.items() if name not in users})


def _resolved(python: Path, wanted: list[Path | str], out: Path) -> dict[str, str]:
    # What is locked already stays where nothing speaks against it.
    locks = [SCRIPTS / f"{name}.txt" for name in ("locked", "locked-dev")]
    out.write_text("".join(path.read_text() for path in locks if path.exists()))
    how = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-header", "--quiet"]
    pins = ["--constraint", SCRIPTS / "constraints.txt", "--output-file", out, "--system-certs"]
    subprocess.run([python, "-m", "uv", "pip", "compile", *how, *pins, *wanted], check=True)
    return {name: lines for name, lines in entries(out.read_text()).items() if not name.startswith(ACCELERATORS)}


def _write(name: str, lock: dict[str, str]) -> None:
    (SCRIPTS / f"{name}.txt").write_text(HEADER + "".join(lock.values()))


if __name__ == "__main__":
    main()
