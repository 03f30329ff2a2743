"""What is wrong with a request, in the shape that SensorThings clients read, with the place and what was expected."""

from typing import Any

from starlette.responses import Response

from api.answers import answer
from hub.errors import BadQuery, StoreUnavailable


class StaError(Exception):
    """A request that cannot be answered: which parameter, at which character (from 0), what stood there, what may."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        parameter: str = "",
        position: int | None = None,
        found: str = "",
        expected: str = "",
    ) -> None:
        self.status = status
        self.message = message
        self.parameter = parameter
        self.position = position
        self.found = found
        self.expected = expected
        super().__init__(message)

    def within(self, parameter: str) -> "StaError":
        """The same, said of this parameter."""
        self.parameter = self.parameter or parameter
        return self

    def response(self) -> Response:
        """The error as its answer."""
        place = self.parameter
        if self.position is not None:
            place += f", character {self.position}"
        body: dict[str, Any] = {
            "code": self.status,
            "type": "error",
            "message": f"{place}: {self.message}" if place else self.message,
        }
        details = {
            "parameter": self.parameter or None,
            "position": self.position,
            "found": self.found or None,
            "expected": self.expected or None,
        }
        body.update({name: value for name, value in details.items() if value is not None})
        headers = {"Cache-Control": "no-store"}
        if self.status == 503:
            headers["Retry-After"] = "2"
        return answer(body, self.status, headers)


def unexpected(found: str, expected: str, position: int, parameter: str = "") -> StaError:
    """The error of a text that has something other than expected at `position`."""
    shown = found if len(found) <= 40 else found[:40] + "..."
    message = f"found {shown}, expected {expected}"
    return StaError(message, parameter=parameter, position=position, found=shown, expected=expected)


def nothing_here(message: str, expected: str = "") -> StaError:
    """The error of an address that leads nowhere."""
    return StaError(message, status=404, expected=expected)


def too_much(message: str, expected: str) -> StaError:
    """The error of a question that would take too long; `expected` says what is allowed."""
    return StaError(f"{message}; {expected}", expected=expected)


def of_store(error: BadQuery | StoreUnavailable) -> StaError:
    """What the series store raised."""
    if isinstance(error, BadQuery):
        return StaError(f"expected {error.expected}", parameter=error.field, expected=error.expected)
    return StaError(str(error), status=503)
