"""One script and one stylesheet for each page, made of the plain files when they are first asked for; no step of building."""

from api.console.bundle.mistake import BundleMistake
from api.console.bundle.script import Script, write_script
from api.console.bundle.sources import Sources
from api.console.bundle.style import write_style

__all__ = ["BundleMistake", "Script", "Sources", "write_script", "write_style"]
