"""`hub notify` and what `hub check` says of receivers."""

import json
from pathlib import Path

from tests.alerts.vendors.dingtalk import DingTalk
from tests.commands.running import hub

WRONG = """
[[notify.dingtalk]]
name = "group"
robot = { env = "A_VARIABLE_THAT_IS_NOT_SET" }
[[notify.sms]]
name = "phones"
url = "https://sms.example.org/{txt}"
success = "yes"
to = ["13800000001"]
[[notify.webhooks]]
name = "first"
url = "https://example.org/"
secret = { file = "no-file" }
[[notify.webhooks]]
name = "second"
url = "https://example.org/"
secret = { file = "no-file-either" }
"""

ROBOT = """
[[notify.dingtalk]]
name = "group"
base = "{base}"
robot = {{ file = "robot" }}
keyword = "X"
"""


def test_every_mistake_in_the_receivers_is_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "hub.toml"
    file.write_text(WRONG, encoding="utf-8")
    done = hub("check", str(file), "--json")
    assert done.returncode == 2
    said = " ".join(f"{error['file']} {error['key']} {error['message']}" for error in json.loads(done.stdout)["errors"])
    for word in ("notify.dingtalk.group", "A_VARIABLE_THAT_IS_NOT_SET", "{txt}", "'yes'", "no-file ", "no-file-either"):
        assert word in said + " ", word


def test_a_receiver_is_tried_with_the_vendors_own_words(tmp_path: Path) -> None:
    vendor = DingTalk()
    file = tmp_path / "hub.toml"
    file.write_text(ROBOT.format(base=vendor.base), encoding="utf-8")
    (tmp_path / "robot").write_text(vendor.token + "\n", encoding="utf-8")
    try:
        vendor.script["/robot/send"] = [{"errcode": 0, "errmsg": "ok"}, {"errcode": 310000, "errmsg": "sign not match"}]
        taken = hub("notify", "test", "group", "--config", str(file))
        assert (taken.returncode, "delivered ok" in taken.stdout) == (0, True), taken.stderr
        refused = hub("notify", "test", "group", "--config", str(file), "--json")
        assert refused.returncode == 1
        assert json.loads(refused.stdout)["answer"] == "310000 sign not match"
        assert hub("check", str(file), "--reach").returncode == 0
    finally:
        vendor.close()
    reached = hub("check", str(file), "--reach")
    assert reached.returncode == 2
    assert "does not let the hub in: no connection" in reached.stdout
    assert vendor.token not in taken.stdout + refused.stdout + reached.stdout


def test_a_receiver_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    done = hub("notify", "test", "nobody", "--data", str(tmp_path))
    assert done.returncode == 2
    assert "no receiver 'nobody'" in done.stderr
