"""What our words are in CAP: tables of the standard's own values, and texts in Chinese and English."""

from typing import Final

LANGUAGES: Final = ("zh-CN", "en")

# The four classes of the law on emergencies; the colour goes out as a parameter, so that nothing of it is lost.
SEVERITIES: Final = {1: "Extreme", 2: "Severe", 3: "Moderate", 4: "Minor"}
URGENCIES: Final = {1: "Immediate", 2: "Immediate", 3: "Expected", 4: "Future"}
COLOURS: Final = {1: ("红色", "Red"), 2: ("橙色", "Orange"), 3: ("黄色", "Yellow"), 4: ("蓝色", "Blue")}

CATEGORIES: Final = {
    "water": ("Env",),
    "air": ("Env",),
    "source": ("Env",),
    "camera": ("Env", "Safety"),
    "vehicle": ("Transport", "Safety"),
}
"""By the kind of station."""

EVENTS: Final = {
    "": ("事件", "Incident"),
    "exceedance": ("超标", "limit exceeded"),
    "silence": ("设备无数据", "no data from the device"),
    "device": ("设备异常", "fault of a device"),
    "storm": ("报警集中爆发", "many alerts at once"),
    "debris": ("水面漂浮物", "Floating debris"),
    "fishing": ("违规捕捞", "Fishing where it is forbidden"),
    "person": ("人员临水", "People at the water"),
    "water": ("水体异常", "Water out of the ordinary"),
    "smoke": ("烟雾", "Smoke"),
    "fire": ("火情", "Fire"),
    "spill": ("泄漏", "Spill"),
    "colour": ("水体颜色异常", "Water of an unusual colour"),
    "intrusion": ("人员闯入", "People where they must not be"),
    "hazmat": ("危险货物运输异常", "Hazardous goods off their permit"),
    "report": ("群众反映问题", "Reported by people"),
}

NOTES: Final = {
    "solved": ("已处置", "Solved"),
    "closed": ("已办结", "Closed"),
    "rejected": ("误报", "A false alarm"),
    "self_cleared": ("自行恢复", "It cleared by itself"),
    "merged": ("已并入其他事件", "Merged into another incident"),
}

STATE_WORDS: Final = {
    **NOTES,
    "detected": ("待核实", "detected"),
    "verified": ("已核实", "verified"),
    "acknowledged": ("已签收", "acknowledged"),
    "dispatched": ("已派单", "dispatched"),
    "on_site": ("已到场", "people on site"),
    "verifying": ("效果核验中", "being checked"),
}
