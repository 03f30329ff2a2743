"""DingTalk as its public documentation tells of it: robots, work notices, and the private edition's signed calls."""

import json
from typing import Any

from tests.alerts.vendors.server import NOW, Answer, Request, VendorServer, hmac64, says

HOUR_MS = 3_600_000


class DingTalk(VendorServer):
    """One robot with a signature and a keyword, one application, one private gateway."""

    def __init__(self) -> None:
        super().__init__()
        self.token = "robot-token-1234567890"
        self.sign = "SECsigning-secret-1234567890"
        self.keyword = ""
        self.limit = 20
        self.key, self.secret = "dingappkey", "ding-app-secret-1234567890"
        self.tokens = 0
        self.users = {"u1", "u2"}
        self.tasks = 256_271_667_526
        self.known: set[str] = set()

    def answer(self, request: Request) -> Answer:
        """By the path."""
        if request.path == "/robot/send":
            return says(self._robot(request))
        if request.path == "/gettoken":
            return says(self._gettoken(request))
        if request.path == "/topapi/message/corpconversation/asyncsend_v2":
            return says(self._notice(request))
        if request.path == "/message/workNotification":
            return says(self._private(request))
        return Answer(404, b"no such page")

    def _robot(self, request: Request) -> dict[str, Any]:
        if request.query.get("access_token") != self.token:
            return {"errcode": 300001, "errmsg": "token is not exist"}
        stamp = request.query.get("timestamp", "0")
        if abs(int(stamp) - NOW) > HOUR_MS:
            return {"errcode": 310000, "errmsg": "invalid timestamp"}
        if request.query.get("sign") != hmac64(self.sign, f"{stamp}\n{self.sign}"):
            return {"errcode": 310000, "errmsg": "sign not match"}
        said = request.json
        text = said["markdown"]["title"] + said["markdown"]["text"]
        if self.keyword not in text:
            return {"errcode": 310000, "errmsg": "keywords not in content"}
        if len(request.body) > 20_000:
            return {"errcode": 40035, "errmsg": "message too long, exceed 20000 bytes"}
        if len(self.texts) >= self.limit:
            return {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
        self.texts.append(said["markdown"]["text"])
        return {"errcode": 0, "errmsg": "ok"}

    def _gettoken(self, request: Request) -> dict[str, Any]:
        if request.query != {"appkey": self.key, "appsecret": self.secret}:
            return {"errcode": 40089, "errmsg": "不合法的corpid或corpsecret"}
        self.tokens += 1
        return {"errcode": 0, "access_token": f"access-{self.tokens}", "errmsg": "ok", "expires_in": 7200}

    def _notice(self, request: Request) -> dict[str, Any]:
        if request.query.get("access_token") != f"access-{self.tokens}":
            return {"errcode": 40014, "errmsg": "不合法的access_token"}
        said = request.json
        if said["agent_id"] != 4711:
            return {"errcode": 400002, "errmsg": "无效的参数:agent_id"}
        if said["userid_list"] not in self.users:
            return {"errcode": 33012, "errmsg": "无效的USERID"}
        if len(json.dumps(said["msg"], ensure_ascii=False).encode()) > 2048:
            return {"errcode": 40035, "errmsg": "消息体超过2048字节"}
        self.texts.append(said["msg"]["markdown"]["text"])
        self.tasks += 1
        return {"errcode": 0, "errmsg": "ok", "task_id": self.tasks, "request_id": "3j1z"}

    def _private(self, request: Request) -> dict[str, Any]:
        form, headers = request.form, request.headers
        plain = "&".join(f"{name}={form[name]}" for name in sorted(form))
        stamp, nonce = headers["x-hmac-auth-timestamp"], headers["x-hmac-auth-nonce"]
        wanted = hmac64(self.secret, f"POST\n{stamp}\n{nonce}\n{request.path}\n{plain}")
        if headers["apikey"] != self.key or headers["x-hmac-auth-signature"] != wanted:
            return {"success": False, "errorCode": "401", "errorMsg": "签名校验失败"}
        if form["bizMsgId"] in self.known:
            return {"success": False, "errorCode": "10012", "errorMsg": "bizMsgId重复"}
        if form["tenantId"] != "196729" or form["receiverIds"] not in self.users:
            return {"success": False, "errorCode": "400", "errorMsg": "接收人不存在"}
        if len(form["msg"].encode()) > 2048:
            return {"success": False, "errorCode": "400", "errorMsg": "消息体过长"}
        self.known.add(form["bizMsgId"])
        self.texts.append(json.loads(form["msg"])["markdown"]["text"])
        inner = {"success": True, "content": {"msgId": f"m-{len(self.texts)}"}}
        return {"success": True, "content": json.dumps(inner)}
