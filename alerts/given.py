"""What a person brings with an action."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Given:
    """Who acts and what they say; each action looks at its own members.

    `at` is now and `happened` when it was done, if that was earlier (a phone without signal); epoch ms. `lon`, `lat`
    WGS-84, `accuracy_m` metres. `leads`: they may end an incident with `override`.
    """

    actor: str
    at: int
    reason: str = ""
    text: str = ""
    cause_code: str | None = None
    person: str | None = None
    unit: str | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float = 0.0
    evidence: tuple[str, ...] = ()
    into: str | None = None
    override: bool = False
    leads: bool = False
    happened: int | None = None

    @property
    def done(self) -> int:
        """When it was done: never after now."""
        return self.at if self.happened is None else min(self.happened, self.at)
