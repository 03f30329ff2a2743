"""Why a person's action on an incident was not taken."""

from hub.errors import HubError


class NotTaken(HubError):
    """The root: nothing was changed."""


class NoSuchIncident(NotTaken):
    """There is no incident with this id or number."""

    def __init__(self, incident: str) -> None:
        super().__init__(f"no incident {incident!r}")


class Conflict(NotTaken):
    """Somebody, or a machine, changed the incident since it was read; `version` is what it is now."""

    def __init__(self, incident: str, version: int) -> None:
        self.version = version
        super().__init__(f"incident {incident} has changed: it is at version {version} now")


class NotAllowed(NotTaken):
    """The incident does not stand where this can be done; `missing` names, one each, what would have to be."""

    def __init__(self, why: str, missing: tuple[str, ...] = ()) -> None:
        self.missing = missing
        super().__init__(why + (": " + "; ".join(missing) if missing else ""))


class NoSuchAction(NotTaken):
    """No action has this name."""

    def __init__(self, action: str) -> None:
        super().__init__(f"no action {action!r}")
