"""The service root: the entity sets, and what of the standard is fulfilled (18-088 clause 9.2.1)."""

from typing import Any, Final

from api.sta.model import SETS

_SPEC: Final = "http://www.opengis.net/spec/iot_sensing/1.1/req"

_FULFILLED: Final = (
    "datamodel/thing/properties",
    "datamodel/thing/relations",
    "datamodel/location/properties",
    "datamodel/location/relations",
    "datamodel/historical-location/properties",
    "datamodel/historical-location/relations",
    "datamodel/datastream/properties",
    "datamodel/datastream/relations",
    "datamodel/sensor/properties",
    "datamodel/sensor/relations",
    "datamodel/observed-property/properties",
    "datamodel/observed-property/relations",
    "datamodel/observation/properties",
    "datamodel/observation/relations",
    "datamodel/feature-of-interest/properties",
    "datamodel/feature-of-interest/relations",
    "datamodel/entity-control-information/common-control-information",
    "resource-path/resource-path-to-entities",
    "request-data/status-code",
    "request-data/query-status-code",
    "request-data/order",
    "request-data/expand",
    "request-data/select",
    "request-data/orderby",
    "request-data/top",
    "request-data/skip",
    "request-data/count",
    "request-data/filter",
    "request-data/built-in-filter-operations",
    "request-data/built-in-query-functions",
    "request-data/pagination",
)


def service_root(root: str) -> dict[str, Any]:
    """The document at the root."""
    return {
        "value": [{"name": name, "url": f"{root}/{name}"} for name in SETS],
        "serverSettings": {"conformance": [f"{_SPEC}/{name}" for name in _FULFILLED]},
    }
