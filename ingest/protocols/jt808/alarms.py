"""What an alarm bit is called, how grave it is, and whether it lasts (JT/T 808-2013, table 24; JT/T 1078-2016, tables 14 and 18).

A lasting bit is set as long as its cause holds. The others the terminal clears once it was answered: their end says nothing about the cause.
"""

from typing import Final, NamedTuple


class Alarm(NamedTuple):
    """One kind of alarm: the type of its finding, the level (1 worst), whether its bit lasts as long as its cause."""

    type: str
    level: int
    lasts: bool = True


BITS: Final = (
    Alarm("emergency", 1, lasts=False),
    Alarm("overspeed", 2),
    Alarm("fatigue", 2),
    Alarm("dangerous_driving", 2, lasts=False),
    Alarm("gnss_fault", 4),
    Alarm("gnss_antenna_cut", 4),
    Alarm("gnss_antenna_short", 4),
    Alarm("undervoltage", 4),
    Alarm("power_cut", 3),
    Alarm("display_fault", 4),
    Alarm("tts_fault", 4),
    Alarm("camera_fault", 4),
    Alarm("licence_card_fault", 4),
    Alarm("overspeed_warning", 3),
    Alarm("fatigue_warning", 3),
    Alarm("driving_violation", 3),
    Alarm("tyre_pressure_warning", 3),
    Alarm("blind_spot", 3),
    Alarm("driving_time_over", 3),
    Alarm("parking_over_time", 4),
    Alarm("area_crossed", 3, lasts=False),
    Alarm("route_crossed", 3, lasts=False),
    Alarm("segment_time", 4, lasts=False),
    Alarm("route_deviation", 3),
    Alarm("vss_fault", 4),
    Alarm("fuel_abnormal", 3),
    Alarm("vehicle_stolen", 1),
    Alarm("illegal_ignition", 2, lasts=False),
    Alarm("illegal_move", 2, lasts=False),
    Alarm("collision", 1),
    Alarm("rollover_warning", 2),
    Alarm("illegal_door", 3, lasts=False),
)
"""By bit number. 2019 calls bit 29 collision and rollover; 31 is of 2013; 15, 16, 17 are of 2019."""

VIDEO: Final = (
    Alarm("video_lost", 4),
    Alarm("video_covered", 3),
    Alarm("storage_fault", 4),
    Alarm("video_fault", 4),
    Alarm("overcrowded", 2),
    Alarm("abnormal_driving", 2),
    Alarm("storage_full", 4),
)
"""Bits of item 0x14."""

ABNORMAL: Final = (Alarm("fatigue", 2), Alarm("phone_use", 2), Alarm("smoking", 2))
"""Bits of item 0x18, abnormal driving."""


def set_bits(table: tuple[Alarm, ...], word: int) -> list[Alarm]:
    """The alarms whose bits are set."""
    return [alarm for bit, alarm in enumerate(table) if word >> bit & 1] if word else []
