"""Feeds a part of the program with mutated bytes, guided by what they reach in it (Atheris, on libFuzzer).

    python scripts/fuzz.py TARGET [--seconds 900] [--found found]

Needs the extra `fuzz`. `scripts/fuzz_targets.py` has the targets: every file reader, the matcher of quotations, what
`parallax verify` reads, what a browser may send, and HTTP. Only a ParallaxError may come out, within five seconds of
the processor and two gigabytes; whatever else does ends the run and is kept in the folder `found`, and each such input
becomes a test that makes it by code. Seconds are the processor's, so that a loaded machine finds nothing that is not
there. `docs/proof.md` says what was run.
"""

import argparse
import logging
import operator
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from functools import partial
from pathlib import Path

import atheris
from atheris import core_with_libfuzzer
from atheris.version_dependent import CMP_OP_SHIFT_AMOUNT
from lxml import etree

COUNTED = ["index", "qa", "ui", "mammoth"]
"""Packages of which it is counted what is reached."""

with atheris.instrument_imports(include=COUNTED):
    from fuzz_targets import ARCHIVES, TARGETS, Target, made

    from index.types import ParallaxError

LONGEST = 5
"""Seconds of the processor that one input may take; the program is slower here, since what it reaches is counted."""
HANGS = 600
"""Seconds after which an input that still runs counts as endless."""
_COMPARISONS = (operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge)
"""As `dis.cmp_op` numbers them."""
_TOLD = (int, str, bytes)
"""Of these Atheris tells libFuzzer what is compared with what."""
_ODD = ("", "0", "-1", "9" * 400, "\u202e", "NaN", "a b", "../../x", "\u0661", "x" * 5000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=900)
    parser.add_argument("--found", type=Path, default=Path("found"))
    options = parser.parse_args()
    logging.disable()
    options.found.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with atheris.instrument_imports(include=COUNTED):  # a reader is imported when its first file comes
            seeds, target = made(options.target, folder)
            for seed in seeds:
                target(seed)
        (folder / "seeds").mkdir()
        for number, seed in enumerate(seeds):
            (folder / "seeds" / str(number)).write_bytes(seed)
        limits = [
            f"-timeout={HANGS}",
            "-rss_limit_mb=2048",
            "-max_len=200000",
            "-len_control=0",
            "-keep_seed=1",
            "-print_final_stats=1",
        ]
        kept = f"-artifact_prefix={options.found}/{options.target}-"
        mutator = rearranged if options.target in ARCHIVES else None
        atheris.Setup(
            [sys.argv[0], *limits, kept, str(folder / "seeds")],
            judged(target, options.seconds),
            custom_mutator=mutator,
        )
        core_with_libfuzzer._trace_cmp = partial(compared, core_with_libfuzzer._trace_cmp)
        atheris.Fuzz()


def judged(target: Target, seconds: int) -> Callable[[bytes], None]:
    """Runs a target with one input; ends the run when so many seconds of the processor are used."""
    first = told = time.process_time()
    inputs = refused = 0

    def run(data: bytes) -> None:
        nonlocal told, inputs, refused
        began = time.process_time()
        try:
            target(data)
        except ParallaxError:
            refused += 1
        inputs += 1
        now = time.process_time()
        if now - told > 60 or now - first > seconds:
            told = now
            print(f"{now - first:.0f} s of the processor, {inputs} inputs, {refused} refused", file=sys.stderr)
        if now - began > LONGEST:
            raise TimeoutError(f"an input took {now - began:.1f} s of the processor")
        if now - first > seconds:
            os.kill(os.getpid(), signal.SIGUSR1)  # libFuzzer ends, and tells what it reached

    return run


def compared(traced: Callable[..., bool], left: object, right: object, operation: int, *how: object) -> object:
    """A comparison in code that is counted, by Atheris only where it tells of it.

    Atheris 3.0 never lets go of what a comparison gives: of numbers and texts True or False, of an array an array.
    """
    if isinstance(left, _TOLD) and isinstance(right, _TOLD):
        return traced(left, right, operation, *how)
    return _COMPARISONS[operation >> CMP_OP_SHIFT_AMOUNT](left, right)


def rearranged(data: bytes, size: int, seed: int) -> bytes:
    """A mutation of XML that is XML again, for a reader refuses what is not; else one of bytes."""
    draw = random.Random(seed)
    if draw.random() < 0.8:
        with suppress(etree.XMLSyntaxError, ValueError):
            root = etree.fromstring(data[1:], etree.XMLParser(resolve_entities=False))
            for _ in range(draw.randint(1, 5)):
                rearrange(draw, root)
            mutated = data[:1] + etree.tostring(root)
            if len(mutated) <= size:
                return mutated
    return bytes(atheris.Mutate(data, size))


def rearrange(draw: random.Random, root: etree._Element) -> None:
    """Move, copy, rename, empty or take out an element, or change its words or attributes."""
    elements = list(root.iter("*"))
    one, other = draw.choice(elements), draw.choice(elements)
    match draw.randrange(6):
        case 0 if one is not root:
            one.getparent().remove(one)
        case 1:
            other.insert(draw.randint(0, len(other)), deepcopy(one))
        case 2:
            one.tag = other.tag
        case 3:
            one.attrib.update(other.attrib)
        case 4 if one.attrib:
            one.attrib[draw.choice(list(one.attrib))] = draw.choice([*_ODD, *other.attrib.values()])
        case _:
            one.text = draw.choice([*_ODD, other.text or ""])


if __name__ == "__main__":
    main()
