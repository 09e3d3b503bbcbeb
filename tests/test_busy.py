"""Too much at once: what comes over the limit is told to come again, and the rest is answered."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import httpx
from starlette.types import Receive, Scope, Send

from ui.door.access import Access
from ui.door.door import AT_ONCE, Door, Handled

HERE = ("127.0.0.1", 7860)


def statuses(told: Sequence[httpx.Response]) -> list[int]:
    return [answer.status_code for answer in told]


def test_who_comes_when_too_much_is_at_work_is_told_to_come_again_and_all_others_are_answered(tmp_path: Path) -> None:
    async def both() -> tuple[list[httpx.Response], httpx.Response, httpx.Response]:
        inside, all_in, go_on = 0, asyncio.Event(), asyncio.Event()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal inside
            inside += 1
            if inside == AT_ONCE:
                all_in.set()
            await go_on.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"done"})

        handled: list[Handled] = []
        door = Door(slow, Access(), HERE, tmp_path, handled.append)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://127.0.0.1:7860") as client:
            waiting = [asyncio.ensure_future(client.post("/api/v1/ask", json={})) for _ in range(AT_ONCE)]
            await all_in.wait()
            refused = await client.post("/api/v1/ask", json={})
            go_on.set()
            return list(await asyncio.gather(*waiting)), refused, await client.post("/api/v1/ask", json={})

    answered, refused, later = asyncio.run(both())
    assert refused.status_code == 503 and refused.headers.get_list("retry-after") == ["2"]
    assert refused.json() == {"error": "Too much is asked at this moment; try again."}
    assert statuses(answered) == [200] * AT_ONCE and later.status_code == 200


def test_a_full_queue_of_the_page_says_when_to_come_again(tmp_path: Path) -> None:
    async def full(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 503, "headers": []})  # as Gradio does
        await send({"type": "http.response.body", "body": b"{}"})

    async def joined() -> httpx.Response:
        door = Door(full, Access(), HERE, tmp_path, lambda handled: None)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://127.0.0.1:7860") as client:
            return await client.post("/gradio_api/queue/join", json={"data": []})

    answer = asyncio.run(joined())
    assert answer.status_code == 503 and answer.headers.get_list("retry-after") == ["2"]
