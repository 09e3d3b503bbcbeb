"""Figures of a running server for Prometheus: how much is asked, how often documents are silent, how long it takes.

Numbers only: nothing that was asked, no document, no user.
"""

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from qa.types import Comparison
from ui.door.door import Handled

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The figures of one server, each from 0 at its start. Safe to share between threads."""

    def __init__(self, waiting: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        self._questions = Counter("parallax_questions", "Questions answered.", registry=self._registry)
        self._perspectives = Counter(
            "parallax_perspectives",
            "What documents had to say to questions: an answer, or silence.",
            ["outcome"],
            registry=self._registry,
        )
        self._stages = Histogram(
            "parallax_stage_seconds",
            "Seconds that a stage of a question took.",
            ["stage"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._requests = Counter(
            "parallax_requests", "Requests by route and status.", ["route", "status"], registry=self._registry
        )
        self._latency = Histogram(
            "parallax_request_seconds",
            "Seconds until a request was answered.",
            ["route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        queue = Gauge("parallax_queue", "Events of the page that wait for their turn.", registry=self._registry)
        queue.set_function(waiting)
        for outcome in ("answered", "silent"):
            self._perspectives.labels(outcome)  # so that a rate can be reckoned from the start

    def question(self, comparison: Comparison, seconds: Mapping[str, float]) -> None:
        """Count a question with what became of it, and how long each stage took."""
        self._questions.inc()
        for perspective in comparison.perspectives:
            self._perspectives.labels("silent" if perspective.answer is None else "answered").inc()
        for stage, took in seconds.items():
            self._stages.labels(stage).observe(took)

    def request(self, handled: Handled) -> None:
        """Count a request."""
        self._requests.labels(handled.route, str(handled.status)).inc()
        self._latency.labels(handled.route).observe(handled.seconds)

    def text(self) -> bytes:
        """All figures, as Prometheus reads them."""
        return generate_latest(self._registry)
