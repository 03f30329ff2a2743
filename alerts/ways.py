"""The receivers of one channel: opened from the settings with every mistake at once, and told without showing a secret."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Final, Generic, TypeVar
from urllib.parse import SplitResult, quote, urlsplit

from alerts.channel import ChannelError, Notification, Receipt
from alerts.pipeline import Receiver
from hub.config import read_secret
from hub.errors import ConfigError, Fault
from hub.notify import ReceiverSection
from hub.section import SecretRef

ANSWER_CHARS: Final = 500
"""So much of a vendor's words is kept."""

_SHORTEST_SECRET: Final = 4

S = TypeVar("S", bound=ReceiverSection)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Way(Generic[S]):
    """One receiver with its section and its secrets by their names."""

    section: S
    receiver: Receiver
    secrets: dict[str, str] = field(repr=False)

    def hide(self, text: str) -> str:
        """The text without our secrets, as they are and as they stand in URLs, and not longer than is kept."""
        for secret in self.secrets.values():
            for form in {secret, quote(secret, safe="")} if len(secret) >= _SHORTEST_SECRET else ():
                text = text.replace(form, "***")
        return text.replace("\x00", "").strip()[:ANSWER_CHARS]


class Ways(Generic[S]):
    """The ways of one channel by the receiver's name."""

    def __init__(self, key: str, sections: Iterable[S], opened: Callable[[S], Way[S]]) -> None:
        """`key` is where the sections stand under `notify`.

        Raises:
            ConfigError: every secret that cannot be read and every value that cannot be used.
        """

        def named(section: S) -> Way[S]:
            try:
                return opened(section)
            except ConfigError as error:
                where = f"notify.{key}.{section.name}"
                raise ConfigError([replace(each, key=where, message=_said(each)) for each in error.faults]) from error

        self._ways = open_each(sections, named)

    def __iter__(self) -> Iterator[Way[S]]:
        return iter(self._ways.values())

    def receivers(self) -> list[Receiver]:
        """Who they are."""
        return [way.receiver for way in self._ways.values()]

    def send(self, notification: Notification, do: Callable[[Way[S], Notification], Receipt]) -> Receipt:
        """What `do` answers for the notification's way; what it says shows no secret.

        Raises:
            ChannelError: the settings have no such receiver, or it was not taken.
        """
        with self.of(notification.receiver) as way:
            receipt = do(way, notification)
            return replace(receipt, answer=way.hide(receipt.answer), vendor_id=way.hide(receipt.vendor_id)[:200])

    @contextmanager
    def of(self, receiver: str) -> Iterator[Way[S]]:
        """The way of a receiver; what is said of it shows no secret.

        Raises:
            ChannelError: the settings have no such receiver.
        """
        way = self._ways.get(receiver)
        if way is None:
            raise ChannelError("the settings name this receiver no more", permanent=True)
        try:
            yield way
        except ChannelError as error:
            error.answer = way.hide(error.answer)
            error.args = (error.answer,)
            error.__cause__ = None
            raise


def open_each(sections: Iterable[S], opened: Callable[[S], T]) -> dict[str, T]:
    """What `opened` makes of each section, by its name.

    Raises:
        ConfigError: every mistake in any of them.
    """
    found: dict[str, T] = {}
    faults: list[Fault] = []
    for section in sections:
        try:
            found[section.name] = opened(section)
        except ConfigError as error:
            faults += error.faults
    if faults:
        raise ConfigError(faults)
    return found


def receiver_of(
    section: ReceiverSection,
    kind: str,
    addresses: Iterable[str],
    rates: tuple[str, ...] = (),
    address_rates: tuple[str, ...] = (),
) -> Receiver:
    """A receiver read by people; `rates` and `address_rates` hold where the settings are silent."""
    return Receiver(
        section.name,
        kind,
        tuple(addresses),
        people=True,
        levels=section.levels,
        departments=section.departments,
        rates=rates if section.rates is None else section.rates,
        address_rates=address_rates if section.address_rates is None else section.address_rates,
    )


def read_secrets(references: dict[str, SecretRef | None]) -> dict[str, str]:
    """The secrets that are meant, by the same names; what is not named is left out.

    Raises:
        ConfigError: all that cannot be read, or are empty.
    """
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for name, reference in references.items():
        if reference is None:
            continue
        try:
            found[name] = read_secret(reference).strip()
        except ConfigError as error:
            faults += [Fault("hub.toml", 0, name, f"{name}: {_said(each)}") for each in error.faults]
            continue
        if not found[name]:
            faults.append(Fault("hub.toml", 0, name, f"{name}: the secret is empty"))
    if faults:
        raise ConfigError(faults)
    return found


def read_base(url: str) -> SplitResult:
    """An address to call, in its parts.

    Raises:
        ConfigError: it is not one that can be called.
    """
    with suppress(ValueError):
        parts = urlsplit(url.rstrip("/"))
        if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0:
            return parts
    raise ConfigError([Fault("hub.toml", 0, "url", "expected an address such as https://host/path")])


def below(base: SplitResult, path: str, query: str = "") -> SplitResult:
    """The address of `path` below the base."""
    return base._replace(path=base.path.rstrip("/") + path, query=query)


def shown_address(url: str) -> str:
    """The URL without user, password and query, where receivers put their secrets."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def _said(fault: Fault) -> str:
    """What is wrong, with the variable or file where the fault names one of its own."""
    if fault.file == "hub.toml":
        return fault.message
    where = fault.key if fault.file == "environment" else fault.file
    return f"{where} {fault.message}"
