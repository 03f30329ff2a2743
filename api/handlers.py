"""What the application does with errors: each becomes a problem, and one that nobody foresaw is told to the log."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from alerts.field_work.links import unlinked
from api.invalid import from_validation
from api.problem import Problem, from_hub, from_status, respond
from hub.errors import HubError

_log = logging.getLogger("hub.api")


def add_handlers(app: FastAPI) -> None:
    """Make every error of `app` a problem."""

    async def refused(request: Request, error: Exception) -> Response:
        match error:
            case Problem():
                return respond(request, error)
            case RequestValidationError():
                return respond(request, from_validation(error))
            case HTTPException():
                return respond(request, from_status(error))
            case _:
                return respond(request, from_hub(error))

    async def failed(request: Request, error: Exception) -> Response:
        _log.error("%s %s failed", request.method, unlinked(request.url.path), exc_info=error)
        return respond(request, from_hub(error))

    for kind in (HTTPException, RequestValidationError, HubError):
        app.add_exception_handler(kind, refused)
    app.add_exception_handler(Exception, failed)
