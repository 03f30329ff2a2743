"""What the platform sends, in the terminal's own form: its version, its phone number, serial numbers of the connection."""

from ingest.protocols.jt808.frame import MOST_BODY, Frame, Header, write_frame


class Writer:
    """Frames to one terminal; until it has spoken there is nobody to write to."""

    def __init__(self) -> None:
        self.version: int | None = None
        self._phone = ""
        self._serial = -1

    def meet(self, header: Header) -> None:
        """Write as this terminal does from now on."""
        self.version, self._phone = header.version, header.phone

    def pack(self, message: int, body: bytes) -> list[tuple[int, bytes]]:
        """The frames of a message with their serial numbers: several where the body is too long for one.

        Raises:
            ProtocolError: bad_value, the phone number does not fit.
        """
        pieces = [body[start : start + MOST_BODY] for start in range(0, len(body), MOST_BODY)] or [b""]
        total = len(pieces) if len(pieces) > 1 else 0
        frames = []
        for number, piece in enumerate(pieces, 1):
            self._serial = (self._serial + 1) & 0xFFFF
            header = Header(message, self._phone, self._serial, self.version, total, number if total else 0)
            frames.append((self._serial, write_frame(Frame(header, piece))))
        return frames
