"""The two sizes of a hub, each with engines of its own: they are killed here."""

import os
from collections.abc import Iterator

import pytest

from tests.chaos.run import FIGURES
from tests.chaos.size import Size, missing_servers


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the figures of each run."""
    for line in FIGURES:
        terminalreporter.write_line(line)


@pytest.fixture
def embedded() -> Size:
    """Everything embedded."""
    return Size.embedded()


@pytest.fixture
def real() -> Iterator[Size]:
    """Every engine real."""
    reason = missing_servers()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (CI=true, so this is a failure)", pytrace=False)
    if reason:
        pytest.skip(reason)
    size = Size.real()
    yield size
    size.end()
