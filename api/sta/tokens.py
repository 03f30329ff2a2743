"""The words of an option: `result gt 5`, `Observations($top=5;$orderby=phenomenonTime desc)`."""

import re
from dataclasses import dataclass
from typing import Final

from api.sta.error import StaError, unexpected

LONGEST: Final = 8192
MOST: Final = 2000
"""Characters and words of one option."""

# OData 4.0 ABNF, as far as 18-088 clause 9.3 uses it; the order decides between forms that begin alike.
_FORMS: Final = (
    ("space", r"\s+"),
    (
        "time",
        r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+\-]\d{2}:?\d{2}|\x20\d{2}:?\d{2}(?=[\s,);/]|$))?",
    ),
    ("date", r"\d{4}-\d{2}-\d{2}(?![\w])"),
    ("clock", r"\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?"),
    ("number", r"-?\d+(?:\.\d+)?(?:[eE][+\-]?\d{1,4})?(?![\w.])"),
    ("quoted", r"(?:duration|geography|geometry)?'(?:[^']|'')*'"),
    ("name", r"[@$]?[^\W\d][\w.]*"),
    ("mark", r"[(),/;=:*]"),
)
_TOKEN: Final = re.compile("|".join(f"(?P<{name}>{form})" for name, form in _FORMS))


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its form, its text, and the character at which it stands."""

    kind: str
    text: str
    position: int

    @property
    def shown(self) -> str:
        """The word as an error shows it."""
        return "the end" if self.kind == "end" else f"{self.text!r}" if "'" not in self.text else self.text


class Tokens:
    """The words of one option, read from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = _split(text)
        self._next = 0

    @property
    def now(self) -> Token:
        """The word to be read next."""
        return self._tokens[self._next]

    def take(self) -> Token:
        """Read one word; the end stays where it is."""
        token = self.now
        if token.kind != "end":
            self._next += 1
        return token

    def sees(self, *texts: str) -> bool:
        """Whether one of these marks or names stands next."""
        return self.now.kind in ("mark", "name") and self.now.text in texts

    def skip(self, text: str) -> bool:
        """Read this mark or name if it stands next."""
        found = self.sees(text)
        if found:
            self.take()
        return found

    def need(self, text: str) -> Token:
        """Read this mark or name.

        Raises:
            StaError: something else stands here.
        """
        if not self.sees(text):
            raise self.wrong(repr(text))
        return self.take()

    def need_name(self, expected: str) -> Token:
        """Read a name.

        Raises:
            StaError: something else stands here.
        """
        if self.now.kind != "name":
            raise self.wrong(expected)
        return self.take()

    def need_end(self) -> None:
        """There is nothing more.

        Raises:
            StaError: there is.
        """
        if self.now.kind != "end":
            raise self.wrong("the end of the option or an operator")

    def wrong(self, expected: str, token: Token | None = None) -> StaError:
        """The error that something else was expected here, or where `token` stands."""
        token = token or self.now
        return unexpected(token.shown, expected, token.position)


def _split(text: str) -> list[Token]:
    if len(text) > LONGEST:
        raise unexpected(f"{len(text)} characters", f"at most {LONGEST}", LONGEST)
    found: list[Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise _unreadable(text, place)
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup or "", match.group(), place))
        place = match.end()
        if len(found) > MOST:
            raise unexpected("more words", f"at most {MOST}", place)
    return [*found, Token("end", "", len(text))]


def _unreadable(text: str, place: int) -> StaError:
    if "'" in text[place : place + 10].partition(" ")[0]:
        return unexpected(text[place : place + 20], "a text that ends with a quote (a quote inside is doubled)", place)
    return unexpected(repr(text[place : place + 10]), "a name, a number, a time, or a text in single quotes", place)
