"""Whether the HTTP API keeps what its OpenAPI document promises: schemathesis asks each route what it can think of.

    python scripts/api_check.py [--cases 1000] [--route /find] [--seed 1]

Serves the sample documents, without the reader, and ends with 1 where a request brings a server error, an answer that
the schema does not allow, or a refusal that the document does not explain. Requests with a place or documents name real
ones every other time, so that not all of them end at “There is no such document”.
"""

import argparse
import atexit
import json
import os
import re
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import HookContext

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = sorted((ROOT / "ui" / "samples").glob("*.txt"))
IDS = [path.stem for path in SAMPLES]
LENGTH = 8_000
"""Characters: each sample has at least so many."""
SETTINGS = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "404", "409", "422"]  # 422: it fits the schema and has no word, or too many

[checks.negative_data_rejection]
expected-statuses = ["400", "404", "405", "409", "413", "422"]  # 413: more than the door lets in
"""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1000, help="a route")
    parser.add_argument("--route", help="this one only, such as /find")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    from qa.session import Session
    from ui.web import serve

    with tempfile.TemporaryDirectory() as folder:
        session = Session.open(Path(folder) / "library", create=True, reader="none")
        for sample in SAMPLES:
            session.add(sample)
        server = serve(session, "127.0.0.1", 7861)
        try:
            return check(server.address, options.cases, options.seed, options.route, "coverage,fuzzing")
        finally:
            server.close()


def check(address: str, cases: int, seed: int = 1, route: str | None = None, phases: str = "fuzzing") -> int:
    """Ask a served library of the samples; the exit code of schemathesis, which prints what it found.

    `phases`: of schemathesis; "coverage" goes through the limits of each schema one by one, beside the `cases`.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "schemathesis.toml"
        settings.write_text(SETTINGS, encoding="utf-8")
        command = [Path(sys.executable).with_name("schemathesis"), "--config-file", settings, "--no-color"]
        command += ["run", f"{address}api/v1/openapi.json", "--max-examples", str(cases), "--seed", str(seed)]
        command += ["--checks", "all", "--phases", phases, "--continue-on-failure", "--suppress-health-check", "all"]
        command += ["--request-timeout", "60"]
        command += ["--generation-database", "none", *(["--include-path", route] if route else [])]
        environment = {**os.environ, "SCHEMATHESIS_HOOKS": "api_check", "PYTHONPATH": str(Path(__file__).parent)}
        return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


ANSWERS: Counter[int] = Counter()
"""How many requests got each status, told at the end: a check that is refused everything has checked little."""


@atexit.register
def tell() -> None:
    if ANSWERS:
        print("Answers by status:", ", ".join(f"{status}: {count:,}" for status, count in sorted(ANSWERS.items())))


@schemathesis.hook
def after_call(context: HookContext, case: schemathesis.Case, response: schemathesis.Response) -> None:
    ANSWERS[response.status_code] += 1


@schemathesis.hook
def map_body(context: HookContext, body: object) -> object:
    if not isinstance(body, dict):
        return body
    turns = body.get("turns")
    if isinstance(turns, list):
        return body | {"turns": [_named(turn) if isinstance(turn, dict) else turn for turn in turns]}
    return _named(body)


@schemathesis.hook
def map_query(context: HookContext, query: object) -> object:
    return _named(query) if isinstance(query, dict) else query


@schemathesis.hook
def map_path_parameters(context: HookContext, parameters: object) -> object:
    return _named(parameters) if isinstance(parameters, dict) else parameters


def _named(values: dict[str, Any]) -> dict[str, Any]:
    """The values with real documents and places in place of valid ones; what is meant to be refused stays as it is."""
    drawn = zlib.crc32(json.dumps(values, sort_keys=True, default=str).encode(errors="replace"))
    if drawn % 2:
        return values
    named = dict(values)
    if isinstance(values.get("document"), str) and values["document"]:
        named["document"] = IDS[drawn // 2 % len(IDS)]
    documents = values.get("documents")
    if isinstance(documents, list) and len(documents) > 1 and all(isinstance(name, str) and name for name in documents):
        named["documents"] = IDS
    start, end = values.get("start"), values.get("end")
    if type(start) is int and type(end) is int and start >= 0 and end >= 1:
        named["start"] = start % LENGTH
        named["end"] = named["start"] + 1 + end % 300
    if re.fullmatch("[0-9a-f]{64}", str(values.get("sha256"))) and drawn % 4:
        named["sha256"] = None
    return named


if __name__ == "__main__":
    sys.exit(main())
