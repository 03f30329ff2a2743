"""What of a script is code: comments, strings, regular expressions and the words of templates are blanked, every place stays.

ECMAScript 2024, clause 12 (lexical grammar). Whether `/` begins a regular expression depends on what stands before it (12.9.5); where
that would need a parser it is taken for a division, and the brackets that then do not fit are refused.
"""

import re
from typing import Final

from api.console.bundle.mistake import BundleMistake, line_at

_TOKEN: Final = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<word>[\w$#]+)
    |(?P<mark>.)""",
    re.DOTALL | re.VERBOSE,
)
_REGEX: Final = re.compile(r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*")
_TEMPLATE: Final = re.compile(r"(?:\\.|\$(?!\{)|[^\\`$])*", re.DOTALL)
_BEFORE_A_REGEX: Final = frozenset(
    ("return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "throw", "await", "yield")
)
_CLOSES: Final = {")": "(", "]": "[", "}": "{"}
_NOT_NEWLINE: Final = re.compile(r"[^\n]")


def mask(text: str, path: str) -> str:
    """The code of `text`, as long as it; strings keep their quotes.

    Raises:
        BundleMistake: a string, comment or bracket has no end, or an end without a beginning.
    """
    return _Masking(text, path).run()


class _Masking:
    def __init__(self, text: str, path: str) -> None:
        self._text = text
        self._path = path
        self._out: list[str] = []
        self._open: list[tuple[str, int]] = []
        self._last = ""
        """The token before this one that is no blank; "x" for any value."""

    def run(self) -> str:
        place = 0
        while place < len(self._text):
            place = self._step(place)
        if self._open:
            opener, where = self._open[-1]
            raise self._mistake(where, f"{opener} is never closed")
        return "".join(self._out)

    def _step(self, place: int) -> int:
        if self._text[place] == "/" and self._may_be_regex() and (found := _REGEX.match(self._text, place)):
            return self._blank(found.end(), "x", place)
        found = _TOKEN.match(self._text, place)
        assert found is not None  # any character is a mark
        if found["blank"]:
            return self._blank(found.end(), self._last, place)
        if found["string"]:
            return self._keep_quotes(place, found.end())
        if found["word"]:
            self._last = found["word"]
            self._out.append(found["word"])
            return found.end()
        return self._mark(place, found["mark"])

    def _mark(self, place: int, mark: str) -> int:
        opener = "/*" if self._text.startswith("/*", place) else mark
        if opener in ("'", '"', "/*"):
            raise self._mistake(place, f"{opener} is never closed")
        self._out.append(mark)
        self._last = mark
        if mark == "`":
            return self._template(place + 1, place)
        if mark in "([{":
            self._open.append((mark, place))
        elif mark in ")]}":
            opener, begun = self._open.pop() if self._open else ("", place)
            if opener == "${" and mark == "}":
                return self._template(place + 1, begun)
            if opener != _CLOSES[mark]:
                raise self._mistake(place, f"{mark} closes nothing" if not opener else f"{mark} closes {opener}")
        return place + 1

    def _template(self, place: int, begun: int) -> int:
        """Over the words of a template, to its end or to the code in it."""
        found = _TEMPLATE.match(self._text, place)
        end = place if found is None else found.end()
        self._blank(end, "x", place)
        if self._text.startswith("${", end):
            self._open.append(("${", begun))
            self._out.append("${")
            self._last = "{"
            return end + 2
        if not self._text.startswith("`", end):
            raise self._mistake(begun, "` is never closed")
        self._out.append("`")
        return end + 1

    def _may_be_regex(self) -> bool:
        last = self._last
        return not last or last in _BEFORE_A_REGEX or (last not in ")]}" and not re.match(r"[\w$#]", last))

    def _keep_quotes(self, place: int, end: int) -> int:
        quote = self._text[place]
        self._out += (quote, " " * (end - place - 2), quote)
        self._last = "x"
        return end

    def _blank(self, end: int, last: str, place: int) -> int:
        self._out.append(_NOT_NEWLINE.sub(" ", self._text[place:end]))
        self._last = last
        return end

    def _mistake(self, place: int, what: str) -> BundleMistake:
        return BundleMistake(self._path, line_at(self._text, place), what)
