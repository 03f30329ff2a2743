"""Who is at the other end: the device of the register whose MN a frame carries, and whether the frame may come from it."""

from dataclasses import dataclass
from typing import Final

from hub.catalogue import Device
from hub.errors import Refused
from hub.link import FieldLink
from ingest.codec import Entry
from ingest.field.session import Line, Send
from ingest.protocols.hj212.checksum import modbus
from ingest.protocols.hj212.frame import Frame, encode_frame, mask
from ingest.protocols.hj212.memory import Memories, Memory
from ingest.protocols.hj212.packet import Packet
from ingest.protocols.hj212.readings import Reader

NAME: Final = "hj212"


@dataclass(slots=True)
class Caller:
    """One device on this connection, as the register has it now."""

    device: Device
    link: FieldLink
    entry: Entry
    dialect: int
    memory: Memory
    mn: str
    st: str = ""
    flag: int | None = None

    @property
    def password(self) -> str:
        """What frames to the device carry as PW."""
        return self.memory.new_password or self.link.password

    def send(self, packet: Packet) -> Send:
        """A frame for the device, with the check that its firmware expects; its passwords are not shown."""
        data = encode_frame(packet.segment(), self.link.crc)
        if packet.cp:
            return Send(data, mask(data))
        password = f"PW={packet.pw};".encode()
        return Send(data, data.replace(password, b"PW=" + b"*" * (len(password) - 4) + b";"))


class Callers:
    """The devices that one connection has spoken for: one logger, or a relay of several."""

    def __init__(self, line: Line, reader: Reader, memories: Memories) -> None:
        self._line = line
        self._reader = reader
        self._memories = memories
        self._known: dict[str, Caller] = {}

    def admit(self, packet: Packet, frame: Frame) -> Caller:
        """The device that the frame is from.

        Raises:
            Refused: unknown_device, not_allowed, bad_crc or bad_password.
        """
        directory = self._line.directory
        device = directory.find(NAME, packet.mn) or directory.find(NAME, packet.mn.upper())
        if device is None or device.link is None:
            raise Refused("unknown_device", f"MN={packet.mn}: no device of the register has this identity under {NAME}")
        entry = directory.entry(device.station)
        caller = self._known.get(packet.mn)
        if caller is None or caller.entry is not entry or caller.device is not device:
            caller = self._meet(device, device.link, entry, packet.mn)
        _check_crc(caller.link, frame)
        if not self._line.trusted:
            _check_password(caller, packet)
        caller.st, caller.flag = packet.st if packet.st != "91" else caller.st, packet.flag
        return caller

    def _meet(self, device: Device, link: FieldLink, entry: Entry, mn: str) -> Caller:
        if not self._line.trusted and not link.allows(self._line.peer):
            raise Refused(
                "not_allowed", f"{device.station}: {self._line.peer} is none of the addresses it may call from"
            )
        memory = self._memories.of(device.station)
        caller = Caller(device, link, entry, self._reader.dialect(entry), memory, mn)
        before = self._known.get(mn)
        if before is not None:
            caller.st, caller.flag = before.st, before.flag
        self._known[mn] = caller
        return caller


def _check_crc(link: FieldLink, frame: Frame) -> None:
    if frame.check == link.crc or (link.crc == "modbus" and int(frame.given, 16) == modbus(frame.segment)):
        return
    told = "HJ 212 annex A" if link.crc == "hj212" else "CRC-16/MODBUS"
    found = "CRC-16/MODBUS" if frame.check == "modbus" else "HJ 212 annex A"
    raise Refused("bad_crc", f"check {frame.given} is {found}; the register says of this device (link.crc): {told}")


def _check_password(caller: Caller, packet: Packet) -> None:
    if not caller.link.password:
        return
    if packet.pw == caller.link.password:
        # The register has caught up with what command 1072 set, or the device went back.
        caller.memory.new_password = ""
        return
    if not packet.pw or packet.pw not in (caller.memory.new_password, caller.memory.offered):
        raise Refused("bad_password", "PW is not the one in the register (6.3.2)")
