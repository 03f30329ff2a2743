"""Terminal parameters by number and by name (JT/T 808-2013, table 12): numbers of 1, 2 or 4 bytes, texts, and bytes for the rest."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from ingest.field.session import ProtocolError
from ingest.protocols.jt808.layout import to_bytes, to_text


class Parameter(NamedTuple):
    """Name and bytes of one parameter; size 0 is text."""

    name: str
    size: int


_TABLE: Final = {
    4: {
        0x01: "heartbeat_s",
        0x02: "tcp_timeout_s",
        0x03: "tcp_retries",
        0x04: "udp_timeout_s",
        0x05: "udp_retries",
        0x06: "sms_timeout_s",
        0x07: "sms_retries",
        0x18: "server_tcp_port",
        0x19: "server_udp_port",
        0x1B: "card_server_tcp_port",
        0x1C: "card_server_udp_port",
        0x20: "report_strategy",
        0x21: "report_scheme",
        0x22: "report_s_no_driver",
        0x27: "report_s_asleep",
        0x28: "report_s_emergency",
        0x29: "report_s",
        0x2C: "report_m",
        0x2D: "report_m_no_driver",
        0x2E: "report_m_asleep",
        0x2F: "report_m_emergency",
        0x30: "turn_degrees",
        0x45: "answer_calls",
        0x46: "call_most_s",
        0x47: "calls_of_month_s",
        0x50: "alarm_mask",
        0x51: "alarm_sms",
        0x52: "alarm_photo",
        0x53: "alarm_photo_kept",
        0x54: "alarm_key",
        0x55: "max_speed_kmh",
        0x56: "over_s",
        0x57: "driving_most_s",
        0x58: "driving_of_day_s",
        0x59: "rest_least_s",
        0x5A: "parking_most_s",
        0x64: "photo_timed",
        0x65: "photo_by_distance",
        0x70: "picture_quality",
        0x71: "brightness",
        0x72: "contrast",
        0x73: "saturation",
        0x74: "chroma",
        0x80: "odometer_100m",
        0x93: "gnss_period_s",
        0x95: "gnss_upload_setting",
        0x100: "can_1_ms",
        0x102: "can_2_ms",
    },
    2: {
        0x31: "fence_m",
        0x5B: "over_warning_100mh",
        0x5C: "fatigue_warning_s",
        0x5D: "collision",
        0x5E: "rollover",
        0x81: "province",
        0x82: "city",
        0x101: "can_1_upload_s",
        0x103: "can_2_upload_s",
    },
    1: {0x84: "plate_colour", 0x90: "gnss_mode", 0x91: "gnss_baud", 0x92: "gnss_output", 0x94: "gnss_upload"},
    0: {
        0x10: "apn",
        0x11: "apn_user",
        0x12: "apn_password",
        0x13: "server",
        0x14: "backup_apn",
        0x15: "backup_apn_user",
        0x16: "backup_apn_password",
        0x17: "backup_server",
        0x1A: "card_server",
        0x1D: "card_backup_server",
        0x23: "second_apn",
        0x24: "second_apn_user",
        0x25: "second_apn_password",
        0x26: "second_server",
        0x40: "platform_phone",
        0x41: "reset_phone",
        0x42: "factory_phone",
        0x43: "platform_sms",
        0x44: "alarm_sms_phone",
        0x48: "listening_phone",
        0x49: "privileged_sms",
        0x83: "plate",
    },
}
PARAMETERS: Final[Mapping[int, Parameter]] = MappingProxyType(
    {number: Parameter(name, size) for size, names in _TABLE.items() for number, name in names.items()}
)
_BY_NAME: Final = {parameter.name: number for number, parameter in PARAMETERS.items()}
SECRETS: Final = frozenset({0x12, 0x16, 0x25})
"""Passwords of radio networks: blotted out wherever frames are shown."""


def number_of(word: object) -> int:
    """The parameter's number, given as number, `0x0029`, or name.

    Raises:
        ProtocolError: bad_value.
    """
    if isinstance(word, int) and not isinstance(word, bool) and 0 <= word < 1 << 32:
        return word
    if isinstance(word, str):
        if word in _BY_NAME:
            return _BY_NAME[word]
        try:
            return number_of(int(word, 16 if word[:2].lower() == "0x" else 10))
        except ValueError:
            raise ProtocolError("bad_value", f"parameter {word!r}: expected a name, a number or 0x0029") from None
    raise ProtocolError("bad_value", f"parameter {word!r}: expected a name, a number or 0x0029")


def written(wishes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What 0x8103 carries for values by number or name; unknown parameters take hexadecimal text.

    Raises:
        ProtocolError: bad_value.
    """
    return [{"id": (number := number_of(word)), "value": _bytes(number, value).hex()} for word, value in wishes.items()]


def _bytes(number: int, value: object) -> bytes:
    parameter = PARAMETERS.get(number)
    what = f"parameter {number:#06x}" if parameter is None else f"parameter {parameter.name}"
    if parameter is None or (parameter.size and isinstance(value, str)):
        try:
            return bytes.fromhex(value if isinstance(value, str) else "-")
        except ValueError:
            raise ProtocolError("bad_value", f"{what}: expected its bytes as hexadecimal text") from None
    if parameter.size == 0:
        return to_bytes(str(value))
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 8 * parameter.size:
        raise ProtocolError("bad_value", f"{what}: expected a number of {parameter.size} bytes, got {value!r}")
    return value.to_bytes(parameter.size)


def named(parameters: list[dict[str, Any]]) -> dict[str, int | str]:
    """The parameters of 0x0104 by name; unknown ones by number with their bytes as hexadecimal text."""
    found: dict[str, int | str] = {}
    for item in parameters:
        number, raw = item["id"], bytes.fromhex(item["value"])
        parameter = PARAMETERS.get(number)
        if parameter is None or (parameter.size and len(raw) != parameter.size):
            found[f"0x{number:04x}"] = raw.hex()
        elif number in SECRETS:
            found[parameter.name] = "*" * len(raw)
        elif parameter.size:
            found[parameter.name] = int.from_bytes(raw)
        else:
            found[parameter.name] = to_text(raw).rstrip("\0")
    return found
