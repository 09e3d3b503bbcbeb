"""What the proofs of a library share: a library to be harmed, all that it answers, and a child process that may die.

No model is loaded: the tests' encoder stands in, so that hundreds of trials take minutes.
"""

import faulthandler
import os
import pickle
import re
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
os.environ.setdefault("OMP_NUM_THREADS", "1")  # threads do not come along into a child, what they hold does

from conftest import WordEncoder  # noqa: E402
from formats import SAMPLE, WRITERS  # noqa: E402
from tqdm import tqdm  # noqa: E402

from index.embed import Encoder  # noqa: E402
from index.types import ParallaxError  # noqa: E402
from qa.session import Session  # noqa: E402
from ui.places import opened as opened_place  # noqa: E402

tqdm.monitor_interval = 0  # a thread
tqdm.set_lock(threading.RLock())  # its own is one for all forks, and a child that is killed with it would keep it

LIMIT = 600
"""Seconds after which a child counts as hanging, and says where it hangs."""
TOLD_EVERY = 60
"""Seconds between two lines that tell what was counted so far."""

Load = Callable[[str], Encoder]
Answers = list[str]
_ADDED = re.compile(r"added='[^']*'")
"""What a library says to everything that it is asked here; a refusal begins with `REFUSED`."""
REFUSED = "refused: "


def files(folder: Path) -> list[Path]:
    """Texts to add: the two samples, and one of every layout as plain text and as Markdown."""
    folder.mkdir()
    for suffix in ("txt", "md"):
        (folder / f"layout-{suffix}.{suffix}").write_bytes(WRITERS[suffix](SAMPLE))
    for path in (ROOT / "ui" / "samples").glob("*.txt"):
        (folder / path.name).write_bytes(path.read_bytes())
    return sorted(folder.iterdir())


def opened(folder: Path, create: bool = False, load: Load = WordEncoder) -> Session:
    return Session.open(folder, create=create, reader="none", load_encoder=load)


def answers(folder: Path, load: Load = WordEncoder) -> Answers:
    """All that a library says, opened anew. Only a ParallaxError is an answer; another exception is raised."""
    try:
        session = opened(folder, load=load)
        identifiers = [source.id for source in session.documents()]
    except ParallaxError as error:
        return [f"{REFUSED}{error}"]
    return [said(ask) for ask in asked(session, identifiers)]


def said(ask: Callable[[], object]) -> str:
    """An answer, or the sentence that refuses it."""
    try:
        return _ADDED.sub("", repr(ask()))  # when is no part of what
    except ParallaxError as error:
        return f"{REFUSED}{error}"


def asked(session: Session, identifiers: list[str]) -> Iterator[Callable[[], object]]:
    """Questions, quotations, a term, what is shared, and of each document the whole, voices and the places of it."""
    yield session.documents
    for question in ("Who took the oysters?", "What was the summer of 1842 like?"):
        for chosen in (None, *([identifier] for identifier in identifiers)):
            yield lambda question=question, chosen=chosen: replace(session.ask(question, chosen), seconds=0)
    for quotation in ("Here a town … learned how to wait", "the field was left to rest"):
        yield lambda quotation=quotation: replace(session.find(quotation), seconds=0)
    yield lambda: replace(session.terms("oyster"), seconds=0)
    yield session.shared
    for identifier in identifiers:
        yield lambda identifier=identifier: session.document(identifier)
        yield lambda identifier=identifier: session.voices(identifier)
        yield lambda identifier=identifier: session.counterparts(identifier, 0, 2000)
        for start in (0, 500):
            yield lambda identifier=identifier, start=start: opened_place(session, identifier, start, start + 200)
            yield lambda identifier=identifier, start=start: session.cite(identifier, start, start + 200)


class ChildError(Exception):
    """A child ended in a way that no user should see; the message has its traceback or its signal."""


def child(do: Callable[[], object]) -> int:
    """Start something in a child process; its id. When it hangs it writes to stderr where, and ends."""
    process = os.fork()
    if process == 0:
        faulthandler.dump_traceback_later(LIMIT, exit=True)
        try:
            do()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return process


def result(do: Callable[[], object]) -> object:
    """What something returns in a child process. Raises ChildError where it does not."""
    reading, writing = os.pipe()

    def tell() -> None:
        try:
            told: object = do()
        except BaseException:
            told = ChildError(traceback.format_exc())
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(told, pipe)

    process = child(tell)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    ended = os.waitpid(process, 0)[1]
    told = pickle.loads(data) if ended == 0 else ChildError(f"ended with status {ended}")
    if isinstance(told, ChildError):
        raise told
    return told


def counted(outcomes: Iterable[str]) -> Counter[str]:
    """How often each outcome came; whoever does not want to wait for all interrupts it (Ctrl-C), or reads stderr."""
    found: Counter[str] = Counter()
    said = time.monotonic()
    try:
        for outcome in outcomes:
            found[outcome] += 1
            if time.monotonic() - said > TOLD_EVERY:
                said = time.monotonic()
                print(f"{found.total()} so far: {dict(found)}", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("Interrupted.")
    return found


def told(outcomes: Counter[str]) -> int:
    """Print how often each outcome came; 1 where one is wrong, as the status of a program."""
    for outcome, number in sorted(outcomes.items()):
        print(f"{number:5} {outcome}")
    print(f"{outcomes.total():5} in all")
    return int(any(outcome.startswith("WRONG") for outcome in outcomes))
