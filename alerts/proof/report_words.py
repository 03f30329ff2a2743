"""The words of a case's report, in Chinese and English: (zh, en)."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("事件档案", "Incident record"),
    "number": ("事件编号", "Incident"),
    "what": ("情况", "What"),
    "level": ("级别（当前/最高）", "Level (now / worst)"),
    "place": ("地点", "Place"),
    "state": ("状态", "State"),
    "round": ("轮次", "Round"),
    "opened": ("发现时间", "Opened"),
    "verified": ("核实时间", "Verified"),
    "acknowledged": ("签收", "Acknowledged"),
    "dispatched": ("派单时间", "Dispatched"),
    "arrived": ("到场时间", "On site"),
    "solved": ("处置完成时间", "Solved"),
    "closed": ("办结", "Closed"),
    "owner": ("责任人", "Owner"),
    "cause_code": ("原因代码", "Cause code"),
    "resolution": ("处置结果", "Resolution"),
    "reason": ("说明", "Reason"),
    "overridden": ("由领导越过办结条件批准", "Closed by a leader's decision, the closing conditions not all met"),
    "map": ("位置示意", "Where it is"),
    "chart": ("原始读数", "Raw readings"),
    "pictures": ("证据", "Evidence"),
    "timeline": ("处置过程", "What happened"),
    "told": ("通知记录", "Who was told"),
    "alerts": ("报警", "Alerts"),
    "time": ("时间", "Time"),
    "who": ("人员/系统", "Who"),
    "event": ("事项", "What"),
    "rule": ("规则", "Rule"),
    "value": ("数值", "Value"),
    "limit": ("限值", "Limit"),
    "start": ("超限开始", "Breach began"),
    "fired": ("报警时间", "Fired"),
    "cleared": ("恢复时间", "Cleared"),
    "receiver": ("接收方", "Receiver"),
    "channel": ("通道", "Channel"),
    "why": ("事由", "Reason"),
    "result": ("结果", "Result"),
    "answer": ("服务商答复", "Vendor's words"),
    "content": ("内容摘要", "Content"),
    "no_place": ("没有登记位置", "No position is registered"),
    "no_readings": ("该时段没有读数", "There are no readings in this period"),
    "no_evidence": ("没有证据文件", "There is no evidence"),
    "nobody": ("没有发出通知", "Nobody was told"),
    "missing": ("文件已不在", "no longer kept"),
    "not_shown": ("未印出，见案卷中的文件", "not printed; the file is in the case"),
    "more": ("另有 {} 项，见 case.json", "{} more; see case.json"),
    "zone": ("时间均为 {} 时区", "Times are in zone {}"),
    "page": ("第 {} 页 / 共 {} 页", "Page {} of {}"),
    "check": (
        "核验：hub verify 文件名。本页脚的内容摘要应与 manifest.json 中的 content 一致。",
        "To check: hub verify FILE. The content hash at the foot of each page is `content` in manifest.json.",
    ),
}

LEVELS: Final[dict[int, tuple[str, str]]] = {
    1: ("Ⅰ级（1，特别重大）", "Level I (1, extreme)"),
    2: ("Ⅱ级（2，重大）", "Level II (2, severe)"),
    3: ("Ⅲ级（3，较大）", "Level III (3, moderate)"),
    4: ("Ⅳ级（4，一般）", "Level IV (4, minor)"),
}

STATES: Final[dict[str, tuple[str, str]]] = {
    "detected": ("待核实", "detected"),
    "verified": ("已核实", "verified"),
    "acknowledged": ("已签收", "acknowledged"),
    "dispatched": ("已派单", "dispatched"),
    "on_site": ("已到场", "on site"),
    "verifying": ("效果核验中", "verifying"),
    "solved": ("已处置", "solved"),
    "closed": ("已办结", "closed"),
    "rejected": ("误报", "rejected"),
    "self_cleared": ("自行恢复", "cleared by itself"),
    "merged": ("已并案", "merged"),
}

KINDS: Final[dict[str, tuple[str, str]]] = {
    **STATES,
    "opened": ("事件建立", "opened"),
    "joined": ("新报警并入", "another alert joined"),
    "changed": ("报警变化", "an alert changed"),
    "raised": ("级别升高", "raised"),
    "cleared": ("报警恢复", "an alert cleared"),
    "unknown": ("数据中断", "data are missing"),
    "reopened": ("重新打开", "reopened"),
    "note": ("记录", "note"),
    "evidence": ("加入证据", "evidence added"),
    "assigned": ("派单", "assigned"),
    "escalated": ("升级通知", "escalated"),
    "reminded": ("再次提醒", "reminded"),
    "ack_expired": ("签收失效", "the acknowledgement lapsed"),
    "reported": ("群众或网格员报告", "reported by people"),
    "late": ("超过时限", "a clock was missed"),
    "clock": ("超过时限", "a clock was missed"),
    "told": ("发出通知", "people were told"),
    "digest": ("汇总通知", "told in the digest"),
    "quiet": ("静默时段暂不通知", "held back in quiet hours"),
    "held": ("暂缓通知", "notices held back"),
    "latched": ("反复报警，保持未结", "keeps coming back: held open"),
    "fallback": ("改用备用通道", "another way was taken"),
    "unreached": ("未能通知到", "somebody was not reached"),
    "assign": ("派单", "assigned"),
    "declined": ("退回派单", "declined"),
    "checked_in": ("到场签到", "checked in"),
    "delivered": ("提交处置结果", "work delivered"),
    "checked-in": ("到场签到", "checked in"),
}

REASONS: Final[dict[str, tuple[str, str]]] = {
    "incident.opened": ("新事件", "new"),
    "incident.raised": ("级别升高", "raised"),
    "incident.reopened": ("重新打开", "reopened"),
    "incident.acknowledged": ("已签收", "acknowledged"),
    "incident.solved": ("已办结", "solved"),
    "alert.fired": ("新报警", "alert"),
    "alert.cleared": ("报警恢复", "cleared"),
}

RESULTS: Final[dict[str, tuple[str, str]]] = {
    "queued": ("排队", "queued"),
    "sending": ("发送中", "sending"),
    "waiting": ("等待重试", "waiting to try again"),
    "accepted": ("服务商已受理", "accepted by the vendor"),
    "delivered": ("已送达", "delivered"),
    "failed": ("失败", "failed"),
    "gone": ("对方已退订", "subscription ended"),
    "unsure": ("不确定", "unsure"),
}


def pick(table: dict[str, tuple[str, str]], word: str, language: str) -> str:
    """The word in this language; itself where the table does not have it."""
    pair = table.get(word)
    return word if pair is None else pair[0 if language == "zh" else 1]


def level_words(level: int, language: str) -> str:
    """A level as numeral and word."""
    return LEVELS[level][0 if language == "zh" else 1]
