"""Damages a library, one bit or one block of zeros at a time, and asks it everything.

    python scripts/flips.py [--flips 500] [--seed 1]

What was damaged must be told by a sentence that names the file, the folder or the document, or change no answer and no
citation at all. Where the sentence says to repair the library or to add files again, that is done, and the library must
answer as before. Ends with 1 where anything else happens: another answer, a traceback, a hang. `docs/proof.md` has the
figures.
"""

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trial import REFUSED, Answers, ChildError, answers, counted, files, opened, result, told

from index.types import ParallaxError


@dataclass(frozen=True, slots=True)
class Damage:
    """One bit turned, or a block of zeros."""

    file: str
    at: int
    """Byte of the file."""
    size: int
    """Bytes of a block of zeros; 0: one bit."""
    bit: int

    def do(self, folder: Path) -> bool:
        """Damage the file in a library's folder; whether it is another one now."""
        path = folder / self.file
        whole = bytearray(path.read_bytes())
        before = bytes(whole)
        if self.size:
            length = len(whole[self.at : self.at + self.size])
            whole[self.at : self.at + self.size] = bytes(length)
        else:
            whole[self.at] ^= 1 << self.bit
        path.write_bytes(whole)
        return bytes(whole) != before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flips", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        outcomes = counted(damaged(Path(name), options.flips, options.seed))
    sys.exit(told(outcomes))


def damaged(folder: Path, flips: int, seed: int) -> Iterator[str]:
    """What became of each damage; tells every wrong outcome on stderr."""
    made = folder / "library"
    session = opened(made, create=True)
    for path in files(folder / "files"):
        session.add(path)
    right = answers(made)
    assert right == answers(made) and not any(said.startswith(REFUSED) for said in right)
    draw = random.Random(seed)
    while flips:
        damage = drawn(draw, made)
        shutil.rmtree(folder / "damaged", ignore_errors=True)
        shutil.copytree(made, folder / "damaged")
        if not damage.do(folder / "damaged"):
            continue  # zeros over zeros
        outcome, said = judged(folder / "damaged", folder / "files", right)
        part = "tables" if damage.file.endswith(".sqlite") else "search files"
        yield f"{outcome} ({part})"
        flips -= 1
        if outcome.startswith("WRONG"):
            print(damage, said, file=sys.stderr)


def drawn(draw: random.Random, folder: Path) -> Damage:
    """Of half of the damages each file is as likely as another, of the others the tables are hit."""
    paths = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    held = [path for path in paths if (folder / path).stat().st_size]
    file = draw.choice(held) if draw.random() < 0.5 else "library.sqlite"
    at = draw.randrange((folder / file).stat().st_size)
    size = draw.choice([0, 0, 512, 4096])
    return Damage(file, at - at % size if size else at, size, draw.randrange(8))


def judged(folder: Path, added: Path, right: Answers) -> tuple[str, str]:
    """What became of a damaged library, and what it said."""
    try:
        said = result(lambda: answers(folder))
        assert isinstance(said, list)
        refused = [one for one in said if one.startswith(REFUSED)]
        if other := differing(said, right):
            return "WRONG answers", other
        if not refused:
            return ("harmless", "") if said == right else ("WRONG number of answers", "")
        if any(str(folder) not in one and "“" not in one for one in refused):
            return "WRONG, for the sentence names nothing", str(refused)
        return mended(folder, added, right, refused), refused[0]
    except ChildError as error:
        return "WRONG end", str(error)


def mended(folder: Path, added: Path, right: Answers, refused: list[str]) -> str:
    """What comes of what the sentences say to do."""
    if all("--repair" in one for one in refused):
        result(opened(folder)._library.mend)
        return "told, and mended from the text" if result(lambda: answers(folder)) == right else "WRONG mending"
    return "told" if all("again" not in one for one in refused) else healed(folder, added, right)


def healed(folder: Path, added: Path, right: Answers) -> str:
    """What comes of adding every file again, as a sentence said."""
    if refusal := result(lambda: heal(folder, added)):
        return "told, and told again when added again" if "new library" in str(refusal) else "WRONG advice"
    return "told, and healed by adding again" if result(lambda: answers(folder)) == right else "WRONG healing"


def heal(folder: Path, added: Path) -> str:
    """Add every file again; the sentence that refuses it, if one does."""
    try:
        for path in sorted(added.iterdir()):
            opened(folder).add(path)
    except ParallaxError as error:
        return str(error)
    return ""


def differing(said: Answers, right: Answers) -> str:
    """The first answer that is neither the right one nor a refusal."""
    for one, two in zip(said, right, strict=False):
        if one != two and not one.startswith(REFUSED):
            return f"{one[:2000]}\n  instead of\n{two[:2000]}"
    return ""


if __name__ == "__main__":
    main()
