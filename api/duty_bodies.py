"""What callers send about rosters and where people are; people, units, areas, rosters and plans are sent as they are kept."""

from typing import Annotated, Literal

from pydantic import Field

from alerts.people.duties import Side
from alerts.people.form import Name, Span, Title
from alerts.people.roster import LayerName, Turn
from api.bodies import Body, Degrees


class Position(Body):
    """Where somebody is: WGS-84 degrees, and how far that may be wrong."""

    lon: Degrees
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    accuracy_m: Annotated[float | None, Field(ge=0, le=100_000, allow_inf_nan=False)] = None


class NewOverride(Span):
    """From, to: `person` has the duty instead, nobody where it is empty; see a roster's `overrides`."""

    person: Turn | Literal[""] = ""
    instead_of: Name | Literal[""] = ""
    layer: LayerName | Literal[""] = ""
    reason: Title = ""


class NewSwap(Body):
    """Two people who take each other's duty over, each in the other's hours."""

    first: Side
    second: Side
    layer: LayerName | Literal[""] = ""
    reason: Title = ""
