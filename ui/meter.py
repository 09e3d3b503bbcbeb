"""How far a long command is, as a bar in the terminal."""

import sys
import time
from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from ui.terminal import safe

_NOW_AND_THEN = 30.0  # seconds


class Meter:
    """A progress bar on standard error: the stage, the share done, the rate and the time left; silent in a pipe.

    In a pipe, too, it is said that work of an earlier run is continued, and now and then how far an upgrade is, for
    which nobody asked.
    """

    def __init__(self, subject: str) -> None:
        self._subject = safe(subject)
        self._stage, self._began, self._before = "", 0.0, 0
        self._said = -_NOW_AND_THEN
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rate]}"),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
        )

    def __enter__(self) -> Self:
        self._bar.start()
        self._task = self._bar.add_task(self._subject, rate="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show how far a stage is."""
        if stage == "continuing":
            print(f"{self._subject}: continues at {done:,} of {total:,} passages", file=sys.stderr)
        if stage == "upgrading" and self._bar.disable and time.monotonic() - self._said >= _NOW_AND_THEN:
            self._said = time.monotonic()
            far = f", {done:,} of {total:,} documents done" if total > 1 else ""
            print(f"{self._subject}: is brought to this version's format{far}", file=sys.stderr, flush=True)
        if stage != self._stage:
            self._stage, self._began, self._before = stage, time.monotonic(), done
        elapsed, made = time.monotonic() - self._began, done - self._before
        rate = ""
        if made > 0 and total > 1 and elapsed > 0:  # what an earlier run did says nothing of this one's speed
            left = timedelta(seconds=round((total - done) * elapsed / made))
            rate = f"{done:,} of {total:,}, {made / elapsed:,.1f} a second, {left} left"
        self._bar.update(self._task, description=f"{self._subject}: {stage}", completed=done, total=total, rate=rate)
