"""The shapes of receivers and of trying them."""

from api.documents.shape import Shape, Time


class LastTold(Shape):
    """How an attempt ended, in the vendor's own words."""

    ended: Time
    address: str
    type: str
    status: str
    code: int | None
    answer: str
    vendor_id: str


class Receiver(Shape):
    """Who is told, with masked addresses."""

    name: str
    channel: str
    people: bool
    addresses: list[str]
    levels: list[int]
    departments: list[str]
    rates: list[str]
    address_rates: list[str]
    waiting: int
    stopped: bool
    last_delivery: LastTold | None
    last_error: LastTold | None


class ReceiverTried(Shape):
    """What the vendor said to a test notice."""

    receiver: str
    channel: str
    address: str
    taken: bool
    status: str
    code: int | None
    answer: str
    vendor_id: str
