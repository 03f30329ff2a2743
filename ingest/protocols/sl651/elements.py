"""The elements of SL 651-2014, annex C: guide, ASCII identifier, name, digits and decimals, unit, and the catalogue's property.

A table of facts. `property` is empty for what labels or steers other elements (time step, gate number) and is no reading itself.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Form = Literal["number", "rain", "level", "word", "sector", "duration", "opening", "depth", "label"]
"""How data become a value: BCD; 12 single bytes of 0.1 mm; 12 pairs of bytes of 0.01 m; 4 bytes of bits; 16 sectors of wind; HH.mm; metres
in which some numbers are words (tables E.4 and E.8).
"""


@dataclass(frozen=True, slots=True)
class ElementOf:
    """One row; N(`digits`, `decimals`) as annex C writes it, 0 digits where it has none."""

    code: str
    name: str
    zh: str
    digits: int
    decimals: int
    unit: str
    property: str = ""
    form: Form = "number"


def _eight(code: int, name: str, zh: str, digits: int, decimals: int, unit: str, stem: str) -> tuple[ElementOf, ...]:
    """Eight elements of one sort, numbered from 1."""
    return tuple(
        ElementOf(f"{code + n - 1:02X}", f"{name}{n}", f"{zh}{n}", digits, decimals, unit, f"{stem}_{n}")
        for n in range(1, 9)
    )


_RELATIVE: Final = tuple(
    ElementOf(
        f"{0xF4 + n:02X}",
        f"DRZ{n}",
        f"1小时内5分钟间隔相对水位{n}",
        0,
        2,
        "m",
        "level_relative" if n == 1 else f"level_relative_{n}",
        "level",
    )
    for n in range(1, 9)
)

_MOISTURE: Final = tuple(
    ElementOf(f"{0x10 + place:02X}", f"M{depth}", f"{depth}厘米处土壤含水量", 4, 1, "%", f"soil_moisture_{depth}")
    for place, depth in enumerate((10, 20, 30, 40, 50, 60, 80, 100))
)

_TABLE: Final = (
    ElementOf("F4", "DRP", "1小时内每5分钟时段雨量", 0, 1, "mm", "rain_5min", "rain"),
    *_RELATIVE,
    ElementOf("01", "AC", "断面面积", 8, 2, "m2", "section_area"),
    ElementOf("02", "AI", "瞬时气温", 3, 1, "Cel", "air_temperature"),
    ElementOf("03", "C", "瞬时水温", 3, 1, "Cel", "temperature"),
    ElementOf("04", "DR", "时间步长码", 6, 0, "", "", "label"),
    ElementOf("05", "DT", "时段长", 4, 2, "min", "duration", "duration"),
    ElementOf("06", "ED", "日蒸发量", 5, 1, "mm", "evaporation_day"),
    ElementOf("07", "EJ", "当前蒸发", 5, 1, "mm", "evaporation"),
    ElementOf("08", "FL", "气压", 5, 0, "hPa", "pressure"),
    ElementOf("09", "GH", "闸门开启高度", 5, 2, "m", "gate_opening", "opening"),
    ElementOf("0A", "GN", "输水设备、闸门(组)编号", 3, 0, "", "", "label"),
    ElementOf("0B", "GS", "输水设备类别", 1, 0, "", "", "label"),
    ElementOf("0C", "GT", "闸门开启孔数", 3, 0, "", "gates_open"),
    ElementOf("0D", "GTP", "地温", 3, 1, "Cel", "ground_temperature"),
    ElementOf("0E", "H", "地下水瞬时埋深", 6, 2, "m", "groundwater_depth", "depth"),
    ElementOf("0F", "HW", "波浪高度", 5, 2, "m", "wave_height"),
    *_MOISTURE,
    ElementOf("18", "MST", "湿度", 4, 1, "%", "humidity"),
    ElementOf("19", "NS", "开机台数", 2, 0, "", "pumps_on"),
    ElementOf("1A", "P1", "1小时时段降水量", 5, 1, "mm", "rain_1h"),
    ElementOf("1B", "P2", "2小时时段降水量", 5, 1, "mm", "rain_2h"),
    ElementOf("1C", "P3", "3小时时段降水量", 5, 1, "mm", "rain_3h"),
    ElementOf("1D", "P6", "6小时时段降水量", 5, 1, "mm", "rain_6h"),
    ElementOf("1E", "P12", "12小时时段降水量", 5, 1, "mm", "rain_12h"),
    ElementOf("1F", "PD", "日降水量", 5, 1, "mm", "rain_day"),
    ElementOf("20", "PJ", "当前降水量", 5, 1, "mm", "rain"),
    ElementOf("21", "PN01", "1分钟时段降水量", 5, 1, "mm", "rain_1min"),
    ElementOf("22", "PN05", "5分钟时段降水量", 5, 1, "mm", "rain_5min"),
    ElementOf("23", "PN10", "10分钟时段降水量", 5, 1, "mm", "rain_10min"),
    ElementOf("24", "PN30", "30分钟时段降水量", 5, 1, "mm", "rain_30min"),
    ElementOf("25", "PR", "暴雨量", 5, 1, "mm", "rain_storm"),
    ElementOf("26", "PT", "降水量累计值", 6, 1, "mm", "rain_total"),
    ElementOf("27", "Q", "瞬时流量、抽水流量", 9, 3, "m3/s", "flow"),
    *_eight(0x28, "Q", "取(排)水口流量", 9, 3, "m3/s", "flow"),
    ElementOf("30", "QA", "总出库流量、过闸总流量", 9, 3, "m3/s", "flow_total"),
    ElementOf("31", "QZ", "输水设备流量、过闸(组)流量", 9, 3, "m3/s", "flow_gate"),
    ElementOf("32", "SW", "输沙量", 11, 3, "10*4.t", "sediment_load"),
    ElementOf("33", "UC", "风向", 2, 0, "deg", "wind_direction", "sector"),
    ElementOf("34", "UE", "风力", 2, 0, "", "wind_force"),
    ElementOf("35", "US", "风速", 4, 1, "m/s", "wind_speed"),
    ElementOf("36", "VA", "断面平均流速", 5, 3, "m/s", "velocity_mean"),
    ElementOf("37", "VJ", "当前瞬时流速", 5, 3, "m/s", "velocity"),
    ElementOf("38", "VT", "电源电压", 4, 2, "V", "battery"),
    ElementOf("39", "Z", "瞬时河道水位、潮位", 7, 3, "m", "level"),
    ElementOf("3A", "ZB", "库(闸、站)下水位", 7, 3, "m", "level_down"),
    ElementOf("3B", "ZU", "库(闸、站)上水位", 7, 3, "m", "level_up"),
    *_eight(0x3C, "Z", "取(排)水口水位", 7, 3, "m", "level"),
    ElementOf("44", "SQ", "含沙量", 9, 3, "kg/m3", "sediment"),
    ElementOf("45", "ZT", "遥测站状态及报警信息", 0, 0, "", "state_word", "word"),
    ElementOf("46", "pH", "pH值", 4, 2, "", "ph"),
    ElementOf("47", "DO", "溶解氧", 4, 1, "mg/L", "do"),
    ElementOf("48", "COND", "电导率", 5, 0, "uS/cm", "conductivity"),
    ElementOf("49", "TURB", "浊度", 3, 0, "NTU", "turbidity"),
    ElementOf("4A", "CODMN", "高锰酸盐指数", 4, 1, "mg/L", "cod_mn"),
    ElementOf("4B", "REDOX", "氧化还原电位", 5, 1, "mV", "orp"),
    ElementOf("4C", "NH4N", "氨氮", 6, 2, "mg/L", "nh3_n"),
    ElementOf("4D", "TP", "总磷", 5, 3, "mg/L", "tp"),
    ElementOf("4E", "TN", "总氮", 5, 2, "mg/L", "tn"),
    ElementOf("4F", "TOC", "总有机碳", 4, 2, "mg/L", "toc"),
    ElementOf("50", "CU", "铜", 7, 4, "mg/L", "copper"),
    ElementOf("51", "ZN", "锌", 6, 4, "mg/L", "zinc"),
    ElementOf("52", "SE", "硒", 7, 5, "mg/L", "selenium"),
    ElementOf("53", "AS", "砷", 7, 5, "mg/L", "arsenic"),
    ElementOf("54", "THG", "总汞", 7, 5, "mg/L", "mercury"),
    ElementOf("55", "CD", "镉", 7, 5, "mg/L", "cadmium"),
    ElementOf("56", "PB", "铅", 7, 5, "mg/L", "lead"),
    ElementOf("57", "CHLA", "叶绿素a", 4, 2, "mg/L", "chlorophyll_a"),
    *_eight(0x58, "WP", "水压", 5, 2, "kPa", "water_pressure"),
    *_eight(0x60, "SYL", "水表剩余水量", 11, 3, "m3", "meter_left"),
    *_eight(0x68, "SBL", "水表每小时水量", 10, 2, "m3/h", "meter_flow"),
    ElementOf("70", "VTA", "交流A相电压", 4, 1, "V", "mains_voltage_a"),
    ElementOf("71", "VTB", "交流B相电压", 4, 1, "V", "mains_voltage_b"),
    ElementOf("72", "VTC", "交流C相电压", 4, 1, "V", "mains_voltage_c"),
    ElementOf("73", "VIA", "交流A相电流", 4, 1, "A", "mains_current_a"),
    ElementOf("74", "VIB", "交流B相电流", 4, 1, "A", "mains_current_b"),
    ElementOf("75", "VIC", "交流C相电流", 4, 1, "A", "mains_current_c"),
)

ELEMENTS: Final = MappingProxyType({row.code: row for row in _TABLE})
"""By guide, as two hexadecimal digits."""

NAMES: Final = MappingProxyType({row.name.upper(): row for row in _TABLE})
"""By ASCII identifier, capitals."""
