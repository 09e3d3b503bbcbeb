"""Kills changes of a library at random moments, and looks whether it is the old one or the new one in full.

    python scripts/kills.py [--kills 300] [--seed 1] [--model]

A file is added, replaced by a changed one, described, indexed anew in another language and removed, and another library
is migrated into this one, in turn, each in a process that the system ends after a random part of the processor's time
that the change takes, as SIGKILL would: no line of it runs after. Then the library is opened and asked everything, and
must answer as the old one or as the new one (a migration goes document by document: as after any of them); the change
is made again, and it must answer as the new one, with nothing left behind. Ends with 1 where it does not. `--model`:
with the packaged encoder rather than one that needs no model. The tests kill and fail every single step in turn
(`tests/test_library.py`, `TestDeath`). `docs/proof.md` has the figures.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from trial import Answers, ChildError, Load, WordEncoder, answers, child, counted, files, opened, result, told

from index.manifest import SEGMENTS
from index.migrate import migrate
from index.types import Details, no_progress

Change = Callable[[Path], object]
"""What is done to the library in a folder."""
CHANGES = ("add", "replace", "describe", "re-index", "remove", "migrate")


@dataclass(frozen=True, slots=True)
class Trial:
    """A change with what a library says before and after it, and the seconds of the processor that it takes."""

    change: Change
    before: Answers
    after: Answers
    seconds: float
    between: Answers | None = None
    """What it says when one of the change's two documents is done."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        outcomes = counted(
            killed(Path(name), options.kills, options.seed, packaged() if options.model else WordEncoder)
        )
    sys.exit(told(outcomes))


def packaged() -> Load:
    """Gives the packaged encoder, loaded once."""
    from index.sentence_encoder import load

    encoder = load()
    return lambda name: encoder


def killed(folder: Path, kills: int, seed: int, load: Load) -> Iterator[str]:
    """What became of each change that was killed; tells every wrong outcome on stderr."""
    trials = prepared(folder, CHANGES[:kills], load)
    draw = random.Random(seed)
    for number in range(kills):
        name = list(trials)[number % len(trials)]
        try:
            outcome = once(folder, trials[name], draw.uniform(0, 1.1) * trials[name].seconds, load)
        except ChildError as error:
            outcome = "WRONG end"
            print(name, error, file=sys.stderr)
        yield f"{outcome} ({name})"


def prepared(folder: Path, names: Sequence[str], load: Load) -> dict[str, Trial]:
    """A library in `folder / "old"`, and the changes that will be made of it."""
    *kept, changed, new = files(folder / "files")
    session = opened(folder / "old", create=True, load=load)
    for path in (*kept, changed):
        session.add(path)
    changed.write_text(changed.read_text(encoding="utf-8") * 2, encoding="utf-8")

    def change(do: str, folder: Path) -> None:
        session = opened(folder, load=load)
        if do == "describe":
            session.describe(changed.stem, Details(title="Another title", label="Another"))
        elif do == "re-index":
            session.describe(changed.stem, Details(title="Ein Titel", label="Titel", language="de"))
        elif do == "remove":
            session.remove(changed.stem)
        elif do == "migrate":
            migrate(folder.with_name("both"), folder, no_progress)
        else:
            session.add(new if do == "add" else changed)

    before = answers(folder / "old", load)
    found: dict[str, Trial] = {}
    for name in names:
        done = copied(folder, name)
        if name == "migrate":
            change("add", Path(shutil.copytree(folder / "replace", folder / "both")))
        seconds = result(partial(timed, partial(change, name, done)))
        assert isinstance(seconds, float)
        between = found["replace"].after if name == "migrate" else None
        found[name] = Trial(partial(change, name), before, answers(done, load), seconds, between)
        assert found[name].after != before
    return found


def timed(do: Callable[[], object]) -> float:
    began = time.process_time()
    do()
    return time.process_time() - began


def copied(folder: Path, name: str) -> Path:
    shutil.rmtree(folder / name, ignore_errors=True)
    return Path(shutil.copytree(folder / "old", folder / name))


def once(folder: Path, trial: Trial, seconds: float, load: Load) -> str:
    """What becomes of one change that is killed after so many seconds."""
    harmed = copied(folder, "killed")

    def doomed() -> None:
        signal.setitimer(signal.ITIMER_PROF, max(seconds, 1e-6))  # whose signal nobody takes, so the kernel ends it
        trial.change(harmed)

    died = os.WIFSIGNALED(os.waitpid(child(doomed), 0)[1])
    half = died and (any((harmed / SEGMENTS).glob("*.partial")) or (harmed / "library.sqlite-journal").exists())
    found = result(partial(answers, harmed, load))
    states = {"the old library": trial.before, "the new library": trial.after, "half of the documents": trial.between}
    which = next((name for name, said in states.items() if said == found), None)
    if which is None:
        print(found, file=sys.stderr)
        return "WRONG: neither the old library nor the new one"
    if found != trial.after:
        result(partial(trial.change, harmed))
        if result(partial(answers, harmed, load)) != trial.after:
            return "WRONG: made again, the change leads elsewhere"
    named = {entry.segment for entry in opened(harmed, load=load)._library.entries()}
    left = {path.name for path in (harmed / SEGMENTS).iterdir()} - named
    if found != trial.after and left:
        print(f"{seconds:.3f} s: {', '.join(sorted(left))} in {SEGMENTS}", file=sys.stderr)
        return "WRONG: something is left behind"
    return f"{which}{', with files half written' if half else ''}{'' if died else ', for it had ended'}"


if __name__ == "__main__":
    main()
