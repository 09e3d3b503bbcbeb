"""Whether a server lives, whether it can answer, and its figures: for supervisors and for Prometheus."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from index.types import ParallaxError
from qa.session import Session
from ui.metrics import CONTENT_TYPE, Metrics


def routes(session: Session, metrics: Metrics) -> APIRouter:
    """The routes, over a session."""
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def healthz() -> PlainTextResponse:
        # Not in a thread: it tells that the loop turns, even where all threads are at work.
        return PlainTextResponse("alive\n")

    @router.get("/readyz")
    def readyz() -> PlainTextResponse:
        try:
            session.documents()
        except ParallaxError:
            return PlainTextResponse("the library cannot be read\n", 503)
        return PlainTextResponse("ready\n") if session.is_warm else PlainTextResponse("models are loading\n", 503)

    @router.get("/metrics")
    def figures() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    return router
