"""The command line: `parallax COMMAND …`; `--help` lists the commands.

How it begins and ends. It reads what it is told in `ui.arguments`; what a command does is `ui.commands`', how it looks
in a terminal `ui.terminal`'s.
"""

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0, or 1 after an error told in one sentence; argparse exits with 2 on wrong usage.

    Interrupted, also while it imports what it needs, it returns 130.
    """
    atexit.register(gc.freeze)  # nobody waits for models and modules to be taken apart; the system takes their memory
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return 130


def _run(arguments: Sequence[str] | None) -> int:
    from io import TextIOWrapper

    from index.types import ParallaxError
    from ui.arguments import parsed
    from ui.options import refused

    _open_closed()
    options = parsed(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # what the terminal cannot show is no reason to stop
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except ParallaxError as error:
        return refused(error)
    except OSError as error:
        # Our output cannot be written; Python must not try again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 0
        if error.filename is not None:
            return refused(error)
        return refused(ParallaxError(f"The output cannot be written ({error.strerror}); send it elsewhere."))
    return status


def _open_closed() -> None:
    """Put nothing in the place of a stream that our caller closed, so that nobody need ask whether it is there."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 (as long as the process)


if __name__ == "__main__":
    sys.exit(main())
