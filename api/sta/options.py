"""The query options of 18-088 clause 9.3, at the top and nested in `$expand`."""

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec

from api.sta.error import StaError, unexpected
from api.sta.expression import Reader
from api.sta.model import IDS, SELF_LINKS, TYPES, EntityType, Link
from api.sta.syntax import Expression, paths
from api.sta.tokens import Token, Tokens

PAGE: Final = 100
MOST: Final = 1000
"""Entities on a page where `$top` says nothing, and the most it can say."""

MOST_SKIPPED: Final = 100_000
LEVELS: Final = 6
BRANCHES: Final = 20
_NAMES: Final = ("$filter", "$expand", "$select", "$orderby", "$top", "$skip", "$count")
_TOP_NAMES: Final = (*_NAMES, "$skiptoken", "$resultFormat", "resultFormat")


@dataclass(frozen=True, slots=True)
class Order:
    """One criterion of an order."""

    by: Expression
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Expand:
    """One link to be followed, and what is asked there."""

    link: Link
    query: "Query"


@dataclass(frozen=True, slots=True)
class Query:
    """The options of one set; `after` is the key of the last entity given, `texts` the options as written."""

    filter: Expression | None = None
    expand: tuple[Expand, ...] = ()
    select: tuple[str, ...] = ()
    orderby: tuple[Order, ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    data_array: bool = False
    after: tuple[Any, ...] | None = None
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def page(self) -> int:
        """How many entities a page may have."""
        return PAGE if self.top is None else min(self.top, MOST)


def parse_options(pairs: Iterable[tuple[str, str]], about: EntityType) -> Query:
    """The options of a request about entities of one type; parameters that are no option of ours are passed over.

    Raises:
        StaError: an option that cannot be read, comes twice, or is none of 18-088.
    """
    query, texts = Query(), dict[str, str]()
    for name, text in pairs:
        if name not in _TOP_NAMES:
            if name.startswith("$"):
                raise StaError(f"unknown option {name}", parameter=name, found=name, expected=", ".join(_TOP_NAMES))
            continue
        if name in texts:
            raise StaError("given twice", parameter=name, expected="one value")
        texts[name] = text
        try:
            query = _with(query, name, text, about)
        except StaError as error:
            raise error.within(name) from error
        except RecursionError as error:
            raise StaError("nested too deeply", parameter=name) from error
    return replace(query, texts=texts)


def _with(query: Query, name: str, text: str, about: EntityType) -> Query:
    match name:
        case "$skiptoken":
            return replace(query, after=_decode_key(text))
        case "$resultFormat" | "resultFormat":
            return replace(query, data_array=_is_array(text, about))
        case _:
            return _Options(Tokens(text), about).whole(query, name)


def _is_array(text: str, about: EntityType) -> bool:
    if text not in ("dataArray", "default") or (text == "dataArray" and about.name != "Observation"):
        raise unexpected(text, "dataArray, on a set of Observations", 0)
    return text == "dataArray"


def encode_key(key: Iterable[Any]) -> str:
    """The key of an entity as the text of `$skiptoken`."""
    return base64.urlsafe_b64encode(msgspec.json.encode(list(key))).decode().rstrip("=")


def _decode_key(text: str) -> tuple[Any, ...]:
    try:
        raw = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), b"-_", validate=True)
        key = msgspec.json.decode(raw, type=list[Any])
    except (ValueError, binascii.Error, RecursionError):
        key = []
    if not 0 < len(key) <= 20:
        raise unexpected(text, "the token of an @iot.nextLink", 0)
    return tuple(key)


class _Options:
    """Reads the options about entities of one type from one text."""

    def __init__(self, tokens: Tokens, about: EntityType, level: int = 0) -> None:
        self._tokens = tokens
        self._about = about
        self._level = level

    def whole(self, query: Query, name: str) -> Query:
        """`query` with the option that the whole text is."""
        query = self._one(query, name)
        self._tokens.need_end()
        return query

    def _one(self, query: Query, name: str) -> Query:
        readers: dict[str, Callable[[], object]] = {
            "filter": lambda: Reader(self._tokens, self._about).expression(),
            "expand": self._expand,
            "select": self._select,
            "orderby": self._orderby,
            "top": lambda: self._number(1 << 31),
            "skip": lambda: self._number(MOST_SKIPPED),
            "count": self._count,
        }
        key = name.removeprefix("$")
        value: Any = readers[key]()
        return replace(query, **{key: value})

    def _number(self, most: int) -> int:
        token = self._tokens.take()
        if token.kind != "number" or not token.text.isdecimal() or int(token.text[:20]) > most:
            raise self._tokens.wrong(f"a whole number from 0 to {most}", token)
        return int(token.text)

    def _count(self) -> bool:
        token = self._tokens.take()
        if token.text not in ("true", "false"):
            raise self._tokens.wrong("true or false", token)
        return token.text == "true"

    def _select(self) -> tuple[str, ...]:
        names = [self._selected()]
        while self._tokens.skip(","):
            names.append(self._selected())
        return tuple(dict.fromkeys(names))

    def _selected(self) -> str:
        token = self._tokens.take()
        if token.text in IDS:
            return "@iot.id"
        if token.text in SELF_LINKS:
            return "@iot.selfLink"
        if token.text == "*" or token.text in self._about.properties or token.text in self._about.links:
            return token.text
        raise self._tokens.wrong(f"one of {self._about.known}", token)

    def _orderby(self) -> tuple[Order, ...]:
        orders = [self._order()]
        while self._tokens.skip(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        start = self._tokens.now
        by = Reader(self._tokens, self._about).expression()
        if any(link.many for path in paths(by) for link in path.links):
            raise self._tokens.wrong("a path with one value for each entity", start)
        descending = False
        if self._tokens.sees("asc", "desc", "ASC", "DESC"):
            descending = self._tokens.take().text.lower() == "desc"
        return Order(by, descending)

    def _expand(self) -> tuple[Expand, ...]:
        if self._level >= LEVELS:
            raise self._tokens.wrong(f"at most {LEVELS} levels of $expand")
        found = [self._expanded()]
        while self._tokens.skip(","):
            found.append(self._expanded())
        if len(found) > BRANCHES:
            raise self._tokens.wrong(f"at most {BRANCHES} links in one $expand")
        return _merged(found)

    def _expanded(self) -> Expand:
        token = self._tokens.need_name(f"one of {', '.join(self._about.links)}")
        link = self._about.links.get(token.text)
        if link is None:
            raise self._tokens.wrong(f"one of {', '.join(self._about.links)}", token)
        inner = _Options(self._tokens, TYPES[link.target], self._level + 1)
        if self._tokens.skip("/"):
            if self._level + 1 >= LEVELS:
                raise self._tokens.wrong(f"at most {LEVELS} levels of $expand", token)
            return Expand(link, Query(expand=(inner._expanded(),)))
        return Expand(link, inner._nested() if self._tokens.skip("(") else Query())

    def _nested(self) -> Query:
        query, texts = Query(), dict[str, str]()
        while not self._tokens.skip(")"):
            token = self._tokens.need_name("one of " + ", ".join(_NAMES))
            if token.text not in _NAMES or token.text in texts:
                raise self._tokens.wrong("each of " + ", ".join(_NAMES) + " once", token)
            self._tokens.need("=")
            start = self._tokens.now.position
            query = self._one(query, token.text)
            texts[token.text] = self._tokens.text[start : self._tokens.now.position].strip()
            if not self._tokens.sees(")"):
                self._separator()
        return replace(query, texts=texts)

    def _separator(self) -> Token:
        return self._tokens.need(";")


def _merged(found: list[Expand]) -> tuple[Expand, ...]:
    """Each link once; `A/B,A/C` is A with both."""
    kept: dict[str, Expand] = {}
    for one in found:
        known = kept.get(one.link.name)
        if known is None:
            kept[one.link.name] = one
            continue
        fuller = known.query if known.query.texts else one.query
        both = _merged([*known.query.expand, *one.query.expand])
        kept[one.link.name] = Expand(one.link, replace(fuller, expand=both))
    return tuple(kept.values())
