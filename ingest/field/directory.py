"""Which registered device a frame means: the register by protocol and identity."""

from hub.catalogue import Device
from ingest.codec import Entry
from ingest.register import Register


class LinkDirectory:
    """Follows the register; where two devices claim one identity the first by name has it, and `doubled` names both."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._version = -1
        self._links: dict[tuple[str, str], Device] = {}
        self.doubled: list[str] = []

    def find(self, protocol: str, identity: str) -> Device | None:
        """The enabled device with this link."""
        self._follow()
        device = self._links.get((protocol, identity))
        return device if device is not None and device.enabled else None

    def entry(self, station: str) -> Entry:
        """What decoders ask of one device.

        Raises:
            Refused: unknown_device, or not_allowed when the register has disabled it.
        """
        self._follow()
        return self._register.entry(station)

    def _follow(self) -> None:
        self._register.refresh()
        if self._register.version == self._version:
            return
        self._version = self._register.version
        self._links, self.doubled = {}, []
        for _, device in sorted(self._register.catalogue.devices.items()):
            if (link := device.link) is None:
                continue
            first = self._links.setdefault((link.protocol, link.identity), device)
            if first is not device:
                self.doubled.append(f"{link.protocol} {link.identity}: {first.station} and {device.station}")
