"""SM4-ECB without padding over the content, as HJ 212-2025 asks for on the way over the Internet; the key is the device's own, in the register."""

import re
from typing import TYPE_CHECKING, Final

import msgspec

from ingest.field.session import ProtocolError
from ingest.protocols.hj212.packet import Packet

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import ECB

BLOCK: Final = 16
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{32})+")
_CLEAR: Final = re.compile(r"\s*[A-Za-z0-9_.-]+\s*=")
_FILLING: Final = "\x00 \r\n"
_SEALED_COMMANDS: Final = frozenset({"1014", "3020"})


def is_sealed(packet: Packet) -> bool:
    """Whether the content is a cipher: raw bytes, or hexadecimal digits where items should stand."""
    if packet.cipher:
        return True
    if packet.edition != "2025" or not packet.cp or not (packet.cn[0] == "2" or packet.cn in _SEALED_COMMANDS):
        return False
    return not _CLEAR.match(packet.cp)


def unseal(packet: Packet, key: str) -> Packet:
    """The packet in clear; `key` 32 hexadecimal digits, or empty when there is none.

    Raises:
        ProtocolError: unsupported without a key, bad_format when the key does not fit.
    """
    if not is_sealed(packet):
        return packet
    if not key:
        raise ProtocolError("unsupported", "the content is encrypted (SM4), and the register has no key of this device")
    sealed = packet.cipher or packet.cp.encode()
    if _HEX.fullmatch(packet.cp):
        sealed = bytes.fromhex(packet.cp)
    if len(sealed) % BLOCK:
        raise ProtocolError("bad_format", f"{len(sealed)} bytes of cipher are no whole number of SM4 blocks")
    machine = _sm4(key).decryptor()
    clear = machine.update(sealed) + machine.finalize()
    try:
        text = clear.decode().rstrip(_FILLING)
    except UnicodeDecodeError:
        text = ""
    if text and not _CLEAR.match(text):
        text = ""
    if not text:
        raise ProtocolError(
            "bad_format", "the encrypted content is no text: the key in the register is not the device's"
        )
    return msgspec.structs.replace(packet, cp=text, cipher=b"")


def seal(packet: Packet, key: str) -> Packet:
    """The packet with its content as cipher in hexadecimal digits, filled up with NUL to whole blocks."""
    clear = packet.cp.encode()
    machine = _sm4(key).encryptor()
    sealed = machine.update(clear + bytes(-len(clear) % BLOCK)) + machine.finalize()
    return msgspec.structs.replace(packet, cp=sealed.hex().upper())


def _sm4(key: str) -> "Cipher[ECB]":
    # Loaded with the first sealed content: most hubs never see one, and the library takes 6 MB of the process.
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import SM4
    from cryptography.hazmat.primitives.ciphers.modes import ECB

    return Cipher(SM4(bytes.fromhex(key)), ECB())  # noqa: S305 - the standard asks for ECB
