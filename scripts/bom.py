"""Prints a bill of materials, CycloneDX 1.6 in JSON: Parallax and every package that it needs, as installed here.

For a release it is made in a virtual environment of `scripts/install` without the tools. The same packages give the
same bytes. A licence is given as `licences.py` has it.
"""

import json
from importlib.metadata import PackageMetadata
from typing import Any

from licences import licence, needed, requirements
from packaging.utils import canonicalize_name


def bill(name: str) -> dict[str, Any]:
    """The document. Raises PackageNotFoundError when the package is not installed."""
    packages = dict(sorted(needed(name).items()))
    told = {one: package.metadata for one, package in packages.items()}
    purls = {one: _purl(one, of["Version"]) for one, of in told.items()}
    depends = [
        {
            "ref": purls[one],
            "dependsOn": sorted({purls[canonicalize_name(wanted.name)] for wanted in requirements(package)}),
        }
        for one, package in packages.items()
    ]
    parts = {one: _component(one, of, purls[one]) for one, of in told.items()}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", **parts.pop(name)}},
        "components": [{"type": "library", **part} for part in parts.values()],
        "dependencies": depends,
    }


def _component(name: str, told: PackageMetadata, purl: str) -> dict[str, Any]:
    said = licence(told)
    named = {"expression": said} if "License-Expression" in told else {"license": {"name": said}}
    return {
        "bom-ref": purl,
        "name": name,
        "version": told["Version"],
        "purl": purl,
        "licenses": [named] if said else [],
    }


def _purl(name: str, version: str) -> str:
    """The package URL; a local version's plus sign is escaped, as its specification says."""
    return f"pkg:pypi/{name}@{version.replace('+', '%2B')}"


if __name__ == "__main__":
    print(json.dumps(bill("parallax"), indent=1))
