"""Why somebody was not told, in both languages: what the log says in English, said in Chinese too."""

import re
from typing import Final

_WHOLE: Final[dict[str, str]] = {
    "away": "请假不在岗",
    "quiet hours": "处于免打扰时段，届时补发",
    "kept for the digest": "该级别纳入每日摘要",
    "not in the register any more": "已不在人员名册中",
    "has no channel": "未设置任何通知通道",
    "nobody on duty": "当时无人值班",
    "nobody": "没有人员",
    "backfilled": "补传数据不打扰任何人",
    "department": "接收方不负责该部门",
    "said by another notice": "已由另一条通知告知",
    "never told of it": "此前未获通知",
    "ended by the receiver": "接收方已退订",
    "no way is left": "所有通道均已试过",
}
_FORMS: Final = (
    (re.compile(r"channel (.+) is not in hub\.toml any more"), "通道 {0} 已不在 hub.toml 中"),
    (re.compile(r"channel (.+) speaks to a group"), "通道 {0} 只能发到群"),
    (re.compile(r"has no phone for channel (.+)"), "缺少通道 {0} 所需的手机号"),
    (re.compile(r"has no mail for channel (.+)"), "缺少通道 {0} 所需的邮箱"),
    (re.compile(r"has no user id for channel (.+)"), "缺少通道 {0} 所需的用户ID"),
    (re.compile(r"(.+): no answer in (\d+) s"), "{0} {1} 秒内无回应"),
    (re.compile(r"(.+) failed"), "{0} 发送失败"),
    (re.compile(r"told with (.+)"), "随事件 {0} 一并告知"),
    (re.compile(r"level (\d)"), "接收方不接收 {0} 级"),
    (re.compile(r"event (.+)"), "接收方不接收 {0}"),
    (re.compile(r"silenced? ?(.*)"), "静默期内 {0}"),
    (re.compile(r"inhibited ?(.*)"), "被上级告警抑制 {0}"),
)


def chinese(reason: str) -> str:
    """The reason in Chinese; what has no words here stays as it is."""
    return "；".join(_one(part.strip()) for part in reason.split(";"))


def _one(reason: str) -> str:
    if reason in _WHOLE:
        return _WHOLE[reason]
    for form, words in _FORMS:
        if found := form.fullmatch(reason):
            return words.format(*found.groups()).strip()
    return reason
