"""One connection of a logger: who it is, what it uploads and how that is answered, what is asked of it (HJ 212-2017, 6)."""

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
    ProtocolError,
    Reject,
    Seen,
)
from ingest.protocols.hj212.asking import Asking
from ingest.protocols.hj212.caller import Caller, Callers
from ingest.protocols.hj212.cipher import unseal
from ingest.protocols.hj212.clock_watch import ClockWatch
from ingest.protocols.hj212.content import read_items
from ingest.protocols.hj212.frame import Broken, Frame, Framer
from ingest.protocols.hj212.memory import DURABLE, Memories
from ingest.protocols.hj212.packet import Packet, parse_packet
from ingest.protocols.hj212.parts import Assembly, Split
from ingest.protocols.hj212.readings import DATA, Reader
from ingest.protocols.hj212.records import NOTES, take_record
from ingest.protocols.hj212.times import read_time
from ingest.protocols.hj212.words import COMMANDS

UNFINISHED_MS: Final = 30_000
"""How long the rest of a frame may take to come."""

_WRONG_PASSWORDS: Final = 5
_REPLIES: Final = frozenset({"9011", "9012", "9013"})


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
        self._asking = Asking(by_itself=not line.trusted)
        self._tokens = memories.tokens
        self._waiting: dict[int, list[tuple[Caller, Packet]]] = {}
        self._records: dict[int, tuple[Caller, list[int]]] = {}
        self._wrong = 0

    # --- what comes

    def received(self, data: bytes, now: int) -> Sequence[Action]:
        noise = self._framer.noise
        actions: list[Action] = []
        frames = self._framer.feed(data)
        for frame in frames:
            if isinstance(frame, Broken):
                actions += [Count(frame.reason), Reject(frame.reason, f"hj212: {frame.detail}", frame.raw)]
            else:
                actions += self._frame(frame, now)
        if self._framer.noise > noise:
            actions.append(Count("noise_bytes", self._framer.noise - noise))
        if not self._framer.unfinished:
            self._unfinished = None
        elif frames or self._unfinished is None:
            self._unfinished = now
        return actions

    def durable(self, token: int, now: int) -> Sequence[Action]:
        if (under_way := self._records.pop(token, None)) is not None:
            caller, records = under_way
            for record in records:
                caller.memory.kept(record)
        actions: list[Action] = []
        waiting = self._waiting.pop(token, [])
        for asker, packet in waiting:
            actions += self._answer(asker, packet)
        if waiting and waiting[0][1].cn in ("1013", "2081"):
            actions += self._asking.initialise(waiting[0][1].cn, now)
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
        return [*actions, *self._asking.tick(now)]

    def next_tick(self) -> int | None:
        times = [self._asking.next_time(), self._assembly.next_time()]
        if self._unfinished is not None:
            times.append(self._unfinished + UNFINISHED_MS)
        return min((time for time in times if time is not None), default=None)

    def closed(self, now: int) -> Sequence[Action]:
        actions: list[Action] = []
        for split in self._assembly.drop():
            actions += self._give_up(split)
        for caller, records in self._records.values():
            for record in records:
                caller.memory.forget(record)
        self._records.clear()
        self._waiting.clear()
        return [*actions, *self._asking.close(now)]

    # --- one frame

    def _frame(self, frame: Frame, now: int) -> list[Action]:
        station, mn, counted = "", "", [Count("crc_modbus")] if frame.check == "modbus" else []
        try:
            packet = parse_packet(frame.segment)
            mn = packet.mn
            caller = self._callers.admit(packet, frame)
            station = caller.entry.station
            packet = unseal(packet, caller.link.key)
        except ProtocolError as error:
            return [*counted, Reject(error.reason, f"hj212: {error.detail}", frame.raw, station)]
        except Refused as refused:
            return [*counted, *self._turned_away(refused, frame, mn)]
        greeting: list[Action] = []
        if self._caller is None or self._caller.mn == caller.mn:
            if self._caller is None:
                greeting = [Identify(station, packet.mn, packet.edition)]
            self._caller = self._asking.caller = caller
        return [*counted, *greeting, *self._message(caller, packet, frame, now)]

    def _turned_away(self, refused: Refused, frame: Frame, mn: str) -> list[Action]:
        rejected = Reject(refused.reason, f"hj212: {refused.detail}", frame.raw, identity=mn)
        actions: list[Action] = [Count(refused.reason), rejected]
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
        if packet.cn in _REPLIES or self._asking.asked(packet.qn):
            try:
                items = read_items(packet.cp)
            except ProtocolError as error:
                return [Reject(error.reason, f"hj212: {error.detail}", frame.raw, caller.entry.station)]
            return [Seen(frame.raw), *self._asking.heard(packet, items, now)]
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
            return self._part(caller, packet, frame, record, now)
        return self._whole(caller, packet, frame.raw, [record], int(packet.wants_answer), now)

    def _part(self, caller: Caller, packet: Packet, frame: Frame, record: int, now: int) -> list[Action]:
        split, given_up = self._assembly.take(packet, frame.raw, record, now)
        actions = [action for one in given_up for action in self._give_up(one)]
        if split is None:
            return [*actions, Seen(frame.raw)]
        return [
            *actions,
            *self._whole(caller, split.whole(), split.frames, list(split.records.values()), split.answers, now),
        ]

    def _whole(
        self, caller: Caller, packet: Packet, raw: bytes, records: list[int], answers: int, now: int
    ) -> list[Action]:
        token = next(self._tokens)
        self._waiting[token] = [(caller, packet)] * answers
        for record in filter(None, records):
            caller.memory.put(record, token)
        self._records[token] = caller, records
        horizon = now + self._line.future_ms
        try:
            taken = take_record(packet, caller.entry, self._reader, caller.dialect, horizon, now)
        except ProtocolError as error:
            return [Reject(error.reason, f"hj212: {error.detail}", raw, caller.entry.station, token)]
        actions = self._watch(caller, packet, taken, now)
        actions.append(Deliver(caller.entry.station, taken, raw, token))
        if self._asking.asked(packet.qn):
            items = [] if packet.cn in DATA else read_items(packet.cp)
            actions += self._asking.heard(packet, items, now)
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
        return [caller.send(reply)]

    # --- what is asked of the device

    def command(self, command: Command, now: int) -> Sequence[Action]:
        return self._asking.command(command, now)
