"""The `hub` command: exit 0 done, 1 failed, 2 wrong use or wrong configuration; no traceback at a user unless `--debug`."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from hub.config import data_settings, load_settings
from hub.errors import ConfigError, HubError
from hub.settings import Settings

app: Final = typer.Typer(
    name="hub",
    help="Streamwarden: devices publish, the hub keeps, judges, tells the right person, and proves it.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Config = Annotated[Path | None, typer.Option("--config", help="The hub's configuration (default: ./hub.toml).")]
Data = Annotated[Path | None, typer.Option("--data", help="The folder of an embedded hub, instead of --config.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


class WrongUse(HubError):
    """The command was not used as its help says."""


@app.callback()
def _options(
    _debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Options of every command; `run` looks for --debug itself, since a mistake may come before any command runs."""


def settings_of(config: Path | None, data: Path | None) -> Settings:
    """The settings a command works with: of a file, of a folder, or of ./hub.toml.

    Raises:
        WrongUse: both were given, or neither and there is no ./hub.toml.
        ConfigError: the file has mistakes.
    """
    if config is not None and data is not None:
        raise WrongUse("give --config or --data, not both")
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
        return data_settings(data)
    path = config or Path("hub.toml")
    if config is None and not path.is_file():
        raise WrongUse("no ./hub.toml here; give --config FILE or --data DIR, or make one with `hub init DIR`")
    return load_settings(path)


def where_of(config: Path | None, data: Path | None) -> tuple[str, ...]:
    """The same choice as arguments for a child process."""
    if data is not None:
        return ("--data", str(data.resolve()))
    return ("--config", str((config or Path("hub.toml")).resolve()))


def run() -> int:
    """Run the command line; the exit status."""
    debug = "--debug" in sys.argv
    try:
        answer = app(standalone_mode=False)
    except (ConfigError, WrongUse) as error:
        return _say(error, 2, debug=debug)
    except typer.Exit as error:
        return int(error.exit_code)
    except typer.Abort:
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the one place that turns an exception into a sentence
        # Typer's own usage errors know how to show themselves.
        show = getattr(error, "show", None)
        if callable(show):
            show()
            return int(getattr(error, "exit_code", 2))
        return _say(error, 1, debug=debug)
    return answer if isinstance(answer, int) else 0


def _say(error: BaseException, status: int, *, debug: bool) -> int:
    if debug:
        raise error
    print(f"hub: {error}" if str(error) else f"hub: {type(error).__name__}", file=sys.stderr)
    return status
