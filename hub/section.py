"""What every section of the settings is made of: unknown keys are errors, nothing changes, secrets are only named."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Department = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]


class Section(BaseModel):
    """One table of `hub.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SecretRef(Section):
    """Where a secret is: an environment variable or a file, never the text itself."""

    env: str | None = None
    file: Path | None = None
