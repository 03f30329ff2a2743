"""A page's style sheets as one, in their order."""

import re
from collections.abc import Sequence
from typing import Final

from api.console.bundle.mistake import BundleMistake, line_at
from api.console.bundle.sources import Sources

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_ELSEWHERE: Final = re.compile(r"@import\b|@charset\b|url\(\s*[\"']?(?!/|data:|#|[\"']?(?:/|data:|#))")
"""What means something else from another address, or behind other rules (CSS Syntax 3, 3.2; CSS Cascade 5, 2)."""


def write_style(sources: Sources, paths: Sequence[str]) -> str:
    """One style sheet.

    Raises:
        BundleMistake: a file is not there, imports another, or names something beside itself.
    """
    parts = []
    for path in paths:
        if sources.stamp(path) is None:
            raise BundleMistake(path, 1, f"there is no {path}")
        text = sources.text(path)
        plain = _COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), text)
        if found := _ELSEWHERE.search(plain):
            raise BundleMistake(
                path, line_at(text, found.start()), f"{found[0].strip()} would not mean the same in one sheet"
            )
        parts.append(f"/* {path} */\n{text.rstrip()}\n")
    return "".join(parts)
