"""Requirements on a request's body."""

from fastapi import Depends, Request

from api.problem import Problem


async def _json_only(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(
            "unsupported-media-type", "Send the body as application/json", zh="请以 application/json 发送内容"
        )


JsonOnly = Depends(_json_only)
"""Only `application/json`, which a page of another origin cannot send unasked."""
