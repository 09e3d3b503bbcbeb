"""Every route that is served, and who may use it. What is not in this table does not exist for a visitor.

SECURITY.md shows the table with what is closed of Gradio's own, and why; a test holds the two together.
"""

import re
from dataclasses import dataclass, field
from enum import IntEnum

KIB, MIB = 1024, 1024 * 1024


class Need(IntEnum):
    """What a visitor has to be."""

    NOTHING = 0
    READER = 1
    EDITOR = 2


@dataclass(frozen=True, slots=True)
class Route:
    """Routes of one kind. In `path`, `*` is one segment and a last `**` is all that follows."""

    methods: tuple[str, ...]
    path: str
    needs: Need
    body: int = 0
    """Bytes that a request may carry."""
    programs: bool = False
    """Programs call it, with a name and a password in each request."""
    works: bool = False
    """It keeps the machine busy, so only so many run at a time."""
    public: bool = False
    """It holds nothing of the library, so a cache may keep it."""
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pattern = re.escape(self.path).replace(r"\*\*", ".*").replace(r"\*", "[^/]+")
        object.__setattr__(self, "_pattern", re.compile(pattern))

    def matches(self, method: str, path: str) -> bool:
        """Whether a request is for this route."""
        return method in self.methods and self._pattern.fullmatch(path) is not None


GET, POST = ("GET", "HEAD"), ("POST",)
OTHERS = ("DELETE", "OPTIONS", "PATCH", "PUT", "QUERY", "TRACE")
"""What the interface for programs refuses by itself, saying by what a path is asked."""
UPLOAD = 256 * MIB
"""Bytes of one upload, all of its files together."""
ROUTES = (
    # ours
    Route(GET, "/healthz", Need.NOTHING),
    Route(GET, "/readyz", Need.NOTHING),
    Route(GET, "/metrics", Need.EDITOR, programs=True),
    Route(GET, "/sign-in", Need.NOTHING),
    Route(POST, "/sign-in", Need.NOTHING, body=8 * KIB),
    Route(POST, "/sign-out", Need.NOTHING, body=KIB),
    Route(GET, "/door.css", Need.NOTHING, public=True),
    Route(GET, "/favicon.ico", Need.NOTHING, public=True),
    Route(POST, "/pane", Need.READER, body=64 * KIB, works=True),
    Route(POST, "/pages", Need.READER, body=64 * KIB, works=True),
    # for programs
    Route((*GET, *POST, *OTHERS), "/api/v1/**", Need.READER, body=MIB, programs=True, works=True),
    # the page, which Gradio serves
    Route(GET, "/", Need.READER),
    Route(GET, "/config", Need.READER),
    Route(GET, "/theme.css", Need.READER, public=True),
    Route(GET, "/assets/**", Need.READER, public=True),
    Route(GET, "/static/**", Need.READER, public=True),
    Route(GET, "/gradio_api/heartbeat/*", Need.READER),
    Route(POST, "/gradio_api/queue/join", Need.READER, body=MIB),
    Route(GET, "/gradio_api/queue/data", Need.READER),
    Route(POST, "/gradio_api/cancel", Need.EDITOR, body=KIB),
    Route(POST, "/gradio_api/upload", Need.EDITOR, body=UPLOAD),
    Route(GET, "/gradio_api/upload_progress", Need.EDITOR),
)


def find(method: str, path: str) -> Route | None:
    """The route that a request is for; None where there is none, or the path is none that we would write."""
    if "//" in path or "\\" in path or not path.isprintable() or any(part in (".", "..") for part in path.split("/")):
        return None
    return next((route for route in ROUTES if route.matches(method, path)), None)
