"""The map under the stations: our own sketch, or the operator's file `map.geojson` in the hub's data folder."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.responses import FileResponse

from hub.settings import Settings

PATH: Final = "/map/base"
OWN_FILE: Final = "map.geojson"

_SKETCH: Final = Path(__file__).parent / "static" / "map" / "base.json"
_HEADERS: Final = {"Cache-Control": "private, no-cache"}


def mount_ground(app: FastAPI, settings: Settings) -> None:
    """Answer PATH with the operator's file where there is one, looked for each time so that it needs no restart."""
    own = settings.hub.data / OWN_FILE

    def ground() -> FileResponse:
        """GeoJSON (RFC 7946)."""
        return FileResponse(own if own.is_file() else _SKETCH, headers=_HEADERS, media_type="application/geo+json")

    app.add_api_route(PATH, ground, include_in_schema=False, response_model=None)
