"""How a file of somebody else's is to be read: a small TOML file, every part of it with a default that fits the hub's own long form."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from hub.errors import BadQuery, ConfigError, Fault
from hub.model import QUALITY_CODE, Station, check_property
from hub.toml_lines import line_of
from storage.zones import zone_of

MISSING: Final = ("", "-", "--", "/", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "无", "缺测")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Section):
    """The column that a word stands in."""

    column: str


Word = str | Column
"""A word for all rows, or the column it stands in."""


class Place(_Section):
    """Which station a row is of: three words, or one column whose cells `names` turns into DEPARTMENT/KIND/DEVICE."""

    department: Word = Column(column="department")
    kind: Word = Column(column="kind")
    device: Word = Column(column="device")
    column: str | None = None
    names: dict[str, str] = {}

    @field_validator("names")
    @classmethod
    def _stations(cls, names: dict[str, str]) -> dict[str, str]:
        for station in names.values():
            Station.parse(station)
        return names


class TimeForm(_Section):
    """Where the time stands (several columns are put together with a space between) and how it is written.

    `format`: `iso`, `epoch_s`, `epoch_ms`, or the codes %Y %y %m %d %H %M %S %f %z. `zone` is of times without offset; `shift_s` is added, such as -3600
    where an hour is stamped at its end.
    """

    column: tuple[str, ...] = ("time",)
    format: str = "iso"
    zone: str | None = None
    shift_s: float = 0

    @field_validator("column", mode="before")
    @classmethod
    def _one(cls, given: Any) -> Any:
        return (given,) if isinstance(given, str) else given

    @field_validator("zone")
    @classmethod
    def _zone(cls, name: str | None) -> str | None:
        try:
            return None if name is None else zone_of(name).key
        except BadQuery as error:
            raise ValueError(f"expected {error.expected}") from error


class Cells(_Section):
    """A column of values of one property, its unit, and the column of its quality letters."""

    property: str
    unit: str | None = None
    quality: str | None = None

    @field_validator("property")
    @classmethod
    def _code(cls, name: str) -> str:
        return check_property(name)


def _cells(given: Any) -> Any:
    return {"property": given} if isinstance(given, str) else given


class LongForm(_Section):
    """The columns of a file with one value a row; `unit` is one for all, or a column."""

    property: Word = Column(column="property")
    value: str = "value"
    quality: str | None = "quality"
    unit: Word | None = Column(column="unit")


class FileMapping(_Section):
    """One way of reading files."""

    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    decimal: Literal[".", ","] = "."
    header_rows: int = Field(default=1, ge=0, le=100)
    names_row: int | None = Field(default=None, ge=1)
    missing: tuple[str, ...] = MISSING
    time: TimeForm = TimeForm()
    station: Place = Place()
    long: LongForm = LongForm()
    values: dict[str, Annotated[Cells, BeforeValidator(_cells)]] = {}
    ignore: tuple[str, ...] = ()
    properties: dict[str, str] = {}
    units: dict[str, str] = {}
    qualities: dict[str, str] = {}

    @model_validator(mode="after")
    def _fits(self) -> "FileMapping":
        if self.names_row is not None and self.names_row > self.header_rows:
            raise ValueError(f"names_row: expected at most header_rows ({self.header_rows})")
        for letter in self.qualities.values():
            if letter not in QUALITY_CODE:
                raise ValueError(f"qualities: {letter!r}: expected one of {' '.join(QUALITY_CODE).strip()} or nothing")
        for name in self.properties.values():
            check_property(name)
        return self


def read_mapping(path: Path) -> FileMapping:
    """The mapping in a file.

    Raises:
        ConfigError: it cannot be read, or has mistakes: all of them.
    """
    try:
        text = path.read_text(encoding="utf-8")
        tree = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError([Fault(str(path), 0, "", f"cannot be read as TOML: {error}")]) from error
    try:
        return FileMapping.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(
            [_fault(text, str(path), item["loc"], item["type"], item["msg"]) for item in error.errors()]
        ) from error


def _fault(text: str, file: str, path: tuple[int | str, ...], kind: str, message: str) -> Fault:
    words = [part for part in path if part not in ("str", "Column")]
    plain = "unknown key" if kind == "extra_forbidden" else message.removeprefix("Value error, ")
    return Fault(file, line_of(text, words), ".".join(map(str, words)), plain[:1].lower() + plain[1:])
