"""What the page itself fetches beside Gradio's events: the reading pane, which must be there at a click, and pictures.

An event of Gradio's goes through its queue and comes back over a stream; a plain answer takes a fraction of that.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, PlainTextResponse

from qa.session import Session
from ui import handlers


def routes(session: Session) -> APIRouter:
    """The routes, over a session."""
    router = APIRouter(include_in_schema=False)

    @router.post("/pane")
    def pane(place: Annotated[dict[str, Any], Body()]) -> HTMLResponse:
        return HTMLResponse(handlers.open_place(session, place))

    @router.post("/pages")
    def pages(place: Annotated[dict[str, Any], Body()]) -> HTMLResponse:
        return HTMLResponse(handlers.printed_pages(session, place))

    return router


def invalid(request: Request, error: RequestValidationError) -> PlainTextResponse:
    """For a request of another form. FastAPI's own answer repeats what was sent, and fails where that is no text."""
    return PlainTextResponse("The request is not what this route takes.\n", 422)
