"""A vendor's access token: fetched once, kept until shortly before it ends, fetched anew when the vendor disowns it."""

import threading
from collections.abc import Callable
from typing import Final

from alerts.channel import ChannelError

EARLY: Final = 300
"""Seconds before its end that a token is no longer used: a notice under way must not meet the end."""

Fetch = Callable[[], tuple[str, int]]


class Token:
    """One token for many threads; `fetch` gives a new one and for how many seconds it is good."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._word = ""
        self._ends = 0
        self._fetches = 0
        self._failure: ChannelError | None = None

    def get(self, now: int) -> str:
        """The token to use at `now` (epoch ms).

        Raises:
            ChannelError: the vendor gives none; surely nothing was delivered.
        """
        if self._word and now < self._ends:
            return self._word
        seen = self._fetches
        with self._lock:
            if self._fetches != seen:
                # Somebody asked while we waited: what they heard is our answer too, or a vendor
                # that hangs would hold us up one after the other.
                if self._failure is not None:
                    raise _again(self._failure)
                return self._word
            try:
                word, seconds = self._fetch()
            except ChannelError as error:
                self._failure = _again(error)
                raise self._failure from error
            else:
                self._failure = None
                self._ends = now + max(seconds - EARLY, seconds // 2) * 1000
                self._word = word
                return word
            finally:
                self._fetches += 1

    def forget(self, word: str) -> None:
        """The vendor takes this token no more."""
        with self._lock:
            if self._word == word:
                self._word = ""


def _again(error: ChannelError) -> ChannelError:
    """The same failure, to be raised by another thread; without a token nothing can have arrived."""
    answer = error.answer if error.answer.startswith("no token: ") else f"no token: {error.answer}"
    return ChannelError(answer, permanent=error.permanent, code=error.code, wait=error.wait, busy=error.busy)
