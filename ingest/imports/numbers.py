"""Numbers of a column as float64; what is none is named, what is missing is NaN."""

from collections.abc import Collection

import numpy as np
import pyarrow as pa

from hub.batch import Floats
from ingest.imports.faults import Faults
from ingest.imports.sheet import Array, Mask, Sheet, numpy_of, pc

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
EXPECTED = "a number"


def values_of(sheet: Sheet, column: str, decimal: str, missing: Collection[str], faults: Faults) -> Floats:
    """Value (n,) of each row, NaN where the cell is missing or no number."""
    cells = sheet.columns[column]
    if pa.types.is_dictionary(cells.type) or pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type):
        text = pc.utf8_trim_whitespace(sheet.text(column))
        there = pc.invert(pc.is_in(text, pa.array(list(missing), pa.string())))
        cells = pc.if_else(there, text, None)
    value, good = floats_of(cells, decimal)
    for row in np.flatnonzero(~good).tolist():
        faults.add(int(sheet.line[row]), column, cells[row].as_py(), EXPECTED)
    return value


def floats_of(cells: Array, decimal: str) -> tuple[Floats, Mask]:
    """Each cell as a number, NaN where it is null, and which are numbers or null at all."""
    all_good = np.ones(len(cells), bool)
    kind = cells.type
    if pa.types.is_boolean(kind) or pa.types.is_nested(kind) or pa.types.is_temporal(kind):
        return np.full(len(cells), np.nan), np.zeros(len(cells), bool)
    if pa.types.is_string(kind):
        if decimal != ".":
            cells = pc.replace_substring(cells, decimal, ".")
        try:
            plain = pc.cast(cells, pa.float64())
        except pa.ArrowInvalid:
            fits = pc.fill_null(pc.match_substring_regex(cells, _NUMBER), fill_value=True)
            all_good = numpy_of(fits).copy()
            plain = pc.cast(pc.if_else(fits, cells, None), pa.float64())
    else:
        plain = pc.cast(cells, pa.float64(), safe=False)
    value = numpy_of(pc.fill_null(plain, np.nan)).copy()
    endless = np.isinf(value)
    # Text that says NaN is a missing value only where the mapping says so; a file's own NaN always is.
    if pa.types.is_string(kind):
        endless |= np.isnan(value) & numpy_of(pc.is_valid(plain))
    value[endless] = np.nan
    return value, all_good & ~endless
