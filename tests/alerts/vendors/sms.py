"""Short-message vendors: one that any template reaches, Aliyun and Tencent Cloud with their signatures, a call gateway."""

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import quote

from tests.alerts.vendors import SECRET_BYTES, Call
from tests.alerts.vendors.server import Answer, Request, VendorServer, says


class Gateway(VendorServer):
    """A vendor with an account and a key in a header; 200 with a code of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.key = "gateway-api-key-1234567890"
        self.limit = 100

    def answer(self, request: Request) -> Answer:
        """Code 0 is taken."""
        if request.headers.get("x-api-key") != self.key:
            return says({"code": 101, "msg": "认证失败"})
        said = request.json
        if not said["mobile"].startswith("1"):
            return says({"code": 107, "msg": "手机号格式错误"})
        if len(self.texts) >= self.limit:
            return says({"code": 105, "msg": "发送频率超限"})
        self.texts.append(said["content"])
        return says({"code": 0, "msg": "ok", "data": [{"id": f"g-{len(self.texts)}"}]})


class Aliyun(VendorServer):
    """SendSms with the V3 signature; refusals with HTTP 200, wrong signatures with 400 and JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.key, self.secret = "LTAIexample", "aliyun-secret-1234567890"
        self.limit = 100

    def answer(self, request: Request) -> Answer:
        """Check the signature as the vendor's page builds it, then the parameters."""
        names = request.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0]
        lines = "".join(f"{name}:{request.headers[name]}\n" for name in names.split(";"))
        query = "&".join(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in sorted(request.query.items()))
        body = hashlib.sha256(request.body).hexdigest()
        whole = hashlib.sha256(f"POST\n/\n{query}\n{lines}\n{names}\n{body}".encode()).hexdigest()
        wanted = hmac.new(self.secret.encode(), f"ACS3-HMAC-SHA256\n{whole}".encode(), hashlib.sha256).hexdigest()
        if not request.headers["authorization"].endswith(f"Signature={wanted}"):
            return says({"Code": "SignatureDoesNotMatch", "Message": "Specified signature is not matched."}, 400)
        return says(self._sms(request.query))

    def _sms(self, given: dict[str, str]) -> dict[str, Any]:
        if not given["PhoneNumbers"].removeprefix("+86").isdigit():
            return {"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "非法手机号", "RequestId": "F6"}
        params = json.loads(given["TemplateParam"])
        if set(params) != {"number", "what", "link"}:
            return {"Code": "isv.TEMPLATE_MISSING_PARAMETERS", "Message": "模板缺少变量", "RequestId": "F7"}
        if any(len(value) > 35 for name, value in params.items() if name != "link"):
            return {"Code": "isv.PARAM_LENGTH_LIMIT", "Message": "参数超出长度限制", "RequestId": "F8"}
        if len(self.texts) >= self.limit:
            return {"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "触发小时级流控Permits:5", "RequestId": "F9"}
        self.texts.append(" ".join(params.values()))
        return {"Code": "OK", "Message": "OK", "BizId": f"9006195{len(self.texts)}", "RequestId": "F1"}


class Tencent(VendorServer):
    """SendSms with TC3-HMAC-SHA256; refusals with HTTP 200, per number or for the whole call."""

    def __init__(self) -> None:
        super().__init__()
        self.key, self.secret = "AKIDexample", "tencent-secret-1234567890"
        self.limit = 100

    def answer(self, request: Request) -> Answer:
        """Check the signature as the vendor's page builds it, then the number."""
        given = request.headers["authorization"]
        scope = given.partition("Credential=")[2].partition(",")[0].partition("/")[2]
        names = given.partition("SignedHeaders=")[2].partition(",")[0]
        lines = "".join(f"{name}:{request.headers[name]}\n" for name in names.split(";"))
        whole = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(request.body).hexdigest()}"
        said = "\n".join(
            ["TC3-HMAC-SHA256", request.headers["x-tc-timestamp"], scope, hashlib.sha256(whole.encode()).hexdigest()]
        )
        key = ("TC3" + self.secret).encode()
        for word in scope.split("/"):
            key = hmac.new(key, word.encode(), hashlib.sha256).digest()
        if not given.endswith(hmac.new(key, said.encode(), hashlib.sha256).hexdigest()):
            error = {
                "Code": "AuthFailure.SignatureFailure",
                "Message": "The provided credentials could not be validated.",
            }
            return says({"Response": {"Error": error, "RequestId": "ed93"}})
        return says({"Response": {"SendStatusSet": [self._sms(request.json)], "RequestId": "a0aa"}})

    def _sms(self, given: Any) -> dict[str, Any]:
        [number] = given["PhoneNumberSet"]
        if not number.startswith("+86"):
            return {
                "SerialNo": "",
                "Code": "InvalidParameterValue.IncorrectPhoneNumber",
                "Message": "IncorrectPhoneNumber",
            }
        if len(self.texts) >= self.limit:
            code = "LimitExceeded.PhoneNumberThirtySecondLimit"
            return {
                "SerialNo": "",
                "Code": code,
                "Message": "the number of SMS messages in 30 seconds exceeds the limit",
            }
        self.texts.append(" ".join(given["TemplateParamSet"]))
        return {
            "SerialNo": f"2640:168{len(self.texts)}",
            "PhoneNumber": number,
            "Code": "Ok",
            "Message": "send success",
        }


class CallGateway(VendorServer):
    """Rings telephones; it wants its calls signed as Standard Webhooks say, and knows ids again."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: dict[str, str] = {}
        self.limit = 100

    def answer(self, request: Request) -> Answer:
        """202 with the call's id."""
        if not Call(request.path, request.headers, request.body).signed(SECRET_BYTES):
            return says({"error": "bad signature"}, 401)
        said = request.json
        if not said["to"].startswith("1"):
            return says({"error": "not a number that can be called"}, 422)
        if len(self.calls) >= self.limit:
            return Answer(429, b'{"error": "all lines are busy"}', (("retry-after", "20"),))
        if said["id"] not in self.calls:
            self.texts.append(said["text"])
        number = self.calls.setdefault(said["id"], f"call-{len(self.calls) + 1}")
        return says({"call": number}, 202)
