"""Feishu's robot as its public documentation tells of it."""

import base64
import hashlib
import hmac
from typing import Any

from tests.alerts.vendors.server import NOW, Answer, Request, VendorServer, says


class FeishuRobot(VendorServer):
    """One robot with a signature."""

    def __init__(self) -> None:
        super().__init__()
        self.token = "0b1c2d3e-feishu-robot-token"
        self.sign = "feishu-signing-secret"
        self.keyword = ""
        self.limit = 100

    def answer(self, request: Request) -> Answer:
        """HTTP 200 whatever it says."""
        return says(self._robot(request))

    def _robot(self, request: Request) -> dict[str, Any]:
        if request.path != f"/open-apis/bot/v2/hook/{self.token}":
            return {"code": 19001, "msg": "param invalid: incoming webhook access token invalid", "data": {}}
        said = request.json
        key = f"{said.get('timestamp')}\n{self.sign}".encode()
        wanted = base64.b64encode(hmac.new(key, digestmod=hashlib.sha256).digest()).decode()
        if abs(int(said.get("timestamp", "0")) - NOW // 1000) > 3600 or said.get("sign") != wanted:
            return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}
        [post] = said["content"]["post"].values()
        text = "\n".join(
            [post["title"], *(part.get("href", part["text"]) for line in post["content"] for part in line)]
        )
        if self.keyword not in text:
            return {"code": 19024, "msg": "Key Words Not Found"}
        if len(request.body) > 20_480:
            return {"code": 19036, "msg": "request body too large"}
        if len(self.texts) >= self.limit:
            return {"code": 11232, "msg": "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"}
        self.texts.append(text)
        return {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}
