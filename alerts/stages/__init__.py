"""The way from an alert to people, as a list of stages."""

from alerts.stages.deduplicate import Deduplicate
from alerts.stages.group import Group
from alerts.stages.inhibit import Inhibit
from alerts.stages.notify import Notify
from alerts.stages.route import Route
from alerts.stages.silence import Silence
from alerts.telling import Teller
from alerts.work import Stage


def stages(teller: Teller) -> tuple[Stage, ...]:
    """The stages, in this order."""
    return (
        Inhibit(),
        Silence(),
        Group(teller),
        Deduplicate(teller.practice),
        Route(teller),
        Notify(teller),
    )
