"""What it turned out to be: the codes that field staff choose from when the work is done, in Chinese and English."""

from typing import Final

CAUSES: Final[dict[str, tuple[str, str]]] = {
    "litter": ("漂浮垃圾", "Floating litter"),
    "plants": ("水生植物、藻类", "Water plants, algae"),
    "outfall": ("排口异常排放", "Discharge from an outfall"),
    "dumping": ("偷排、倾倒", "Illegal dumping"),
    "upstream": ("上游来水", "Water from upstream"),
    "runoff": ("降雨冲刷、面源", "Storm runoff"),
    "spill": ("事故泄漏", "Spill after an accident"),
    "vessel": ("船舶", "Vessel"),
    "fishing": ("违法捕捞、垂钓", "Illegal fishing"),
    "burning": ("露天焚烧", "Open burning"),
    "equipment": ("监测设备故障", "Fault of the monitoring equipment"),
    "nothing": ("现场未发现异常", "Nothing found on site"),
    "other": ("其他", "Other"),
}


def causes(language: str) -> list[tuple[str, str]]:
    """Code and name of each, in `zh` or `en`."""
    pick = 0 if language == "zh" else 1
    return [(code, names[pick]) for code, names in CAUSES.items()]
