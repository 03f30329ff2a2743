"""What the register says of a station that decides a limit by name."""

from hub.catalogue import Catalogue
from hub.derived import property_named
from hub.standards.named import Facts, plain_names


def facts_of(catalogue: Catalogue, station: str, name: str) -> Facts:
    """The facts of a datastream; the limits of a derived one (`cod_hour`) are those of the property it is derived from where it has none itself.

    A station that is not registered has none.
    """
    device = catalogue.devices.get(station)
    if device is None:
        return Facts()
    streams = {one: stream for one in plain_names(name) if (stream := device.datastreams.get(one)) is not None}
    unit = streams[name].unit if name in streams else None
    holder = next((one for one, stream in streams.items() if stream.limits), name)
    limits = streams[holder].limits if holder in streams else ()
    declared = streams[holder].unit if holder in streams else None
    entry = property_named(holder)
    return Facts(
        device.water_body,
        device.target_class,
        limits,
        unit,
        entry.unit if declared is None and entry is not None else declared,
    )
