"""The state and alarm word of a station (SL 651-2014, table 58): what has begun since it was last told."""

from typing import Final, NamedTuple


class StateBit(NamedTuple):
    """One bit: the finding it makes, its level, its words, and which way it speaks."""

    bit: int
    type: str
    level: int
    zh: str
    when: bool = True


BITS: Final = (
    StateBit(0, "mains_lost", 3, "交流电停电"),
    StateBit(1, "battery_low", 3, "蓄电池电压低"),
    StateBit(2, "level_over", 2, "水位超限报警"),
    StateBit(3, "flow_over", 2, "流量超限报警"),
    StateBit(4, "quality_over", 2, "水质超限报警"),
    StateBit(5, "flow_meter_fault", 3, "流量仪表故障"),
    StateBit(6, "level_meter_fault", 3, "水位仪表故障"),
    StateBit(7, "door_open", 3, "终端箱门开启", when=False),
    StateBit(8, "memory_fault", 3, "存储器异常"),
    StateBit(11, "quota_over", 3, "剩余水量超限"),
)


def begun(before: int | None, word: int) -> list[StateBit]:
    """What this word says that the one before did not.

    After a restart what is wrong is news once; but an open door only where it was seen closed, because its 0 is also what a station without a
    door switch sends.
    """
    if before is None:
        return [entry for entry in BITS if entry.when and _speaks(entry, word)]
    return [entry for entry in BITS if _speaks(entry, word) and not _speaks(entry, before)]


def _speaks(entry: StateBit, word: int) -> bool:
    return bool(word >> entry.bit & 1) == entry.when
