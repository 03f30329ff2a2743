"""The short-message interfaces of Aliyun and Tencent Cloud: how a message is asked for, and what their codes mean."""

from typing import Any, Final
from urllib.parse import SplitResult

import msgspec

from alerts.calling import Caller
from alerts.channel import ChannelError, Notification, Receipt
from alerts.signing import aliyun_headers, aliyun_query, tencent_headers
from alerts.template import fill
from alerts.vendor import Codes, code_of, read_json
from alerts.ways import below
from hub.notify import SmsSection

URLS: Final = {"aliyun": "https://dysmsapi.aliyuncs.com", "tencent": "https://sms.tencentcloudapi.com"}

ADDRESS_RATES: Final = {"aliyun": ("50/day",), "tencent": ("1/30s", "10/day"), "": ()}
"""What the vendors allow one number of a new account; both can be raised in their consoles."""

_ALIYUN: Final = Codes(
    fine=("OK",),
    busy={"Throttling": 60.0, "Throttling.User": 60.0, "Throttling.Api": 60.0, "isv.DAY_LIMIT_CONTROL": 3600.0},
    full={"isv.BUSINESS_LIMIT_CONTROL": 60.0},
    refused=(
        *(
            "isv.MOBILE_NUMBER_ILLEGAL",
            "isv.MOBILE_COUNT_OVER_LIMIT",
            "isv.INVALID_PARAMETERS",
            "isv.INVALID_JSON_PARAM",
        ),
        *(
            "isv.SMS_SIGNATURE_ILLEGAL",
            "isv.SMS_SIGN_ILLEGAL",
            "isv.SMS_TEMPLATE_ILLEGAL",
            "isv.BLACK_KEY_CONTROL_LIMIT",
        ),
        *("isv.TEMPLATE_MISSING_PARAMETERS", "isv.TEMPLATE_PARAMS_ILLEGAL", "isv.PARAM_LENGTH_LIMIT"),
        *("isv.PARAM_NOT_SUPPORT_URL", "isv.ACCOUNT_NOT_EXISTS", "isv.ACCOUNT_ABNORMAL", "isv.PRODUCT_UN_SUBSCRIPT"),
        *(
            "isv.DOMESTIC_NUMBER_NOT_SUPPORTED",
            "isv.SMS_CONTENT_ILLEGAL",
            "isv.DENY_IP_RANGE",
            "isp.RAM_PERMISSION_DENY",
        ),
        *("SignatureDoesNotMatch", "InvalidAccessKeyId.*", "InvalidVersion", "MissingPhoneNumbers", "Forbidden.*"),
    ),
)
_STRETCHES: Final = (("分钟", 60.0), ("小时", 3600.0), ("天", 21_600.0), ("日", 21_600.0))

_TENCENT: Final = Codes(
    fine=("Ok",),
    busy={
        "RequestLimitExceeded": 5.0,
        "LimitExceeded.DeliveryFrequencyLimit": 60.0,
        "LimitExceeded.DailyLimit": 3600.0,
    },
    full={
        "LimitExceeded.PhoneNumberThirtySecondLimit": 30.0,
        "LimitExceeded.PhoneNumberOneHourLimit": 3600.0,
        "LimitExceeded.PhoneNumberDailyLimit": 21_600.0,
        "LimitExceeded.PhoneNumberSameContentDailyLimit": 21_600.0,
    },
    refused=(
        *(
            "AuthFailure.*",
            "UnauthorizedOperation.*",
            "UnsupportedOperation.*",
            "InvalidParameter.*",
            "MissingParameter.*",
        ),
        *("InvalidParameterValue.*", "FailedOperation.PhoneNumberInBlacklist", "FailedOperation.ContainSensitiveWord"),
        *("FailedOperation.SignatureIncorrectOrUnapproved", "FailedOperation.TemplateIncorrectOrUnapproved"),
        *("FailedOperation.TemplateParamSetNotMatchApprovedTemplate", "FailedOperation.MissingSignature"),
        *("FailedOperation.MissingTemplateToModify", "FailedOperation.ForbidAddMarketingTemplates"),
    ),
)


def send_aliyun(
    caller: Caller, base: SplitResult, section: SmsSection, key: str, notification: Notification, words: dict[str, str]
) -> Receipt:
    """SendSms of 2017-05-25, signed by V3; `BizId` is the message's id."""
    parameters = {
        "PhoneNumbers": notification.address,
        "SignName": section.sign_name,
        "TemplateCode": section.template,
        "TemplateParam": msgspec.json.encode(
            {name: fill(text, words) for name, text in section.params.items()}
        ).decode(),
        "OutId": notification.key,
        **({"RegionId": section.region} if section.region else {}),
    }
    query = aliyun_query(parameters)
    headers = aliyun_headers(
        section.key_id,
        key,
        base.netloc,
        "SendSms",
        "2017-05-25",
        query,
        at=notification.at,
        nonce=f"{notification.key}-{notification.attempt}",
    )
    said = read_json(caller.post(below(base, "/", query), b"", headers))
    code, message = code_of(said, "Code"), str(said.get("Message", ""))
    if code == "isv.BUSINESS_LIMIT_CONTROL":
        wait = next((seconds for word, seconds in _STRETCHES if word in message), 60.0)
        raise ChannelError(f"{code} {message}", permanent=False, wait=wait, busy="address")
    _ALIYUN.judge(code, message)
    return Receipt("accepted", None, f"{code} {message}", str(said.get("BizId", "")))


def send_tencent(
    caller: Caller, base: SplitResult, section: SmsSection, key: str, notification: Notification, words: dict[str, str]
) -> Receipt:
    """SendSms of 2021-01-11, signed by TC3; `SerialNo` is the message's id. The number's own status counts."""
    body = msgspec.json.encode(
        {
            "PhoneNumberSet": [notification.address],
            "SmsSdkAppId": section.app_id,
            "SignName": section.sign_name,
            "TemplateId": section.template,
            "TemplateParamSet": [fill(text, words) for text in section.params.values()],
            "SessionContext": notification.key,
        }
    )
    region = section.region or "ap-guangzhou"
    headers = tencent_headers(
        section.key_id, key, base.netloc, "sms", "SendSms", "2021-01-11", region, body, at=notification.at
    )
    said: Any = read_json(caller.post(below(base, "/"), body, headers)).get("Response")
    said = said if isinstance(said, dict) else {}
    if isinstance(error := said.get("Error"), dict):
        raise _TENCENT.refusal(code_of(error, "Code"), str(error.get("Message", "")))
    statuses = said.get("SendStatusSet")
    status: Any = statuses[0] if isinstance(statuses, list) and statuses and isinstance(statuses[0], dict) else {}
    code, message = code_of(status, "Code"), str(status.get("Message", ""))
    _TENCENT.judge(code, message)
    return Receipt("accepted", None, f"{code} {message}", str(status.get("SerialNo", "")))
