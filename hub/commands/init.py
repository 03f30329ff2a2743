"""`hub init`: a commented configuration, the default rules, and the first secrets in files of their own."""

import secrets
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from hub.commands.app import WrongUse
from hub.files import write_private

TEMPLATE = """\
# Streamwarden. Unknown keys are errors; `hub check` names every mistake at once.
# 智感中枢配置。写错的键会被指出;用 `hub check` 一次列出全部错误。

[hub]
district = "district"            # also the default department / 也是默认部门
zone = "Asia/Shanghai"           # the site's zone / 站点时区
data = "data"                    # everything the hub keeps / 数据目录
rules = "rules"                  # one TOML file a rule / 规则目录
# duty_phone = "0574-12345678"   # whom field staff call / 外勤人员联系的值班电话

[engines]
mqtt = "embedded://127.0.0.1:1883"    # or mqtt://host:1883, mqtts://host:8883
bus = "embedded://"                   # or kafka://host:9092,host:9092
series = "embedded://"                # or influxdb://host:8086?org=district&bucket=raw
# series_token = { env = "INFLUX_TOKEN" }
records = "sqlite:///hub.db"          # or postgresql://user@host/hub; its password by PGPASSFILE
evidence = "file://evidence"

[ingest]
username = "hub"                      # the hub's own MQTT user / 中枢自己的 MQTT 用户
password = { file = "secrets/mqtt" }

[serve]
listen = "127.0.0.1:8080"
# public_url = "https://hub.example.org"  # links in notices begin so; without it people get no task links / 通知链接的网址前缀

# Loggers, vehicles and hydrology stations with field protocols / 现场协议设备接入:
# [field.listen]
# hj212 = "0.0.0.0:9212"             # HJ 212 pollution sources / 污染源数采仪
# jt808 = "0.0.0.0:9808"             # JT/T 808 vehicles / 车载终端
# sl651 = "0.0.0.0:9651"             # SL 651 hydrology / 水文遥测站

# River patrol; a camera's source names its password of this list / 河道巡查;摄像机密码在此命名,页面里只填名称:
# [patrol]
# workers = 2                        # processes that share the cameras / 分担摄像机的进程数
# passwords = { quay = { file = "secrets/camera-quay" } }
# levels = { "fishing.suspected" = 0 }  # a kind's level in place of its own, 0 for no alert / 改变告警级别,0 为不告警
# keep_days = { frame = 180, crop = 365, clip = 30 }  # evidence that no incident holds / 未被事件引用的证据保留天数

# How incidents are kept / 事件处置:
# [incidents]
# auto_verify = [1]                  # levels that need no officer to be verified / 免人工核实的级别
# geofence_m = 300                   # how near counts as on site / 到场签到半径(米)
# keep_days = 1095                   # a closed incident and its evidence / 办结后保留天数
#
# [incidents.clocks.1]               # seconds by level; what is left out is as shipped / 各级时限(秒)
# ack_s = 300
# arrive_s = 1800
#
# [incidents.contracts.debris]       # what must be so before it is solved, by type / 各类事件的办结条件
# items = [{ kind = "alerts_cleared" }, { kind = "after_photo", within_m = 300 }]

# Who is told / 通知谁:
# [[notify.webhooks]]
# name = "command-centre"
# url = "https://example.org/alerts"
# secret = { env = "WEBHOOK_SECRET" }  # whsec_...
#
# [[notify.emails]]
# name = "duty"
# host = "mail.example.org"
# sender = "hub@example.org"
# to = ["duty@example.org"]
#
# A group's robot in DingTalk, WeCom or Feishu; secrets are named, never written here.
# 钉钉、企业微信、飞书群机器人;密钥只写引用,不写明文:
# [[notify.dingtalk]]
# name = "duty-group"
# robot = { file = "secrets/dingtalk-robot" }  # the robot's address / 机器人 Webhook 地址
# sign = { file = "secrets/dingtalk-sign" }    # SEC...
# levels = [1, 2]
#
# Work notices to persons; 浙政钉 / 专有钉钉: edition = "private", base, tenant_id
# [[notify.dingtalk]]
# name = "duty-officers"
# app_key = "ding..."
# app_secret = { env = "DINGTALK_SECRET" }
# agent_id = 1234
# users = ["manager4220"]
#
# [[notify.wecom]]                     # 政务微信: base = "https://..."
# name = "duty-wecom"
# corp_id = "ww..."
# app_secret = { env = "WECOM_SECRET" }
# agent_id = 1000002
# users = ["zhangsan"]
#
# [[notify.feishu]]
# name = "duty-feishu"
# robot = { file = "secrets/feishu-robot" }
#
# [[notify.sms]]                       # or preset = "tencent", or any vendor by url and body
# name = "duty-sms"
# preset = "aliyun"
# key_id = "LTAI..."
# key = { env = "ALIYUN_SECRET" }
# sign_name = "镇海生态环境"
# template = "SMS_123456789"
# params = { number = "{number}", place = "{place:20}", value = "{value}" }
# to = ["13800000000"]
# levels = [1]
#
# [[notify.smpp]]
# name = "carrier"
# host = "smsc.example.org"
# system_id = "hub"
# password = { file = "secrets/smpp" }
# source = "10690000"
# to = ["8613800000000"]
#
# [[notify.voice]]
# name = "night-call"
# url = "https://calls.example.org/call"
# secret = { env = "CALLS_SECRET" }    # whsec_...
# to = ["13800000000"]
# levels = [1]
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "init", help="Write a commented hub.toml, default rules and first secrets.", epilog="Example: hub init /srv/hub"
    )(init)


def init(folder: Annotated[Path, typer.Argument(help="An empty or new folder.")]) -> None:
    """Write the files; nothing that exists is touched."""
    target = folder / "hub.toml"
    if target.exists():
        raise WrongUse(f"{target} exists already; nothing was changed")
    (folder / "secrets").mkdir(parents=True, exist_ok=True)
    target.write_text(TEMPLATE, encoding="utf-8")
    write_private(folder / "secrets" / "mqtt", secrets.token_urlsafe(24) + "\n")
    copy_default_rules(folder / "rules")
    print(
        f"{target}\n{folder / 'rules'}\nnext: hub check {target}; hub user add NAME --role admin --config {target}; hub up --config {target}"
    )


def copy_default_rules(folder: Path) -> None:
    """The shipped rules into a hub's own folder; files that are there stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(Path(str(files("hub") / "rules")).glob("*.toml")):
        if not (folder / source.name).exists():
            shutil.copy(source, folder / source.name)
