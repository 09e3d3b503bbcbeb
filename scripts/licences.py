"""Lists the licence of everything installed here, and fails where one is not on the short list of those permitted.

What users get and what only the tools of the tests need is told apart. Judged is what a package says of itself; where
it says nothing, or not enough, its licence files were read by hand. Permitted are licences that ask for no more than a
notice, and the MPL 2.0, which asks for the source of its own files, and those are taken as they are. GPL and AGPL would
reach what is built with them. Wheels of NumPy, SciPy and faiss carry GCC's runtime libraries in files of their own:
GPL with the exception that lets programs use them, and for libquadmath LGPL. What drives an accelerator comes with the
machine's build of PyTorch under its maker's terms; it is listed, not judged.
"""

import re
import sys
from importlib.metadata import Distribution, PackageMetadata, PackageNotFoundError, distribution, distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PERMITTED = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-0"),
    *("MIT-CMU", "MPL-2.0", "PSF-2.0", "Zlib", "Apache-2.0 WITH LLVM-exception"),
    # The same, as classifiers and free text have it.
    *("3-Clause BSD License", "Apache 2.0", "Apache 2.0 License", "Apache Software License", "BSD License"),
    *("ISC License (ISCL)", "MIT License", "Mozilla Public License 2.0 (MPL 2.0)"),
}
READ = {
    "atheris": "Apache-2.0",
    "axe-playwright-python": "MIT AND MPL-2.0",
    # It says "dependency licenses": those of the libraries in PDFium, of which none asks for more than a notice.
    "pypdfium2": "Apache-2.0 AND BSD-3-Clause",
}
DRIVERS = ("cuda-", "nvidia-")
CLASSIFIER = "License :: OSI Approved :: "


def licence(told: PackageMetadata) -> str:
    """What a package says its licence is: an SPDX expression, else its classifiers, else free text; "" for nothing."""
    lines = told.get_all("Classifier") or []
    classes = [line.removeprefix(CLASSIFIER) for line in lines if line.startswith(CLASSIFIER)]
    said = told.get("License-Expression") or " AND ".join(classes) or (told.get("License") or "").strip()
    return READ.get(canonicalize_name(told["Name"]), said)


def permitted(said: str) -> bool:
    """Whether every licence named is on the list; of a choice, too, each."""
    if said in PERMITTED:  # which may hold parentheses of its own
        return True
    parts = re.split(r"\s+(?:AND|OR)\s+", re.sub(r"[()]", "", said))
    return all(part in PERMITTED for part in parts)


def needed(name: str) -> dict[str, Distribution]:
    """An installed package and everything that it needs on this machine, by name.

    Raises PackageNotFoundError.
    """
    found: dict[str, Distribution] = {}
    waiting = [(canonicalize_name(name), "")]
    seen = set(waiting)
    while waiting:
        current, extra = waiting.pop()
        package = found.setdefault(current, distribution(current))
        for following in requirements(package, extra):
            wanted = {(canonicalize_name(following.name), one) for one in {"", *following.extras}}
            waiting += wanted - seen
            seen |= wanted
    return found


def requirements(package: Distribution, extra: str = "") -> list[Requirement]:
    """What an installed package requires on this machine, or with an extra."""
    stated = map(Requirement, package.requires or [])
    return [one for one in stated if one.marker is None or one.marker.evaluate({"extra": extra})]


def main() -> int:
    try:
        users = needed("parallax")
    except PackageNotFoundError as error:
        print(f"{error.name} is not installed; run scripts/install.", file=sys.stderr)
        return 2
    others = {name: package for package in distributions() if (name := canonicalize_name(package.name)) not in users}
    refused = []
    for title, packages in (("What users get", users), ("What only the tools need", others)):
        print(f"{title}:")
        for name, package in sorted(packages.items()):
            told = package.metadata
            said = licence(told)
            fine = permitted(said) or name.startswith(DRIVERS)
            print(f"  {name} {told['Version']}: {said or 'says none'}{'' if fine else '  NOT PERMITTED'}")
            refused += [] if fine else [name]
    print(f"{len(users)} and {len(others)} packages; not permitted: {', '.join(refused) or 'none'}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
