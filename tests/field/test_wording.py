"""What people are told of commands is true: the tables name every command, and their examples are taken."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from ingest.field.wording import wording
from ingest.protocols import load_protocols, protocol_names
from ingest.protocols.hj212.commands import request_for as hj212_request
from ingest.protocols.jt808.orders import ordered
from ingest.protocols.sl651.asking import KEEP, RELEASE
from ingest.protocols.sl651.asking import request_for as sl651_request

NOW = 1_767_225_600_000
MAKE: Mapping[str, Callable[[str, dict[str, Any]], object]] = MappingProxyType(
    {
        "hj212": lambda name, arguments: hj212_request(name, arguments, NOW),
        "jt808": lambda name, arguments: ordered(name, arguments, 2019),
        "sl651": lambda name, arguments: name in (KEEP, RELEASE) or sl651_request(name, arguments, "Asia/Shanghai"),
    }
)


@pytest.mark.parametrize("protocol", protocol_names())
def test_every_command_of_a_protocol_is_told_of_and_no_other(protocol: str) -> None:
    assert set(wording(protocol).commands) == set(load_protocols((protocol,))[protocol].commands)


@pytest.mark.parametrize("protocol", protocol_names())
def test_the_protocol_takes_the_examples(protocol: str) -> None:
    for name, told in wording(protocol).commands.items():
        needed: dict[str, Any] = {word: one.example for word, one in told.arguments.items() if one.required}
        assert MAKE[protocol](name, needed)
        assert MAKE[protocol](name, {word: one.example for word, one in told.arguments.items()})


def test_a_protocol_without_a_table_is_called_as_it_is() -> None:
    assert (wording("line").title, wording("line").commands) == ("line", {})
