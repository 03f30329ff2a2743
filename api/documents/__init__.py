"""The shapes of answers as OpenAPI shows them; `docs/interface.md` tells the same in words, and tests hold real answers against both."""

from api.documents.analysis import LimitAnswer, Run, RunAnswer, Summary, SummaryAnswer
from api.documents.field import (
    DeviceCommand,
    FieldDevices,
    FieldFrames,
    FieldProtocols,
    FieldRefusals,
    FieldSessions,
)
from api.documents.health import Alive, Health, Part, Ready, RuleFault
from api.documents.letters import DeadLetter, Refusal, Retried, Stored, Taken
from api.documents.notify import LastTold, Receiver, ReceiverTried
from api.documents.observed import (
    CompareAnswer,
    Exceedance,
    ExceedanceAnswer,
    Latest,
    Observation,
    OneSeries,
    Period,
    SeriesAnswer,
)
from api.documents.people import NewTokenAnswer, Session, Token, User
from api.documents.register import Datastream, DatastreamEntry, DeviceEntry, NewDeviceAnswer, Station
from api.documents.responses import BYTES, DEVICE_BODY, EVENTS, SHAPES, TEXT, ProblemShape, one, page
from api.documents.rules import Rule, RuleVersion
from api.documents.shape import Shape
from api.documents.verdicts import Load, LoadAnswer, Verdict, VerdictAnswer, VerdictPart
from api.documents.work import Alert, Attempt, Delivery, Incident, IncidentWhole, LogEntry, RuleRef, Target

__all__ = [
    "BYTES",
    "DEVICE_BODY",
    "EVENTS",
    "SHAPES",
    "TEXT",
    "Alert",
    "Alive",
    "Attempt",
    "CompareAnswer",
    "Datastream",
    "DatastreamEntry",
    "DeadLetter",
    "Delivery",
    "DeviceCommand",
    "DeviceEntry",
    "Exceedance",
    "ExceedanceAnswer",
    "FieldDevices",
    "FieldFrames",
    "FieldProtocols",
    "FieldRefusals",
    "FieldSessions",
    "Health",
    "Incident",
    "IncidentWhole",
    "LastTold",
    "Latest",
    "LimitAnswer",
    "Load",
    "LoadAnswer",
    "LogEntry",
    "NewDeviceAnswer",
    "NewTokenAnswer",
    "Observation",
    "OneSeries",
    "Part",
    "Period",
    "ProblemShape",
    "Ready",
    "Receiver",
    "ReceiverTried",
    "Refusal",
    "Retried",
    "Rule",
    "RuleFault",
    "RuleRef",
    "RuleVersion",
    "Run",
    "RunAnswer",
    "SeriesAnswer",
    "Session",
    "Shape",
    "Station",
    "Stored",
    "Summary",
    "SummaryAnswer",
    "Taken",
    "Target",
    "Token",
    "User",
    "Verdict",
    "VerdictAnswer",
    "VerdictPart",
    "one",
    "page",
]
