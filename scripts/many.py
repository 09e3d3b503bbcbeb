"""Several processes ask a library while two others change it; every answer must be that of one whole library.

    python scripts/many.py [--readers 3] [--threads 2] [--changes 40] [--model]

One writer replaces a document by another version and back, the other adds a document and removes it; who comes second
is told and tries again. So the library is always in one of four states. Each reader has one session that its threads
share, and asks everything again and again: what it is told must be what one of the four says, word for word, or that
the document changed in the meantime. At the end the library must be in its last state. Ends with 1 where anything else
happens. `docs/proof.md` has the figures.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from kills import packaged
from trial import Load, WordEncoder, asked, child, files, opened, result, said, told

from index.manifest import LibraryBusyError
from qa.session import Session

_MEANWHILE = "in the meantime"
_PAUSE = 0.01  # seconds until a writer tries again


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--changes", type=int, default=40, help="of each writer")
    parser.add_argument("--model", action="store_true")
    options = parser.parse_args()
    load = packaged() if options.model else WordEncoder
    with tempfile.TemporaryDirectory() as name:
        sys.exit(told(together(Path(name), options.readers, options.threads, options.changes, load)))


def together(folder: Path, readers: int, threads: int, changes: int, load: Load) -> Counter[str]:
    """How often each outcome came, of all readers and writers."""
    *kept, turned, coming = files(folder / "files")
    versions = [turned.read_text(encoding="utf-8") * times for times in (1, 2)]
    names = [path.stem for path in (*kept, turned, coming)]
    library = folder / "library"
    session = opened(library, create=True, load=load)
    for path in (*kept, turned):
        session.add(path)

    def replace(number: int) -> None:
        turned.write_text(versions[(number + 1) % 2], encoding="utf-8")
        change(lambda: opened(library, load=load).add(turned))

    def come_and_go(number: int) -> None:
        session = opened(library, load=load)
        change(lambda: session.remove(coming.stem) if number % 2 else session.add(coming))

    def change(do: Callable[[], object]) -> None:
        try:
            do()
        except LibraryBusyError:
            busy.touch()
            time.sleep(_PAUSE)
            change(do)

    busy, done = folder / "busy", folder / "done"
    look = partial(looked, library, names, load)
    states = [look()]
    for turn in (partial(replace, 0), partial(come_and_go, 0), partial(replace, 1)):
        result(turn)
        states.append(look())
    result(partial(come_and_go, 1))
    assert len({tuple(state) for state in states}) == 4

    def read(file: Path) -> None:
        found = watched(opened(library, load=load), names, states, threads, done.exists)
        file.write_text(json.dumps(found))

    def write(turn: Callable[[int], None]) -> None:
        for number in range(changes):
            turn(number)

    reading = [child(partial(read, folder / f"reader-{number}")) for number in range(readers)]
    writing = [child(partial(write, turn)) for turn in (replace, come_and_go)]
    found = Counter({"change made": changes * len(writing)})
    found["WRONG end of a writer"] = sum(os.waitpid(process, 0)[1] != 0 for process in writing)
    done.touch()
    found["WRONG end of a reader"] = sum(os.waitpid(process, 0)[1] != 0 for process in reading)
    for file in folder.glob("reader-*"):
        found.update(json.loads(file.read_text()))
    found["a writer told that another writes"] = int(busy.exists())
    found["WRONG last state"] = int(look() != states[2 * (changes % 2)])
    return +found


def looked(library: Path, names: list[str], load: Load) -> list[str]:
    """All that a library says of these documents, opened anew."""
    return [said(ask) for ask in asked(opened(library, load=load), names)]


def watched(
    session: Session, names: list[str], states: list[list[str]], threads: int, over: Callable[[], bool]
) -> Counter[str]:
    """What threads with one session are told until there is nothing more to see."""
    allowed = [set(answers) for answers in zip(*states, strict=True)]

    def watch(number: int) -> Counter[str]:
        found: Counter[str] = Counter()
        last = False
        while not last:
            last = over()
            for ask, right in zip(asked(session, names), allowed, strict=True):
                answer = said(ask)
                if answer in right:
                    found["answer of one whole library"] += 1
                elif _MEANWHILE in answer:
                    found["told that it changed in the meantime"] += 1
                else:
                    found["WRONG answer"] += 1
                    print(answer[:2000], file=sys.stderr)
        return found

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(watch, range(threads)), Counter())


if __name__ == "__main__":
    main()
