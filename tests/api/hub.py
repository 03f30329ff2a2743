"""A small hub for tests: the shipped memory bus and store, a real SQLite, a clock turned by hand, people and devices to ask as."""

import asyncio
import threading
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import httpx
import numpy as np
from fastapi import FastAPI
from starlette.types import Message

from alerts.budget import Allowance
from alerts.channel import ChannelError, Receipt, RecordingChannel
from alerts.episode import take_transition
from alerts.incidents import Desk
from alerts.people.company import Company
from alerts.pipeline import Receiver
from alerts.telling import Site, Teller
from alerts.trial import Trials
from api.app import create_app
from api.board import Board
from api.context import Context, Register
from api.field import FieldExchange
from api.presence import Presence
from hub.alert import AlertTransition, Target, alert_id
from hub.batch import Block
from hub.buses.memory import MemoryBus
from hub.catalogue import Datastream, Device
from hub.clock import ManualClock
from hub.dead_letter import DeadLetter
from hub.follow import CatalogueFollower
from hub.health import HealthFile
from hub.model import Condition
from hub.notify import NotifySection, SmsSection
from hub.roles import parts_of
from hub.rule import Rule
from hub.secret import hash_secret
from hub.settings import FieldSection, HubSection, Settings
from hub.topics import topics
from ingest import register as ingest_register
from ingest.intake import Intake
from storage.memory import MemoryStore
from storage.records import Records, dead_letters, feed, open_records
from storage.records.access import Role, create_token
from storage.records.publish import CataloguePublisher
from storage.records.register import put_device
from storage.records.rules import put_rule
from storage.records.users import add_user
from storage.series import Incoming, Points, Select
from storage.zones import zone_of

T = TypeVar("T")
NOW = 1_795_000_000_000
SECRET = "the-secret-of-a-device"
PASSWORD = "a good password"
WATER = "north/water/st-1"
AIR = "south/air/st-2"


class Store(MemoryStore):
    """The memory store, which raises `trouble` instead of answering while it has any."""

    def __init__(self) -> None:
        super().__init__()
        self.trouble: Exception | None = None

    def latest(self, select: Select) -> list[Points]:
        """The newest values, or the trouble."""
        if self.trouble is not None:
            raise self.trouble
        return super().latest(select)


class Asker:
    """Runs the application's lifespan on a loop of its own, from the first request on, and asks it from any thread."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._begun = False

    def _begin(self) -> None:
        self._begun = True
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._lifespan = self._app.router.lifespan_context(self._app)
        self._run(self._lifespan.__aenter__())
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://hub")

    def ask(self, method: str, path: str, token: str | None, **options: Any) -> httpx.Response:
        """One request."""
        if not self._begun:
            self._begin()
        headers = {**({} if token is None else {"Authorization": f"Bearer {token}"}), **options.pop("headers", {})}
        self._client.cookies.clear()
        return self._run(self._client.request(method, path, headers=headers, **options))

    def ask_many(self, paths: Sequence[str], token: str) -> list[tuple[int, bytes]]:
        """GET of many paths with as little around them as can be: status and body of each."""
        if not self._begun:
            self._begin()
        return self._run(self._many(paths, token))

    async def _many(self, paths: Sequence[str], token: str) -> list[tuple[int, bytes]]:
        return [await self._plain(path, token) for path in paths]

    async def _plain(self, path: str, token: str) -> tuple[int, bytes]:
        raw, _, query = path.partition("?")
        headers = [(b"host", b"hub"), (b"authorization", f"Bearer {token}".encode())]
        scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": raw,
            "raw_path": raw.encode(),
            "query_string": query.encode(),
        }
        scope |= {"headers": headers, "scheme": "http", "server": ("hub", 80), "client": ("test", 1), "root_path": ""}
        scope |= {"http_version": "1.1", "state": {}, "asgi": {"version": "3.0"}}
        status, body = 0, bytearray()

        body_given = False

        async def receive() -> Message:
            nonlocal body_given
            if body_given:
                await asyncio.Event().wait()  # this caller never hangs up
            body_given = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            body.extend(message.get("body", b""))

        try:
            await self._app(scope, receive, send)
        except Exception:  # noqa: BLE001 - a fault is raised again for the server's log; its answer is what counts
            status = 500
        return status, bytes(body)

    def close(self) -> None:
        """End the lifespan and the loop."""
        if not self._begun:
            return
        self._run(self._client.aclose())
        self._run(self._lifespan.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)


@dataclass(slots=True)
class Hub:
    """The parts of a hub under test."""

    settings: Settings
    records: Records
    bus: MemoryBus
    store: Store
    clock: ManualClock
    context: Context
    app: FastAPI
    publisher: CataloguePublisher
    follower: CatalogueFollower
    tokens: dict[str, str]
    asker: "Asker"

    def ask(self, method: str, path: str, who: str | None = "admin", **options: Any) -> httpx.Response:
        """One request to the application itself; `who` is a role, or `north` for a viewer of that department."""
        return self.asker.ask(method, path, None if who is None else self.tokens[who], **options)

    def get(self, path: str, who: str | None = "admin", **options: Any) -> httpx.Response:
        """GET."""
        return self.ask("GET", path, who, **options)

    def post(self, path: str, body: object = None, who: str | None = "admin", **options: Any) -> httpx.Response:
        """POST of JSON."""
        if "content" not in options:
            options["json"] = {} if body is None else body
        return self.ask("POST", path, who, **options)

    def write(
        self, station: str, values: Mapping[str, Sequence[float]], times: Sequence[int], **flags: Sequence[int]
    ) -> None:
        """Store values of one station at `times`; `quality` and `checks` per row."""
        names = tuple(values)
        matrix = np.array([values[name] for name in names], float).T.reshape(len(times), len(names))
        shape = matrix.shape
        given = {
            name: np.repeat(np.array(column, np.uint8)[:, None], shape[1], axis=1) for name, column in flags.items()
        }
        block = Block(names, np.zeros(len(times), np.uint32), np.array(times, np.int64), matrix, **given)
        self.store.write([Incoming((station,), (block,))])

    def alert(
        self, n: int = 1, condition: Condition = Condition.ACTIVE, *, start: int = NOW - 60_000, **more: object
    ) -> str:
        """Take one transition of an alert on the water station; its id."""
        target = more.pop("target", Target("north", "water", "st-1", "nh3_n"))
        assert isinstance(target, Target)
        identifier = alert_id("nh3-n-high", target, start)
        fired = start + 30_000
        transition = AlertTransition(
            identifier,
            n,
            "nh3-n-high",
            1,
            target,
            2,
            condition,
            at=fired,
            received=fired,
            breach_start=start,
            fired=None if condition is Condition.PENDING else fired,
            cleared=self.clock.now() if condition is Condition.CLEARED else None,
            value=2.4,
            limit=2.0,
            unit="mg/L",
            coverage=1.0,
        )
        with self.records.begin() as tx:
            take_transition(tx, Teller(Site.of(self.settings), []), transition, recorded=self.clock.now())
        return identifier

    def letter(self, device: str = WATER, payload: bytes = b"{", reason: str = "bad_json") -> int:
        """Keep a dead letter; its number."""
        topic = f"hub/{device}/telemetry"
        with self.records.begin() as tx:
            number = dead_letters.store(tx, DeadLetter(NOW, "mqtt", topic, reason, "not JSON", payload, device))
            feed.append(tx, "dead_letter", {"id": number, "device": device, "reason": reason}, at=NOW)
        return number

    def well(self) -> None:
        """Let every part say that it is well."""
        for part in parts_of(self.settings):
            HealthFile(self.settings.hub.data, part, self.clock).write(
                ok=True, detail="", counters={"received": 1, "refused.bad_json": 2}
            )

    def close(self) -> None:
        """Let go of everything."""
        self.asker.close()
        self.publisher.close()
        self.follower.close()
        self.records.close()
        self.bus.close()


def make_hub(folder: Path, records_url: str = "", field: FieldSection | None = None) -> Hub:
    """A hub whose files lie in `folder`, and whose records do too unless a URL is given."""
    place = HubSection(district="north", data=folder / "data", rules=folder / "rules")
    texts = SmsSection(name="texts", url="http://gateway.example/sms", to=("13800000009",), levels=())
    settings = Settings(hub=place, field=field or FieldSection(), notify=NotifySection(sms=(texts,)))
    clock = ManualClock(NOW)
    settings.hub.data.mkdir(parents=True)
    if records_url:
        records = open_records(records_url, settings.hub.data)
        records.migrate()
        tokens = _populate(records)
    else:
        database, tokens = _prepared()
        (settings.hub.data / "hub.db").write_bytes(database)
        records = open_records(settings.engines.records, settings.hub.data)
    bus = MemoryBus()
    bus.ensure_topics(topics(1))
    publisher = CataloguePublisher(bus, records, 0.2)
    records.listen(lambda done: publisher.wake() if done.catalogue else None)
    publisher.publish()
    publisher.start()
    follower = CatalogueFollower(bus)
    follower.start()
    store = Store()
    context = _context(settings, records, store, bus, follower, clock)
    app = create_app(context)
    return Hub(settings, records, bus, store, clock, context, app, publisher, follower, tokens, Asker(app))


def _context(
    settings: Settings,
    records: Records,
    store: Store,
    bus: MemoryBus,
    follower: CatalogueFollower,
    clock: ManualClock,
) -> Context:
    people = Company(zone_of(settings.hub.zone), [])
    teller = Teller(Site.of(settings), [])
    return Context(
        settings,
        records,
        store,
        Register(follower),
        Presence(store, clock),
        clock,
        Desk(teller),
        Intake(bus, ingest_register.Register(follower), settings.ingest, clock, source="http"),
        Board(settings, records, bus, store, clock, {}),
        FieldExchange(bus, clock),
        settings.hub.data / "evidence",
        people.climber(teller).settle,
        trials=_trials(settings, clock),
    )


def _trials(settings: Settings, clock: ManualClock) -> Trials:
    """A robot that takes everything, and a number that its vendor refuses."""
    robot = Receiver(
        "duty-group", "dingtalk-robot", ("https://oapi.dingtalk.com/robot/send",), people=True, rates=("20/min",)
    )
    number = Receiver("duty-phone", "sms", ("13800000001",), people=True, levels=(1,), departments=("north",))
    taking, refusing = RecordingChannel(settings, [robot]), RecordingChannel(settings, [number])
    taking.answers = [Receipt("delivered", 0, "ok")] * 100
    refusing.answers = [ChannelError("isv.MOBILE_NUMBER_ILLEGAL 非法手机号", permanent=True)] * 100
    channels = {"dingtalk-robot": taking, "sms": refusing}
    return Trials(channels, Allowance([robot, number]), Site.of(settings), clock)


@cache
def _prepared() -> tuple[bytes, dict[str, str]]:
    """The bytes of a migrated database with a register, a rule and people, and the secrets of their tokens; made once a run."""
    with TemporaryDirectory() as folder:
        with closing(open_records("sqlite:///hub.db", Path(folder))) as records:
            records.migrate()
            tokens = _populate(records)
        return (Path(folder) / "hub.db").read_bytes(), tokens


def _populate(records: Records) -> dict[str, str]:
    devices = [
        Device(
            WATER,
            "一号站",
            "Station 1",
            121.6,
            29.95,
            period_ms=60_000,
            secret_hash=hash_secret(SECRET),
            datastreams={"ph": Datastream(), "nh3_n": Datastream(low=0, high=50)},
        ),
        Device(AIR, "二号站", "Station 2", period_ms=60_000, secret_hash=hash_secret(SECRET)),
        Device("north/water/gateway", gateway=True, secret_hash=hash_secret(SECRET)),
    ]
    roles: dict[str, tuple[Role, str | None]] = {
        "admin": ("admin", None),
        "officer": ("officer", None),
        "viewer": ("viewer", None),
        "north": ("viewer", "north"),
        "south": ("officer", "south"),
    }
    tokens = {}
    with records.begin() as tx:
        for device in devices:
            put_device(tx, device, actor="test", at=NOW)
        rule = Rule(
            "nh3-n-high",
            0,
            "level",
            name_zh="氨氮超标",
            name_en="Ammonia high",
            property="nh3_n",
            above={2: 2.0, 3: 1.5},
        )
        put_rule(tx, rule, actor="test", at=NOW)
        for name, (role, department) in roles.items():
            tokens[name] = create_token(tx, name, role, actor="test", at=NOW, department=department)[1]
        tokens["device"] = create_token(tx, "device", "device", actor="test", at=NOW, device=WATER)[1]
        add_user(tx, "wang", PASSWORD, "officer", actor="test", at=NOW)
    return tokens
