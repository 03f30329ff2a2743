"""How a registered device speaks a field protocol: which one, under which identity, with which peculiarities."""

import ipaddress
import re
from typing import Final, Literal

import msgspec

Crs = Literal["wgs84", "gcj02", "bd09"]

_PROTOCOL: Final = re.compile(r"[a-z][a-z0-9]{0,15}")
_IDENTITY: Final = re.compile(r"[0-9A-Za-z_-]{1,32}")


class FieldLink(msgspec.Struct, frozen=True, omit_defaults=True):
    """One device's way in by a field protocol.

    `identity` is what its frames call it: MN (HJ 212), terminal phone number (JT/T 808), station address (SL 651). `password` is the protocol's own weak
    word (PW, authentication code), kept readable because commands to the device must carry it; `key` a cipher key in hexadecimal. `sources` are the networks
    it may call from (none: any). `crc` is how its firmware computes HJ 212's check, `crs` the datum of its positions. `units` gives the unit a code is sent in
    where it is not the protocol's, `factors` the property of codes of its own. `backfill`: missing periods are asked for by the hub itself.
    """

    protocol: str
    identity: str
    password: str = ""
    key: str = ""
    sources: tuple[str, ...] = ()
    crc: Literal["hj212", "modbus"] = "hj212"
    crs: Crs = "wgs84"
    units: dict[str, str] = {}
    factors: dict[str, str] = {}
    backfill: bool = True

    def __post_init__(self) -> None:
        if not _PROTOCOL.fullmatch(self.protocol):
            raise ValueError(f"link.protocol {self.protocol!r}: expected a word such as hj212, jt808, sl651")
        if not _IDENTITY.fullmatch(self.identity):
            raise ValueError(f"link.identity {self.identity!r}: expected 1 to 32 letters, digits, _ or -")
        for network in self.sources:
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                raise ValueError(
                    f"link.sources {network!r}: expected an address or network such as 10.1.0.0/16"
                ) from error
        if self.key and not re.fullmatch(r"[0-9A-Fa-f]{32}", self.key):
            raise ValueError("link.key: expected 32 hexadecimal digits (128 bits)")

    def without_secrets(self) -> "FieldLink":
        """The link as it may stand in a log or an answer."""
        return msgspec.structs.replace(self, password="", key="")

    def allows(self, address: str) -> bool:
        """Whether the device may call from this address; IPv4 in IPv6 form counts as IPv4."""
        if not self.sources:
            return True
        caller = ipaddress.ip_address(address.partition("%")[0])
        mapped = getattr(caller, "ipv4_mapped", None)
        return any((mapped or caller) in ipaddress.ip_network(network) for network in self.sources)
