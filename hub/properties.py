"""The observed properties the hub knows: code, names, unit, range an instrument can show, codes in HJ 212 and SL 651.

A table of facts. Factor codes: HJ 525-2009 (water, `w`) and HJ 524-2009 (air, `a`) as HJ 212 uses them; elements: SL 651-2014 annex C. A value outside
[low, high] is kept and flagged `range`: it is what an instrument cannot truly have seen, not what a standard forbids.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Property:
    """One observed property; `low` and `high` are inclusive bounds in `unit` (UCUM-like text), None where there is none."""

    code: str
    zh: str
    en: str
    unit: str
    low: float | None = None
    high: float | None = None
    hj212: str = ""
    sl651: str = ""


_TABLE: Final = (
    # Water.
    Property("ph", "pH值", "pH", "", 0, 14, "w01001", "46"),
    Property("do", "溶解氧", "Dissolved oxygen", "mg/L", 0, 40, "w01009", "47"),
    Property("turbidity", "浊度", "Turbidity", "NTU", 0, 4000, "w01003", "49"),
    Property("conductivity", "电导率", "Conductivity", "uS/cm", 0, 100000, "w01014", "48"),
    Property("temperature", "水温", "Water temperature", "Cel", -5, 60, "w01010", "03"),
    Property("cod_mn", "高锰酸盐指数", "Permanganate index", "mg/L", 0, 1000, "w01019", "4B"),
    Property("cod", "化学需氧量", "Chemical oxygen demand", "mg/L", 0, 10000, "w01018"),
    Property("bod5", "五日生化需氧量", "Biochemical oxygen demand, 5 days", "mg/L", 0, 5000, "w01017"),
    Property("nh3_n", "氨氮", "Ammonia nitrogen", "mg/L", 0, 1000, "w21003", "4C"),
    Property("tp", "总磷", "Total phosphorus", "mg/L", 0, 500, "w21011", "4D"),
    Property("tn", "总氮", "Total nitrogen", "mg/L", 0, 2000, "w21001", "4E"),
    Property("orp", "氧化还原电位", "Redox potential", "mV", -2000, 2000, "", "4A"),
    Property("chlorophyll_a", "叶绿素a", "Chlorophyll a", "ug/L", 0, 2000, "w01016"),
    Property("cyanobacteria", "蓝绿藻密度", "Cyanobacteria", "10*3/mL", 0, 100000),
    Property("transparency", "透明度", "Transparency", "cm", 0, 2000),
    Property("ss", "悬浮物", "Suspended solids", "mg/L", 0, 50000, "w01012"),
    Property("oil", "石油类", "Petroleum oils", "mg/L", 0, 500, "w22001"),
    Property("volatile_phenol", "挥发酚", "Volatile phenols", "mg/L", 0, 100, "w23002"),
    Property("cyanide", "氰化物", "Cyanide", "mg/L", 0, 100, "w21016"),
    Property("fluoride", "氟化物", "Fluoride", "mg/L", 0, 500, "w21017"),
    Property("copper", "铜", "Copper", "mg/L", 0, 500, "w20122"),
    Property("zinc", "锌", "Zinc", "mg/L", 0, 500, "w20123"),
    Property("cr6", "六价铬", "Chromium(VI)", "mg/L", 0, 100, "w20117"),
    Property("level", "水位", "Water level", "m", -50, 9000, "", "39"),
    Property("flow", "流量", "Flow", "m3/s", 0, 200000, "", "27"),
    Property("velocity", "流速", "Flow velocity", "m/s", -20, 20, "", "37"),
    Property("rain", "降水量", "Rainfall in the period", "mm", 0, 1000, "", "20"),
    # Outlets and stacks.
    Property("outlet_flow", "污水流量", "Effluent flow", "L/s", 0, 1e6, "w00000"),
    Property("flue_gas_flow", "烟气流量", "Flue gas flow", "m3/s", 0, 1e5, "a00000"),
    Property("dust", "烟尘", "Stack dust", "mg/m3", 0, 10000, "a34013"),
    Property("o2", "氧含量", "Oxygen content", "%", 0, 25, "a19001"),
    Property("flue_gas_temperature", "烟气温度", "Flue gas temperature", "Cel", -20, 1200, "a01012"),
    Property("flue_gas_pressure", "烟气压力", "Flue gas pressure", "kPa", -100, 1000, "a01013"),
    # Air.
    Property("pm2_5", "细颗粒物", "PM2.5", "ug/m3", 0, 5000, "a34004"),
    Property("pm10", "可吸入颗粒物", "PM10", "ug/m3", 0, 10000, "a34002"),
    Property("tsp", "总悬浮颗粒物", "Total suspended particles", "ug/m3", 0, 20000, "a34001"),
    Property("so2", "二氧化硫", "Sulphur dioxide", "ug/m3", 0, 10000, "a21026"),
    Property("no", "一氧化氮", "Nitric oxide", "ug/m3", 0, 10000, "a21003"),
    Property("no2", "二氧化氮", "Nitrogen dioxide", "ug/m3", 0, 10000, "a21004"),
    Property("nox", "氮氧化物", "Nitrogen oxides", "ug/m3", 0, 20000, "a21002"),
    Property("co", "一氧化碳", "Carbon monoxide", "mg/m3", 0, 500, "a21005"),
    Property("o3", "臭氧", "Ozone", "ug/m3", 0, 2000, "a05024"),
    Property("voc", "挥发性有机物", "Volatile organic compounds", "mg/m3", 0, 5000, "a99054"),
    Property("h2s", "硫化氢", "Hydrogen sulphide", "mg/m3", 0, 1000, "a21028"),
    Property("nh3", "氨", "Ammonia", "mg/m3", 0, 1000, "a21001"),
    Property("noise", "噪声", "Sound level", "dB", 0, 200, "LA"),
    Property("air_temperature", "气温", "Air temperature", "Cel", -60, 60, "a01001", "02"),
    Property("humidity", "相对湿度", "Relative humidity", "%", 0, 100, "a01002", "18"),
    Property("pressure", "气压", "Air pressure", "hPa", 300, 1100, "a01006", "08"),
    Property("wind_speed", "风速", "Wind speed", "m/s", 0, 100, "a01007", "35"),
    Property("wind_direction", "风向", "Wind direction", "deg", 0, 360, "a01008", "34"),
    # Vehicles (positions in WGS-84), then cameras.
    Property("lon", "经度", "Longitude", "deg", -180, 180),
    Property("lat", "纬度", "Latitude", "deg", -90, 90),
    Property("speed", "速度", "Speed", "km/h", 0, 300),
    Property("heading", "方向", "Heading", "deg", 0, 360),
    Property("load", "载货状态", "Load (0 empty, 1 half, 2 full)", "", 0, 2),
    Property("frame_bytes", "图像大小", "Picture size", "By", 1, 4194304),
    # Devices themselves.
    Property("battery", "电池电压", "Battery voltage", "V", 0, 1000, "", "38"),
    Property("signal", "信号强度", "Signal strength", "dB", -200, 0),
)

PROPERTIES: Final = {entry.code: entry for entry in _TABLE}
