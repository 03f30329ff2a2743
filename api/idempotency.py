"""`Idempotency-Key` on POST: the first answer is kept for a day and given again, so that a repeated request does nothing twice."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec
from sqlalchemy import delete, insert, select, update
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.identity import Identity
from api.problem import Problem, from_hub, problem_response
from api.secret import MARK
from hub.clock import Clock
from hub.errors import HubError
from storage.records import Records
from storage.records.tables import idempotency as _kept

T = TypeVar("T")

KEEP_MS: Final = 24 * 3_600_000
ABANDONED_MS: Final = 60_000
"""A request that has no answer after this long was cut off by a crash; it may be sent again."""

_LONGEST_KEY: Final = 255
_KEPT_HEADERS: Final = ("content-type", "location", "etag", "content-language")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was given before; `body` None where it held a secret."""

    status: int
    headers: dict[str, str]
    body: bytes | None


class Answers:
    """The kept answers in the records database. Its methods wait for it: call them on a worker thread."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    def begin(self, key: str, request: str) -> Kept | None:
        """None to go on with the request, or the answer it was given before.

        Raises:
            Problem: the key was used for another request, or that request is still at work.
        """
        now = self._clock.now()
        with self._records.begin() as tx:
            tx.execute(delete(_kept).where(_kept.c.at < now - KEEP_MS))
            row = tx.execute(select(_kept).where(_kept.c.key == key)).one_or_none()
            if row is None or (row.status is None and row.at < now - ABANDONED_MS):
                tx.execute(delete(_kept).where(_kept.c.key == key))
                tx.execute(insert(_kept), {"key": key, "request": request, "at": now})
                return None
        if row.request != request:
            raise Problem(
                "idempotency-conflict", "This key came with another request", zh="该幂等键已用于内容不同的请求"
            )
        if row.status is None:
            detail = "The first request with this key is still at work"
            raise Problem(
                "idempotency-conflict", detail, zh="使用该幂等键的请求仍在处理中", headers={"Retry-After": "1"}
            )
        return Kept(row.status, msgspec.json.decode(row.headers), None if row.body is None else bytes(row.body))

    def end(self, key: str, answer: Kept | None) -> None:
        """Keep the answer; None to forget the request, so that it can be sent again."""
        with self._records.begin() as tx:
            if answer is None:
                tx.execute(delete(_kept).where(_kept.c.key == key))
                return
            headers = msgspec.json.encode(answer.headers).decode()
            values = {"status": answer.status, "headers": headers, "body": answer.body}
            tx.execute(update(_kept).where(_kept.c.key == key).values(values))


class Idempotency:
    """Stands behind the gate, so that a key belongs to whoever sent it."""

    def __init__(self, app: ASGIApp, answers: Answers) -> None:
        self._app = app
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        identity: Identity | None = scope.get("state", {}).get("identity")
        given = headers.get("idempotency-key")
        if given is None or identity is None or scope["method"] != "POST":
            await self._app(scope, receive, _unmarked(send))
            return
        language = headers.get("accept-language", "")
        try:
            key = _digest(identity.name, _checked(given))
            body = await _whole(receive)
            request = _digest(scope["path"], scope["query_string"].decode("latin-1"), body.hex())
            kept = await self._ask(lambda: self._answers.begin(key, request))
            if kept is None:
                await self._first(scope, body, receive, send, key)
                return
            await _again(kept, send)
        except Problem as problem:
            await problem_response(problem, language, scope["path"])(scope, receive, send)
        except HubError as error:
            await problem_response(from_hub(error), language, scope["path"])(scope, receive, send)

    async def _first(self, scope: Scope, body: bytes, receive: Receive, send: Send, key: str) -> None:
        started: Message = {}
        held = bytearray()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
                return
            held.extend(message.get("body", b""))

        await self._app(scope, _replayed(body, receive), keep)
        answer = _answer(started, bytes(held))
        await self._ask(lambda: self._answers.end(key, answer))
        out = _unmarked(send)
        await out(started)
        await out({"type": "http.response.body", "body": bytes(held)})

    async def _ask(self, question: Callable[[], T]) -> T:
        return await run_in_threadpool(question)


def _checked(key: str) -> str:
    if not 0 < len(key) <= _LONGEST_KEY:
        raise Problem("bad-request", f"Idempotency-Key: expected 1 to {_LONGEST_KEY} characters")
    return key


def _answer(started: Message, body: bytes) -> Kept | None:
    """What is kept of an answer; nothing of a failure of ours, no secret."""
    if started["status"] >= 500:
        return None
    headers = Headers(raw=started["headers"])
    kept = {name: headers[name] for name in _KEPT_HEADERS if name in headers}
    return Kept(started["status"], kept, None if MARK in headers else body)


async def _again(kept: Kept, send: Send) -> None:
    if kept.body is None:
        detail = "It was done with this key before; the secret was shown then and cannot be shown again"
        raise Problem("idempotency-conflict", detail, zh="该请求已执行，其密钥只显示一次，无法再次显示")
    headers = [(name.encode(), value.encode("latin-1")) for name, value in kept.headers.items()]
    headers += [(b"content-length", b"%d" % len(kept.body)), (b"idempotency-replayed", b"true")]
    await send({"type": "http.response.start", "status": kept.status, "headers": headers})
    await send({"type": "http.response.body", "body": kept.body})


async def _whole(receive: Receive) -> bytes:
    parts = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Problem("bad-request", "The request ended early")
        parts.extend(message.get("body", b""))
        if not message.get("more_body", False):
            return bytes(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _unmarked(send: Send) -> Send:
    async def unmarked(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if MARK in headers:
                del headers[MARK]
        await send(message)

    return unmarked


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode("utf-8", "replace")).hexdigest()
