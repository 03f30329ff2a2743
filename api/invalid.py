"""What the framework found wrong with a request, in our words: which field, and the form expected."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi.exceptions import RequestValidationError

from api.problem import FieldError, Problem

_EXPECTED: Final[dict[str, Callable[[Mapping[str, Any]], str]]] = {
    "missing": lambda _: "a value; it is missing",
    "extra_forbidden": lambda _: "nothing of this name",
    "string_pattern_mismatch": lambda limits: f"text of the form {limits['pattern']}",
    "string_too_long": lambda limits: f"at most {limits['max_length']} characters",
    "string_too_short": lambda limits: f"at least {limits['min_length']} characters",
    "literal_error": lambda limits: str(limits["expected"]),
    "enum": lambda limits: str(limits["expected"]),
    "greater_than_equal": lambda limits: f"{limits['ge']} or more",
    "less_than_equal": lambda limits: f"{limits['le']} or less",
    "greater_than": lambda limits: f"more than {limits['gt']}",
    "less_than": lambda limits: f"less than {limits['lt']}",
    "int_parsing": lambda _: "a whole number",
    "int_type": lambda _: "a whole number",
    "float_parsing": lambda _: "a number",
    "float_type": lambda _: "a number",
    "finite_number": lambda _: "a finite number",
    "bool_parsing": lambda _: "true or false",
    "bool_type": lambda _: "true or false",
    "string_type": lambda _: "text",
    "dict_type": lambda _: "an object",
    "model_attributes_type": lambda _: "an object",
    "list_type": lambda _: "an array",
    "json_invalid": lambda _: "JSON",
    "value_error": lambda limits: str(limits.get("error", "")).partition("expected ")[2] or str(limits.get("error")),
}


def from_validation(error: RequestValidationError) -> Problem:
    """The problem with every field at once."""
    found = [_field(one) for one in error.errors()]
    if any(one["type"] == "json_invalid" for one in error.errors()):
        return Problem("bad-request", "The body is not JSON", zh="请求内容不是有效的 JSON", errors=found)
    detail = "; ".join(f"{one.field}: expected {one.expected}" for one in found)
    zh = "；".join(f"{one.field}：应为 {one.expected}" for one in found)
    return Problem("invalid-parameter", detail, zh=zh, errors=found)


def _field(one: Mapping[str, Any]) -> FieldError:
    place, *path = map(str, one["loc"])
    limits = one.get("ctx", {})
    expected = _EXPECTED.get(one["type"])
    text = expected(limits) if expected is not None else one["msg"].removeprefix("Input should be ")
    return FieldError(".".join(path) or "body", text, place)
