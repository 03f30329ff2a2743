"""What vendors answer over HTTP: JSON with a code of their own, which alone says whether the notice was taken."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from alerts.calling import Reply
from alerts.channel import ChannelError

Code = int | str

_BUSY_WAIT: Final = 60.0
_LONGEST_WAIT: Final = 3600.0
_UNSURE: Final = frozenset((502, 504))
"""A gateway's words on a server behind it, which may have taken the notice."""


class Stale(ChannelError):
    """The token is spent: with a new one the same notice is taken."""


@dataclass(frozen=True, slots=True)
class Codes:
    """What a vendor's codes mean.

    A code in no list is tried again: a notice lost is worse than a try too many. `busy` (the whole account) and `full`
    (this address) say for how many seconds. `AuthFailure.*` stands for every code that begins so.
    """

    fine: Collection[Code] = (0,)
    refused: Collection[Code] = ()
    stale: Collection[Code] = ()
    busy: Mapping[Code, float] = field(default_factory=dict)
    full: Mapping[Code, float] = field(default_factory=dict)

    def judge(self, code: Code, words: str) -> None:
        """Pass when the code says that it was taken.

        Raises:
            Stale: a new token would help.
            ChannelError: it was not taken; the words are the vendor's.
        """
        if code not in self.fine:
            raise self.refusal(code, words)

    def refusal(self, code: Code, words: str) -> ChannelError:
        """What to raise when the notice was not taken."""
        answer = f"{code} {words}".strip()
        number = code if isinstance(code, int) and abs(code) < 1 << 31 else None
        if code in self.stale:
            return Stale(answer, permanent=False, code=number)
        if code in self.busy:
            return ChannelError(answer, permanent=False, code=number, wait=self.busy[code], busy="receiver")
        if code in self.full:
            return ChannelError(answer, permanent=False, code=number, wait=self.full[code], busy="address")
        whole = f"{code.split('.')[0]}.*" if isinstance(code, str) else code
        return ChannelError(answer, permanent=code in self.refused or whole in self.refused, code=number)


def read_json(reply: Reply) -> dict[str, Any]:
    """The vendor's answer; what it says with a 4xx counts too when it is JSON.

    Raises:
        ChannelError: the server is busy or broken, or what came is no answer of such a vendor.
    """
    judge_status(reply, refuse=False)
    try:
        said = msgspec.json.decode(reply.answer)
    except msgspec.DecodeError:
        said = None
    if isinstance(said, dict):
        return said
    judge_status(reply, refuse=True)
    # A 2xx that is no JSON: half an answer, or a stranger's page. Nobody knows whether it was taken.
    raise ChannelError(f"not an answer of this vendor: {reply.answer[:200]!r}", permanent=False, unsure=True)


def judge_status(reply: Reply, *, refuse: bool) -> None:
    """Pass a 2xx, and without `refuse` any other status in which a vendor may have put words of its own.

    Raises:
        ChannelError: 429, 5xx, or with `refuse` anything that is not 2xx.
    """
    words = f"HTTP {reply.status} {reply.answer[:200]}".strip()
    if reply.status == 429:
        wait = asked_wait(reply.retry_after) or _BUSY_WAIT
        raise ChannelError(words, permanent=False, code=reply.status, wait=wait, busy="receiver")
    if reply.status >= 500:
        wait = asked_wait(reply.retry_after)
        raise ChannelError(words, permanent=False, code=reply.status, unsure=reply.status in _UNSURE, wait=wait)
    if refuse and not 200 <= reply.status < 300:
        raise ChannelError(words, permanent=reply.status != 408, code=reply.status)


def asked_wait(header: str) -> float:
    """Seconds that a Retry-After asks for, at most an hour; a date, or nonsense, is 0."""
    return min(float(header), _LONGEST_WAIT) if header.isascii() and header.isdigit() else 0.0


def code_of(said: Mapping[str, Any], *names: str) -> Code:
    """The vendor's code under the first of these names that is there.

    Raises:
        ChannelError: none is: nobody knows what the answer means.
    """
    for name in names:
        code = said.get(name)
        if isinstance(code, int | str) and not isinstance(code, bool):
            return code
    raise ChannelError(f"an answer without {' or '.join(names)}: {str(said)[:200]}", permanent=False, unsure=True)
