"""Vendors that are no HTTP: a message centre (SMPP 3.4) and a mail server (SMTP), on real sockets, with the same moods."""

import socketserver
import struct
import threading
from collections import defaultdict
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, ClassVar

CENTRE_PASSWORD = "smpp-pw"
MAIL_PASSWORD = "a-mail-password-123"


class LineServer:
    """Listens on a free port; `script` holds what is done at a step instead of what is usual."""

    handler: ClassVar[type[socketserver.StreamRequestHandler]]

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.script: dict[str, list[Any]] = defaultdict(list)
        self.released = threading.Event()
        self.lock = threading.Lock()
        vendor = self

        class Handler(self.handler):  # type: ignore[name-defined, misc]
            """One connection."""

            def setup(self) -> None:
                super().setup()
                self.vendor = vendor

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A caller that hangs up is part of the game."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server.server_address[1])

    def scripted(self, step: str) -> Any:
        """What the script wants at this step, None for the usual."""
        with self.lock:
            return self.script[step].pop(0) if self.script[step] else None

    def close(self) -> None:
        """Stop."""
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


class CentreHandler(socketserver.StreamRequestHandler):
    """One bound transmitter."""

    vendor: "MessageCentre"

    def handle(self) -> None:
        """Answer units until the caller goes."""
        self.vendor.connections += 1
        self.asked = 0
        while head := self.rfile.read(16):
            length, command, _, number = struct.unpack(">IIII", head)
            body = self.rfile.read(length - 16)
            if not self.unit(command, number, body):
                return

    def unit(self, command: int, number: int, body: bytes) -> bool:
        """One unit; False ends the connection."""
        name = {2: "bind", 4: "submit", 6: "unbind", 0x15: "enquire"}.get(command, "answer")
        self.vendor.units.append(name)
        step = self.vendor.scripted(name)
        if isinstance(step, str):
            return self.behave(step, command, number)
        if name == "bind":
            words = body.split(b"\x00")
            known = words[:2] == [b"hub", CENTRE_PASSWORD.encode()]
            self.reply(command, step or (0 if known else 0x0E), number, b"centre\x00")
        elif name == "submit":
            if self.vendor.asks:
                self.wfile.write(struct.pack(">IIII", 16, 0x15, 0, 900 + len(self.vendor.units)))
            status = step or self.vendor.take(body)
            self.reply(command, status, number, b"" if status else f"id-{len(self.vendor.parts)}\x00".encode())
        elif name in {"unbind", "enquire"}:
            self.reply(command, 0, number)
        return name != "unbind"

    def behave(self, mood: str, command: int, number: int) -> bool:
        """As the moods of every vendor."""
        if mood == "hang":
            self.vendor.released.wait(30)
        elif mood == "garbage":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n nonsense")
        elif mood == "half":
            self.wfile.write(struct.pack(">III", 24, command | 0x80000000, 0))
        elif mood == "nack":
            self.reply(0, 3, number)
            return True
        elif mood == "unbind":
            self.reply(6 - 0x80000000, 0, 77)
        return False

    def reply(self, command: int, status: int, number: int, body: bytes = b"") -> None:
        """A response."""
        self.wfile.write(
            struct.pack(">IIII", 16 + len(body), (command + 0x80000000) % (1 << 32), status, number) + body
        )


class MessageCentre(LineServer):
    """Takes messages for numbers that begin with 1 or +, puts pieces together as a telephone does."""

    handler = CentreHandler

    def __init__(self) -> None:
        super().__init__()
        self.units: list[str] = []
        self.parts: list[tuple[str, int, bytes]] = []
        self.pieces: dict[int, dict[int, bytes]] = defaultdict(dict)
        self.connections = 0
        self.asks = False
        self.limit = 100

    def take(self, body: bytes) -> int:
        """The status for one submit_sm."""
        _, rest = body.split(b"\x00", 1)
        source, rest = rest[2:].split(b"\x00", 1)
        to, rest = rest[2:].split(b"\x00", 1)
        esm, rest = rest[0], rest[3:]
        _, _, rest = rest.split(b"\x00", 2)
        coding, length = rest[2], rest[4]
        text, parameters = rest[5 : 5 + length], rest[5 + length :]
        if to[:1] not in {b"1", b"+"}:
            return 0x0B
        if coding != 8 or length > 140 or len(text) != length:
            return 0x01
        if len(self.parts) >= self.limit:
            return 0x58
        self.parts.append((to.decode(), esm, text))
        self.piece(esm, text, parameters)
        return 0 if source else 0x0A

    def piece(self, esm: int, text: bytes, parameters: bytes) -> None:
        """Join pieces: by the header in the text, or by the optional parameters."""
        reference, total, number = 0, 1, 1
        if esm & 0x40:
            assert text[:3] == b"\x05\x00\x03"
            reference, total, number, text = text[3], text[4], text[5], text[6:]
        elif parameters:
            reference, total, number = parameters[5], parameters[10], parameters[15]
        self.pieces[reference][number] = text
        if len(self.pieces[reference]) == total:
            found = self.pieces.pop(reference)
            self.texts.append(b"".join(found[place] for place in sorted(found)).decode("utf-16-be"))


class MailHandler(socketserver.StreamRequestHandler):
    """One conversation."""

    vendor: "MailServer"

    def handle(self) -> None:
        """Line by line."""
        self.say("220 mail.example.org")
        while line := self.rfile.readline().decode().strip():
            word = line.split(":", 1)[0].upper()
            if word == "DATA":
                if not self.data():
                    return
            elif word.startswith("EHLO"):
                self.say("250-mail.example.org\r\n250 AUTH PLAIN")
            elif word == "RCPT TO":
                self.say(self.vendor.scripted("rcpt") or ("250 OK" if "<w" in line else "550 no such user"))
            elif word.startswith("AUTH"):
                self.say("235 welcome")
            else:
                self.say("221 bye" if word == "QUIT" else "250 OK")

    def data(self) -> bool:
        """The mail; False ends the conversation."""
        self.say("354 go on")
        got = b""
        while not got.endswith(b"\r\n.\r\n"):
            got += self.rfile.readline()
        step = self.vendor.scripted("data")
        if step == "hang":
            self.vendor.released.wait(30)
        elif step == "garbage":
            self.wfile.write(b"\x00\xff\xfenonsense\r\n")
        elif step == "half":
            self.wfile.write(b"25")
        elif isinstance(step, str) and step[:1].isdigit():
            self.say(step)
            return True
        elif step is None:
            mail = message_from_bytes(got.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n."), policy=default)
            assert isinstance(mail, EmailMessage)
            plain = mail.get_body(("plain",))
            assert plain is not None
            self.vendor.texts.append(plain.get_content())
            self.say("250 queued as 4711")
            return True
        return False

    def say(self, words: str) -> None:
        """One answer."""
        self.wfile.write(words.encode() + b"\r\n")


class MailServer(LineServer):
    """Takes mails for addresses that begin with w."""

    handler = MailHandler
