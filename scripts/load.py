"""Many people at once against one server process: what they wait, what it keeps in memory, how it takes a rush.

    python scripts/load.py [FILE.txt ...] [--users 50] [--minutes 10] [--alone 60] [--burst 10] [--out docs]

First one user, for the ratio; then many, each with a second or so between two acts: questions and quotations looked up
as the page asks them (events of Gradio, over its queue), the same over /api/v1, openings of the reading pane, the list
of documents, the page itself; and one document replaced by upload ten times in all, at ten minutes each minute.
Then nine times as many others come beside the many, who go on until they are answered as before. A user who is told
that the server is busy waits as long as it says, as often as it takes; what he waited counts. Writes load.json and
pictures. The server's memory is its resident set, so this runs on Linux alone.
"""

import argparse
import asyncio
import json
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from plot import series

ROOT = Path(__file__).resolve().parent.parent
PAUSE = (0.5, 1.5)
TURNS = 8
"""So many acts are one visit; then the page is opened anew, as a chat does not go on for ever."""
MIX = {"question on the page": 4, "quotation on the page": 1, "question by program": 2, "quotation by program": 1}
MIX |= {"opening": 4, "documents": 1, "the page": 1}
UPLOADS = 10
AFTERWARDS = 45.0
"""Seconds that the usual users go on when a burst is over."""
STEP = 5.0
"""Seconds between two looks at the memory; also how long a stretch is that tells whether it recovered."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a user did: when, from the start of its phase, and how long it took with all waiting."""

    kind: str
    began: float
    seconds: float
    busy: int
    """How often the server said that it is busy."""
    error: str


@dataclass(slots=True)
class Phase:
    """What a number of users did for a while."""

    users: int
    until: float
    """Seconds from its start after which nobody begins another act."""
    acts: list[Act] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    """Seconds from the start, and the server's MiB."""
    began: float = field(default_factory=time.perf_counter)

    def now(self) -> float:
        return time.perf_counter() - self.began


class BusyError(Exception):
    """The server says that too much is asked; holds the seconds after which to come again."""


@dataclass(frozen=True, slots=True)
class Target:
    """A server and what can be asked of it."""

    address: str
    process: int
    events: dict[str, int]
    sentences: tuple[str, ...]
    places: tuple[dict[str, Any], ...]


class Visit:
    """One user with the page open. Acts raise BusyError, or ValueError for an answer that is none."""

    def __init__(self, target: Target, client: httpx.AsyncClient, chance: random.Random) -> None:
        self._target, self._client, self._chance = target, client, chance
        self._name = f"{chance.getrandbits(64):x}"

    async def act(self, kind: str) -> None:
        """Do one thing."""
        sentence = self._chance.choice(self._target.sentences)
        words = sorted(re.findall(r"\w+", sentence), key=len)[-2:]
        question = f"What is said of {' and '.join(words)}?"
        if kind == "question on the page":
            await self.event("ask_in_chat", [question, None, False, None])
        elif kind == "quotation on the page":
            await self.event("find_in_page", [sentence, None])
        elif kind == "question by program":
            await self._asked("POST", "api/v1/ask", json={"question": question})
        elif kind == "quotation by program":
            found = await self._asked("POST", "api/v1/find", json={"quotation": sentence})
            if not found.json()["occurrences"]:
                raise ValueError("a sentence of a document was not found")
        elif kind == "opening":
            pane = await self._asked("POST", "pane", json=self._chance.choice(self._target.places))
            if "<mark" not in pane.text:
                raise ValueError("a pane shows no mark")
        else:
            await self._asked("GET", "api/v1/documents" if kind == "documents" else "")

    async def event(self, name: str, data: list[Any], told: object = None) -> None:
        """An event of the page, until it is done. `told`: what a script of the page tells with it."""
        sent = {"fn_index": self._target.events[name], "session_hash": self._name, "data": data, "event_data": told}
        joined = await self._asked("POST", "gradio_api/queue/join", json=sent)
        asked = {"session_hash": self._name}
        async with self._client.stream("GET", "gradio_api/queue/data", params=asked) as stream:
            async for line in stream.aiter_lines():
                told = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                if told.get("msg") == "process_completed" and told.get("event_id") == joined.json()["event_id"]:
                    if not told["success"]:
                        raise ValueError(f"{name}: {told['output']}")
                    return
        raise ValueError(f"{name}: the stream ended with status {stream.status_code}")

    async def upload(self, text: str) -> None:
        """Replace the document that is there for it; the first is added."""
        answer = await self._asked("POST", "gradio_api/upload", files={"files": ("upload.txt", text.encode())})
        path, documents = answer.json()[0], (await self._asked("GET", "api/v1/documents")).json()["documents"]
        if any(document["id"] == "upload" for document in documents):
            await self.event("replace", [], {"id": "upload", "path": path})
        else:
            await self.event("add", [[{"path": path, "orig_name": "upload.txt", "meta": {"_type": "gradio.FileData"}}]])

    async def _asked(self, method: str, path: str, **carried: Any) -> httpx.Response:  # noqa: ANN401 (httpx knows them)
        answer = await self._client.request(method, path, **carried)
        if answer.status_code == 503:
            raise BusyError(float(answer.headers.get("retry-after", 2)))
        if answer.status_code != 200:
            raise ValueError(f"{path}: {answer.status_code} {answer.text[:200]}")
        return answer


async def user(target: Target, phase: Phase, seed: str) -> None:
    """What one user does until a phase is over."""
    chance = random.Random(seed)
    await asyncio.sleep(chance.uniform(0, PAUSE[1]))
    async with httpx.AsyncClient(base_url=target.address, timeout=300, verify=False) as client:
        going = True
        while going:  # each at least once, however busy it is
            visit = Visit(target, client, chance)
            for kind in ["the page", *chance.choices(list(MIX), list(MIX.values()), k=TURNS)]:
                phase.acts.append(await timed(visit, kind, phase))
                going = phase.now() < phase.until
                if not going:
                    break
                await asyncio.sleep(chance.uniform(*PAUSE))


async def timed(visit: Visit, kind: str, phase: Phase, text: str = "") -> Act:
    """One act, again and again while the server is busy."""
    began, busy, error = phase.now(), 0, ""
    while True:
        try:
            await (visit.upload(text) if text else visit.act(kind))
            break
        except BusyError as told:
            busy += 1
            await asyncio.sleep(told.args[0])
        except (ValueError, KeyError, httpx.HTTPError) as wrong:
            error = f"{kind}: {type(wrong).__name__}: {wrong}"
            break
    return Act(kind, began, phase.now() - began, busy, error)


async def uploader(target: Target, phase: Phase) -> None:
    """Upload one document in each tenth of a phase."""
    chance = random.Random("upload")
    async with httpx.AsyncClient(base_url=target.address, timeout=300, verify=False) as client:
        for number in range(UPLOADS):
            await asyncio.sleep(max(0.0, phase.until * number / UPLOADS - phase.now()))
            text = "\n\n".join([f"Upload {number}.", *chance.choices(target.sentences, k=60)])
            phase.acts.append(await timed(Visit(target, client, chance), "upload", phase, text))


async def watched(target: Target, phase: Phase, step: float) -> None:
    """Look at the server's memory every so many seconds."""
    while True:
        status = Path(f"/proc/{target.process}/status").read_text()
        kib = int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]
        phase.memory.append((phase.now(), kib / 1024))
        await asyncio.sleep(step)


async def run(target: Target, phase: Phase, upload: bool = False) -> Phase:
    """One phase, to the last answer."""
    watching = asyncio.ensure_future(watched(target, phase, min(STEP, phase.until / 20)))
    tasks = [user(target, phase, f"{phase.users}/{number}") for number in range(phase.users)]
    await asyncio.gather(*tasks, *([uploader(target, phase)] if upload else []))
    watching.cancel()
    return phase


async def rushed(target: Target, users: int, burst: float) -> tuple[Phase, Phase, float]:
    """The usual users while a burst of others comes and goes, and the others; and when the last of these was served."""
    usual = Phase(users, float("inf"))
    going_on = asyncio.ensure_future(run(target, usual))
    others = await run(target, Phase(users * 9, burst))
    ended = usual.now()
    usual.until = ended + AFTERWARDS
    return await going_on, others, ended


def p(phase: Phase, share: float, kind: str = "") -> float:
    """A quantile of seconds, of one kind or of all but uploads."""
    times = sorted(act.seconds for act in phase.acts if (act.kind == kind if kind else act.kind != "upload"))
    return times[min(len(times) - 1, int(share * len(times)))] if times else 0.0


def growth(phase: Phase) -> float:
    """The mean memory of the last tenth of a phase over that of its third, less 1."""
    length = phase.memory[-1][0]
    third, last = (
        [mib for at, mib in phase.memory if length * tenth / 10 <= at <= length * (tenth + 1) / 10] for tenth in (2, 9)
    )
    return (sum(last) / len(last)) / (sum(third) / len(third)) - 1


def recovered(usual_users: Phase, ended: float, usual: float) -> float:
    """Seconds from a burst's end to that of a stretch in which nobody had to come again and the median was usual."""
    for start in range(0, int(AFTERWARDS), int(STEP)):
        stretch = [act for act in usual_users.acts if start <= act.began - ended < start + STEP]
        times = sorted(act.seconds for act in stretch)
        if stretch and not any(act.busy for act in stretch) and times[len(times) // 2] <= usual:
            return start + STEP
    return float("inf")


def figures(phases: dict[str, Phase], ended: float) -> dict[str, Any]:
    """What the phases say, as it is written down. `ended`: when the burst was over, by the clock of the usual users."""
    alone, many, during = phases["alone"], phases["many"], phases["many, burst"]
    told: dict[str, Any] = {
        name: {
            "users": phase.users,
            "acts": len(phase.acts),
            "busy": sum(act.busy for act in phase.acts),
            "errors": sorted(filter(None, (act.error for act in phase.acts))),
            "longest": round(max(act.seconds for act in phase.acts), 2),
            "p50": round(p(phase, 0.5), 3),
            "p95": round(p(phase, 0.95), 3),
            "kinds": {
                kind: {"p50": round(p(phase, 0.5, kind), 3), "p95": round(p(phase, 0.95, kind), 3)}
                for kind in sorted({act.kind for act in phase.acts})
            },
        }
        for name, phase in phases.items()
    }
    told["p95 over one user's"] = round(p(many, 0.95) / p(alone, 0.95), 1)
    told["memory, last tenth over third"] = round(growth(many), 4)
    told["memory, MiB"] = [(round(at), round(mib)) for at, mib in many.memory]
    told["recovered after seconds"] = recovered(during, ended, max(p(many, 0.5), p(alone, 0.95)))
    return told


async def phases(
    target: Target, users: int, minutes: float, alone: float, burst: float
) -> tuple[dict[str, Phase], float]:
    """All of it, one after the other; and when the burst was over."""
    done = {
        "alone": await run(target, Phase(1, alone)),
        "many": await run(target, Phase(users, minutes * 60), upload=True),
    }
    done["many, burst"], done["burst"], ended = await rushed(target, users, burst)
    return done, ended


def prepared(address: str, process: int, files: Sequence[Path]) -> Target:
    """Wait until a server is ready, and see what it can be asked."""
    with httpx.Client(base_url=address, timeout=60, transport=httpx.HTTPTransport(retries=20)) as client:
        while client.get("readyz").status_code != 200:
            time.sleep(0.5)
        events = {event["api_name"]: event["id"] for event in client.get("config").json()["dependencies"]}
        texts = [" ".join(file.read_text(encoding="utf-8").split()) for file in files]
        sentences = tuple(part for text in texts for part in re.findall(r"[A-Z][^.!?“”\"]{50,150}\.", text))
        asked = {"question": f"What is said of {sentences[0]}?"}
        said = client.post("api/v1/ask", json=asked).json()["perspectives"]
    cited = [place for one in said for place in [*one["nearest"], *(one["answer"] or {"citations": ()})["citations"]]]
    places = tuple({key: place[key] for key in ("document", "sha256", "start", "end")} for place in cited)
    return Target(address, process, events, sentences, places)


def measured(files: Sequence[Path], *how: float) -> tuple[dict[str, Phase], float]:
    """The phases against a server of its own, over a new library of these files; `how` as `phases` takes it."""
    with tempfile.TemporaryDirectory() as folder:
        parallax = [sys.executable, "-m", "ui.cli", "--library", f"{folder}/library"]
        subprocess.run([*parallax, "add", *files], check=True)
        port = free_port()
        with subprocess.Popen([*parallax, "serve", "--port", str(port)], stdout=subprocess.DEVNULL) as server:
            try:
                target = prepared(f"http://127.0.0.1:{port}/", server.pid, files)
                return asyncio.run(phases(target, int(how[0]), *how[1:]))
            finally:
                server.terminate()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as unbound:
        unbound.bind(("127.0.0.1", 0))
        return int(unbound.getsockname()[1])


def pictures(many: Phase, out: Path) -> None:
    """How long acts took, and the memory, over the minutes."""
    length, step = many.memory[-1][0], many.memory[-1][0] / 60
    slices = [[act.seconds for act in many.acts if 0 <= act.began - at * step < step] for at in range(60)]
    waits = [(at * step / 60, sorted(times)[int(0.95 * len(times))]) for at, times in enumerate(slices) if times]
    title = f"{many.users} users: p95 of what an act takes"
    (out / "load-waits.svg").write_text(series(title, ("minutes", "seconds"), waits, length / 60))
    memory = [(at / 60, mib) for at, mib in many.memory]
    title = f"{many.users} users: memory of the server"
    (out / "load-memory.svg").write_text(series(title, ("minutes", "MiB"), memory, length / 60))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="plain texts (default: the samples)")
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--alone", type=float, default=60, help="seconds of one user")
    parser.add_argument("--burst", type=float, default=10, help="seconds of ten times the users")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    options = parser.parse_args()
    files = options.files or sorted((ROOT / "ui" / "samples").glob("*-*.txt"))
    done, ended = measured(files, options.users, options.minutes, options.alone, options.burst)
    told = figures(done, ended)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "load.json").write_text(json.dumps(told, indent=1) + "\n")
    pictures(done["many"], options.out)
    print(json.dumps({name: value for name, value in told.items() if name != "memory, MiB"}, indent=1))
    return 1 if any(told[name]["errors"] for name in done) else 0


if __name__ == "__main__":
    sys.exit(main())
