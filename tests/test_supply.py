"""What is installed: locked by hash, under licences that are permitted, listed in the bill of materials."""

import re
import sys
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
import bom
import licences
import lock
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PINS = {
    canonicalize_name(name): version
    for name, version in (line.split("==") for line in (ROOT / "scripts/constraints.txt").read_text().split())
}


def locked(name: str) -> dict[str, str]:
    """What a lock says of each package, by its name."""
    found = lock.entries((ROOT / "scripts" / name).read_text())
    return {canonicalize_name(pin.split("==")[0]): lines for pin, lines in found.items()}


def test_every_pin_is_locked_by_hash_and_by_the_version_that_the_constraints_name() -> None:
    both = locked("locked.txt") | locked("locked-dev.txt")
    for name, lines in both.items():
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", lines), name
        assert re.match(r"\S+==(\S+)", lines)[1] == PINS.get(name, lines.split()[0].split("==")[1]), name  # type: ignore[index]


def test_everything_that_the_project_names_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    users, dev = locked("locked.txt"), locked("locked-dev.txt")
    for wanted in map(Requirement, project["dependencies"]):
        assert canonicalize_name(wanted.name) in users or wanted.name == "torch", wanted
    for wanted in map(Requirement, project["optional-dependencies"]["dev"]):
        assert canonicalize_name(wanted.name) in users | dev, wanted


def test_nothing_is_installed_for_users_that_is_not_locked() -> None:
    beside = licences.needed("parallax").keys() - locked("locked.txt").keys()
    assert {name for name in beside if not f"{name}==".startswith(lock.ACCELERATORS)} == {"parallax"}


def test_the_licence_of_everything_installed_is_permitted(capsys: pytest.CaptureFixture[str]) -> None:
    assert licences.main() == 0, capsys.readouterr().out


@pytest.mark.parametrize("said", ["", "GPL-3.0-only", "MIT AND AGPL-3.0-or-later", "(MIT OR GPL-2.0-only)", "Other"])
def test_a_licence_that_is_not_on_the_list_is_refused(said: str) -> None:
    assert not licences.permitted(said)


def test_the_bill_names_each_package_once_and_what_it_needs() -> None:
    document = bom.bill("parallax")
    refs = [part["bom-ref"] for part in [document["metadata"]["component"], *document["components"]]]
    assert len(refs) == len(set(refs)) == len(licences.needed("parallax"))
    depends = {entry["ref"]: entry["dependsOn"] for entry in document["dependencies"]}
    assert depends.keys() == set(refs) and {ref for needs in depends.values() for ref in needs} <= set(refs)
