"""What all shapes have in common."""

from pydantic import BaseModel, ConfigDict

Time = str
"""RFC 3339 with offset."""


class Shape(BaseModel):
    """An object with exactly these members."""

    model_config = ConfigDict(extra="forbid")
