"""WeCom as its public documentation tells of it: a group's robot, and an application with its token."""

from typing import Any

from tests.alerts.vendors.server import Answer, Request, VendorServer, says


class WeCom(VendorServer):
    """One robot and one application of one corporation."""

    def __init__(self) -> None:
        super().__init__()
        self.key = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"
        self.corp, self.secret, self.agent = "ww0123456789", "wecom-app-secret-1234567890", 1000002
        self.tokens = 0
        self.users = {"u1", "u2"}
        self.limit = 20
        self.seen: set[tuple[str, str]] = set()

    def answer(self, request: Request) -> Answer:
        """By the path."""
        if request.path == "/cgi-bin/webhook/send":
            return says(self._robot(request))
        if request.path == "/cgi-bin/gettoken":
            return says(self._gettoken(request))
        if request.path == "/cgi-bin/message/send":
            return says(self._message(request))
        return Answer(404, b"")

    def _robot(self, request: Request) -> dict[str, Any]:
        if request.query.get("key") != self.key:
            return {"errcode": 93000, "errmsg": "invalid webhook url, hint: [1767225601]"}
        said = request.json
        text = said[said["msgtype"]]["content"]
        if len(text.encode()) > {"markdown": 4096, "text": 2048}[said["msgtype"]]:
            return {"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"}
        if len(self.texts) >= self.limit:
            return {"errcode": 45009, "errmsg": "api freq out of limit"}
        self.texts.append(text)
        return {"errcode": 0, "errmsg": "ok"}

    def _gettoken(self, request: Request) -> dict[str, Any]:
        if request.query != {"corpid": self.corp, "corpsecret": self.secret}:
            return {"errcode": 40001, "errmsg": "invalid credential, hint: [1767]"}
        self.tokens += 1
        return {"errcode": 0, "errmsg": "ok", "access_token": f"access-{self.tokens}", "expires_in": 7200}

    def _message(self, request: Request) -> dict[str, Any]:
        if request.query.get("access_token") != f"access-{self.tokens}":
            return {"errcode": 42001, "errmsg": "access_token expired, hint: [1767]"}
        said = request.json
        if said["agentid"] != self.agent:
            return {"errcode": 301002, "errmsg": "not allow operate another agent with this accesstoken"}
        text = said["text"]["content"]
        if len(text.encode()) > 2048:
            return {"errcode": 40058, "errmsg": "text.content exceed max length 2048"}
        if said["touser"] not in self.users:
            return {"errcode": 0, "errmsg": "ok", "invaliduser": said["touser"], "msgid": ""}
        if (said["touser"], text) not in self.seen or not said.get("enable_duplicate_check"):
            self.texts.append(text)
        self.seen.add((said["touser"], text))
        return {"errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": f"msg-{len(self.texts)}"}
