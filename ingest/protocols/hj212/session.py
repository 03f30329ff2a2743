"""One connection of a logger: who it is, what it uploads and how that is answered, what is asked of it (HJ 212-2017, 6)."""

import itertools
from collections.abc import Sequence
from typing import Final

from hub.command import Command
from hub.errors import Refused
from hub.event import DeviceEvent
from ingest.codec import Taken
from ingest.field.session import (
    Action,
    Close,
    Count,
    Deliver,
    Identify,
    Line,
    Progress,
    ProtocolError,
    Reject,
    Seen,
    Send,
)
from ingest.protocols.hj212.caller import Caller, Callers
from ingest.protocols.hj212.cipher import unseal
from ingest.protocols.hj212.clock_watch import ClockWatch
from ingest.protocols.hj212.commands import Request, request_for
from ingest.protocols.hj212.content import read_items
from ingest.protocols.hj212.downlink import Downlink, Ended, Ending, Errand
from ingest.protocols.hj212.frame import Broken, Frame, Framer, encode_frame
from ingest.protocols.hj212.gaps import Gap
from ingest.protocols.hj212.memory import DURABLE, Memories
from ingest.protocols.hj212.packet import Packet, parse_packet
from ingest.protocols.hj212.parts import Assembly, Split
from ingest.protocols.hj212.readings import DATA, Reader
from ingest.protocols.hj212.records import NOTES, take_record
from ingest.protocols.hj212.shown import mask
from ingest.protocols.hj212.times import HOUR, read_time
from ingest.protocols.hj212.words import COMMANDS

UNFINISHED_MS: Final = 30_000
"""How long the rest of a frame may take to come."""

_WRONG_PASSWORDS: Final = 5
_REPLIES: Final = frozenset({"9011", "9012", "9013"})
_AUTO_MS: Final = 10 * 60_000
_SYSTEM_OF_KIND: Final = {"water": "21", "air": "22", "source": "32"}


class Session:
    """One per connection."""

    def __init__(self, line: Line, reader: Reader, memories: Memories) -> None:
        self._line = line
        self._reader = reader
        self._callers = Callers(line, reader, memories)
        self._caller: Caller | None = None
        self._framer = Framer()
        self._unfinished: int | None = None
        self._assembly = Assembly()
        self._clock = ClockWatch()
        self._downlink = Downlink(self._write_request)
        self._tokens = memories.tokens
        self._waiting: dict[int, list[tuple[Caller, Packet]]] = {}
        self._records: dict[int, tuple[Caller, int]] = {}
        self._errands = itertools.count(1)
        self._wrong = 0

    # --- what comes

    def received(self, data: bytes, now: int) -> Sequence[Action]:
        noise = self._framer.noise
        actions: list[Action] = []
        for found in self._framer.feed(data):
            if isinstance(found, Broken):
                actions += [Count(found.reason), Reject(found.reason, f"hj212: {found.detail}", found.raw)]
            else:
                actions += self._frame(found, now)
        if self._framer.noise > noise:
            actions.append(Count("noise_bytes", self._framer.noise - noise))
        self._unfinished = (self._unfinished or now) if self._framer.unfinished else None
        return actions

    def durable(self, token: int, now: int) -> Sequence[Action]:
        caller, record = self._records.pop(token, (None, 0))
        if caller is not None:
            caller.memory.kept(record)
        actions: list[Action] = []
        waiting = self._waiting.pop(token, [])
        for asker, packet in waiting:
            actions += self._answer(asker, packet)
        if waiting and waiting[0][1].cn in ("1013", "2081"):
            actions += self._initialise(waiting[0][1].cn, now)
        return actions

    def tick(self, now: int) -> Sequence[Action]:
        actions: list[Action] = []
        if self._unfinished is not None and now - self._unfinished >= UNFINISHED_MS:
            raw = self._framer.drop()
            self._unfinished = None
            detail = f"hj212: {len(raw)} bytes of a frame, and no more in {UNFINISHED_MS // 1000} s (6.3.1)"
            actions += [Count("incomplete"), Reject("incomplete", detail, raw)]
        for split in self._assembly.expire(now):
            actions += self._give_up(split)
        return [*actions, *self._downlink.tick(now), *self._backfill(now)]

    def next_tick(self) -> int | None:
        times = [self._downlink.next_time(), self._assembly.next_time()]
        if self._unfinished is not None:
            times.append(self._unfinished + UNFINISHED_MS)
        if (caller := self._caller) is not None and caller.link.backfill and self._downlink.idle:
            times.append(caller.memory.gaps.ready())
        return min((time for time in times if time is not None), default=None)

    def closed(self, now: int) -> Sequence[Action]:
        actions: list[Action] = []
        for split in self._assembly.drop():
            actions += self._give_up(split)
        for caller, record in self._records.values():
            caller.memory.forget(record)
        self._records.clear()
        self._waiting.clear()
        return [*actions, *self._downlink.close(now)]

    # --- one frame

    def _frame(self, frame: Frame, now: int) -> list[Action]:
        station, counted = "", [Count("crc_modbus")] if frame.check == "modbus" else []
        try:
            packet = parse_packet(frame.segment)
            caller = self._callers.admit(packet, frame)
            station = caller.entry.station
            packet = unseal(packet, caller.link.key)
        except ProtocolError as error:
            return [*counted, Reject(error.reason, f"hj212: {error.detail}", frame.raw, station)]
        except Refused as refused:
            return [*counted, *self._turned_away(refused, frame)]
        greeting: list[Action] = []
        if self._caller is None or self._caller.mn == caller.mn:
            if self._caller is None:
                greeting = [Identify(station, packet.mn, packet.edition)]
            self._caller = caller
        return [*counted, *greeting, *self._message(caller, packet, frame, now)]

    def _turned_away(self, refused: Refused, frame: Frame) -> list[Action]:
        actions: list[Action] = [Count(refused.reason), Reject(refused.reason, f"hj212: {refused.detail}", frame.raw)]
        if refused.reason == "not_allowed":
            actions.append(Close(f"not allowed: {refused.detail}"))
        if refused.reason == "bad_password":
            self._wrong += 1
            if self._wrong >= _WRONG_PASSWORDS:
                actions.append(Close(f"{self._wrong} frames with a wrong password"))
        return actions

    def _message(self, caller: Caller, packet: Packet, frame: Frame, now: int) -> list[Action]:
        if packet.cn in DATA or packet.cn in NOTES:
            return self._record(caller, packet, frame, now)
        if packet.cn == "9015":
            answer = self._answer(caller, packet) if packet.wants_answer else []
            return [Seen(frame.raw), *answer]
        if packet.cn in _REPLIES or self._downlink.asked(packet.qn):
            try:
                items = read_items(packet.cp)
            except ProtocolError as error:
                return [Reject(error.reason, f"hj212: {error.detail}", frame.raw, caller.entry.station)]
            return [Seen(frame.raw), *self._downlink.heard(packet, items, now), *self._backfill(now)]
        if packet.cn == "9014" or packet.cn in ("1011", "1061", "1063", "3016", "3017", "3018"):
            return [Seen(frame.raw), Count("unasked")]
        what = COMMANDS.get(packet.cn, "no command of table 5")
        detail = f"hj212: CN={packet.cn} ({what}) from a device is not taken"
        return [Reject("unsupported", detail, frame.raw, caller.entry.station)]

    # --- records

    def _record(self, caller: Caller, packet: Packet, frame: Frame, now: int) -> list[Action]:
        record = hash((packet.mn, packet.qn, packet.cn, packet.pno, frame.segment)) if packet.qn else 0
        if record and not self._line.trusted and (state := caller.memory.state(record)) is not None:
            if state == DURABLE:
                answer = self._answer(caller, packet) if packet.wants_answer else []
                return [Count("duplicate"), Seen(frame.raw), *answer]
            if state in self._waiting:
                if packet.wants_answer:
                    self._waiting[state].append((caller, packet))
                return [Count("duplicate"), Seen(frame.raw)]
        if packet.pnum > 1:
            return self._part(caller, packet, frame, now)
        return self._whole(caller, packet, frame.raw, record, int(packet.wants_answer), now)

    def _part(self, caller: Caller, packet: Packet, frame: Frame, now: int) -> list[Action]:
        split, given_up = self._assembly.take(packet, frame.raw, now)
        actions = [action for one in given_up for action in self._give_up(one)]
        if split is None:
            return [*actions, Seen(frame.raw)]
        record = hash((packet.mn, packet.qn, packet.cn, "whole", split.frames)) if packet.qn else 0
        return [*actions, *self._whole(caller, split.whole(), split.frames, record, split.answers, now)]

    def _whole(self, caller: Caller, packet: Packet, raw: bytes, record: int, answers: int, now: int) -> list[Action]:
        token = next(self._tokens)
        self._waiting[token] = [(caller, packet)] * answers
        if record:
            caller.memory.put(record, token)
            self._records[token] = caller, record
        horizon = now + self._line.future_ms
        try:
            taken = take_record(packet, caller.entry, self._reader, caller.dialect, horizon, now)
        except ProtocolError as error:
            return [Reject(error.reason, f"hj212: {error.detail}", raw, caller.entry.station, token)]
        actions = self._watch(caller, packet, taken, now)
        actions.append(Deliver(caller.entry.station, taken, raw, token))
        if self._downlink.asked(packet.qn):
            items = [] if packet.cn in DATA else read_items(packet.cp)
            actions += self._downlink.heard(packet, items, now)
        return actions

    def _watch(self, caller: Caller, packet: Packet, taken: Taken, now: int) -> list[Action]:
        """What the times of a record say: of the device's clock, and of records that are missing before it."""
        if self._line.trusted:
            return []
        for reading in taken.readings:
            caller.memory.gaps.heard(packet.cn, reading.time, now)
        if packet.cn != "2011" or not packet.qn:
            return []
        try:
            said = read_time(packet.qn, "QN")
        except ProtocolError:
            return []
        if not self._clock.heard(said, now):
            return []
        values: dict[str, float | str | bool | None] = {"offset_s": self._clock.offset / 1000}
        words = self._clock.words()
        taken.events.append(DeviceEvent("note", caller.entry.station, now, now, "clock", 4, words, values))
        return [Count(f"clock_{self._clock.verdict}")]

    def _give_up(self, split: Split) -> list[Action]:
        return [Count("incomplete"), Reject("incomplete", f"hj212: {split.describe()}", split.frames)]

    def _answer(self, caller: Caller, packet: Packet) -> list[Action]:
        """9014 to data, 9013 to a notice: same QN, PW and MN, no content (6.2.2, 6.2.3)."""
        notice = packet.cn in ("1013", "9015")
        flag = None if packet.flag is None else packet.flag & ~3
        reply = Packet("91", "9013" if notice else "9014", packet.mn, packet.qn, packet.pw, flag)
        return [self._send(caller, reply)]

    # --- what is asked of the device

    def command(self, command: Command, now: int) -> Sequence[Action]:
        caller = self._caller
        if caller is None:
            return [Progress(command.id, "refused", "the device has not said who it is")]
        try:
            request = request_for(command.name, command.arguments, now)
        except ProtocolError as error:
            return [Progress(command.id, "refused", error.detail)]
        ended = None
        if command.name == "password.set":
            ended = self._password_set(caller, str(command.arguments["password"]))
        return self._downlink.put(Errand(command.id, request, command.expires, ended), now)

    def _auto(self, name: str, arguments: dict[str, object], now: int, ended: Ended | None = None) -> list[Action]:
        assert self._caller is not None
        request = request_for(name, arguments, now)
        errand = Errand(f"auto:{name}:{self._caller.mn}-{now}-{next(self._errands)}", request, now + _AUTO_MS, ended)
        return self._downlink.put(errand, now)

    def _initialise(self, cn: str, now: int) -> list[Action]:
        """What the centre sets: the clock when it is asked to (1013); after a start (2081) time-outs and the interval too (6.7)."""
        if self._line.trusted or self._caller is None:
            return []
        if cn == "1013":
            return self._auto("clock.set", {}, now)
        actions = self._auto("timeout.set", {"seconds": 10, "retries": 3}, now) + self._auto("clock.set", {}, now)
        period = self._caller.device.period_ms
        if period is not None and 30_000 <= period <= HOUR:
            actions += self._auto("interval.set", {"seconds": period // 1000}, now)
        return actions

    def _backfill(self, now: int) -> list[Action]:
        caller = self._caller
        if caller is None or self._line.trusted or not caller.link.backfill or not self._downlink.idle:
            return []
        gap = caller.memory.gaps.take(now)
        if gap is None:
            return []
        asked: dict[str, object] = {"kind": gap.kind, "begin": gap.begin, "end": gap.end}
        return [Count("backfill"), *self._auto("data.query", asked, now, self._backfilled(caller, gap))]

    def _backfilled(self, caller: Caller, gap: Gap) -> Ended:
        def ended(ending: Ending) -> None:
            if ending.state in ("failed", "expired") and not ending.detail.startswith("ExeRtn=100"):
                caller.memory.gaps.failed(gap, ending.now)

        return ended

    def _password_set(self, caller: Caller, password: str) -> Ended:
        caller.memory.offered = password

        def ended(ending: Ending) -> None:
            caller.memory.offered = ""
            if ending.state == "done":
                caller.memory.new_password = password

        return ended

    def _write_request(self, qn: str, request: Request) -> Send:
        caller = self._caller
        assert caller is not None
        st = caller.st or _SYSTEM_OF_KIND.get(caller.entry.kind, "32")
        flag = ((caller.flag or 0) & ~3) | 1
        return self._send(caller, Packet(st, request.cn, caller.mn, qn, caller.password, flag, cp=request.cp))

    def _send(self, caller: Caller, packet: Packet) -> Send:
        data = encode_frame(packet.segment(), caller.link.crc)
        if packet.cp:
            return Send(data, mask(data))
        password = f"PW={packet.pw};".encode()
        return Send(data, data.replace(password, b"PW=" + b"*" * (len(password) - 4) + b";"))
