"""The simulated patrol takes what is signed, once, and nothing else."""

import base64
import hashlib
import hmac

import httpx

from simulators.patrol import PatrolReceiver

SECRET = "whsec_" + base64.b64encode(b"a key of the patrol").decode()


def sign(notice: str, moment: str, body: bytes) -> str:
    digest = hmac.new(b"a key of the patrol", f"{notice}.{moment}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def test_a_signed_notice_is_taken_once() -> None:
    receiver = PatrolReceiver(0, SECRET)
    receiver.start()
    body = b'{"type": "incident.opened"}'
    headers = {
        "webhook-id": "n1",
        "webhook-timestamp": "1767225600",
        "webhook-signature": sign("n1", "1767225600", body),
    }
    for _ in range(2):
        assert httpx.post(f"http://127.0.0.1:{receiver.port}", content=body, headers=headers).status_code == 200
    forged = {**headers, "webhook-id": "n2"}
    assert httpx.post(f"http://127.0.0.1:{receiver.port}", content=body, headers=forged).status_code == 401
    receiver.close()
    assert list(receiver.taken) == ["n1"]
