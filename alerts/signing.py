"""How the vendors want a call signed; each as its public documentation says. Times are epoch ms."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final
from urllib.parse import quote, urlencode

_CHINA: Final = timezone(timedelta(hours=8))


def dingtalk_query(secret: str, at: int) -> str:
    """`timestamp` (ms) and `sign` of a DingTalk robot: HMAC-SHA256 over timestamp and secret, keyed by the secret."""
    digest = hmac.digest(secret.encode(), f"{at}\n{secret}".encode(), hashlib.sha256)
    return urlencode({"timestamp": at, "sign": base64.b64encode(digest).decode()})


def feishu_fields(secret: str, at: int) -> dict[str, str]:
    """`timestamp` (s) and `sign` of a Feishu robot: HMAC-SHA256 over nothing, keyed by timestamp and secret."""
    seconds = str(at // 1000)
    digest = hmac.digest(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256)
    return {"timestamp": seconds, "sign": base64.b64encode(digest).decode()}


def private_dingtalk_headers(
    key: str, secret: str, method: str, path: str, form: Mapping[str, str], *, at: int, nonce: str
) -> dict[str, str]:
    """The headers of a call to DingTalk's private editions: HMAC-SHA256 over method, time, nonce, path and sorted form.

    `nonce` is the time in ms and four digits, new at every call.
    """
    moment = datetime.fromtimestamp(at / 1000, _CHINA).isoformat(timespec="milliseconds")
    plain = "&".join(f"{name}={value}" for name, value in sorted(form.items()))
    said = "\n".join([method, moment, nonce, path, *([plain] if plain else [])])
    digest = hmac.digest(secret.encode(), said.encode(), hashlib.sha256)
    return {
        "X-Hmac-Auth-Timestamp": moment,
        "X-Hmac-Auth-Version": "1.0",
        "X-Hmac-Auth-Nonce": nonce,
        "apiKey": key,
        "X-Hmac-Auth-Signature": base64.b64encode(digest).decode(),
        "X-Hmac-Auth-IP": "127.0.0.1",
        "X-Hmac-Auth-MAC": "00:00:00:00:00:00",
    }


def aliyun_query(parameters: Mapping[str, str]) -> str:
    """Parameters sorted and encoded as Aliyun signs them (RFC 3986)."""
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(parameters.items()))


def aliyun_headers(
    key: str, secret: str, host: str, action: str, version: str, query: str, *, at: int, nonce: str
) -> dict[str, str]:
    """The headers of an Aliyun call without a body, signed by ACS3-HMAC-SHA256 (V3); `query` is sorted and encoded."""
    body = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": body,
        "x-acs-date": datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"POST\n/\n{query}\n{lines}\n{names}\n{body}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    signature = hmac.new(secret.encode(), f"ACS3-HMAC-SHA256\n{digest}".encode(), hashlib.sha256).hexdigest()
    given = f"ACS3-HMAC-SHA256 Credential={key},SignedHeaders={names},Signature={signature}"
    return {**headers, "authorization": given}


def tencent_headers(
    key: str, secret: str, host: str, service: str, action: str, version: str, region: str, body: bytes, *, at: int
) -> dict[str, str]:
    """The headers of a Tencent Cloud call with a JSON body, signed by TC3-HMAC-SHA256."""
    seconds = at // 1000
    signed = {"content-type": "application/json; charset=utf-8", "host": host}
    given = tencent_authorization(key, secret, service, signed, body, seconds)
    return {
        **signed,
        "authorization": given,
        "x-tc-action": action,
        "x-tc-version": version,
        "x-tc-timestamp": str(seconds),
        **({"x-tc-region": region} if region else {}),
    }


def tencent_authorization(
    key: str, secret: str, service: str, signed: Mapping[str, str], body: bytes, seconds: int
) -> str:
    """The `Authorization` of TC3-HMAC-SHA256 over a POST to `/` with these headers and this body."""
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    request = "\n".join(["POST", "/", "", lines, names, hashlib.sha256(body).hexdigest()])
    day = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    said = f"TC3-HMAC-SHA256\n{seconds}\n{scope}\n{digest}"
    keyed = f"TC3{secret}".encode()
    for word in (day, service, "tc3_request"):
        keyed = hmac.digest(keyed, word.encode(), hashlib.sha256)
    signature = hmac.new(keyed, said.encode(), hashlib.sha256).hexdigest()
    return f"TC3-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}"
