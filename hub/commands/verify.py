"""`hub verify`: whether an exported case still is what the hub wrote; no hub and no network needed."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from alerts.proof.finding import Verdict
from alerts.proof.seal import BadKey, check_key
from alerts.proof.verify import verify
from hub.commands.app import Json, WrongUse


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "verify",
        help="Check an exported case: every record, every file, the seal. Exit 0 when it is whole, 1 when it is not.",
        epilog="Example: hub verify zhenhai-20261118-1.zip --key w9v7xThU2WpU2U6Y0ngK7j8uLLQNjMXm9o2JCXTYN1E=",
    )(verify_case)


def verify_case(
    file: Annotated[Path, typer.Argument(help="The case (zip) as it was exported.")],
    key: Annotated[
        str | None,
        typer.Option("--key", help="The hub's public key, as GET /v1/proof/key gives it, or a file that holds it."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Print what is wrong, the first thing first."""
    if not file.is_file():
        raise WrongUse(f"{file}: no such file")
    with file.open("rb") as opened:
        verdict = verify(opened, _key(key))
    if as_json:
        print(json.dumps({"ok": verdict.whole, **asdict(verdict)}, ensure_ascii=False))
    else:
        _tell(file, verdict)
    return 0 if verdict.whole else 1


def _key(given: str | None) -> str | None:
    if given is None:
        return None
    path = Path(given)
    try:
        return check_key(path.read_text(encoding="ascii") if path.is_file() else given)
    except (BadKey, UnicodeDecodeError) as error:
        raise WrongUse(f"--key {error}") from error


def _tell(file: Path, verdict: Verdict) -> None:
    for bad in verdict.bad:
        print(f"BAD  {bad}")
    if not verdict.whole:
        print(f"{file}: not as the hub wrote it; {len(verdict.bad)} found")
        return
    counts = ", ".join(f"{number} {name}" for name, number in sorted(verdict.counts.items()) if number)
    print(f"OK   incident {verdict.incident}: {counts}")
    print(f"     content {verdict.content}")
    said = "the key that was given" if verdict.pinned else "compare it with the hub's own, or give it with --key"
    print(f"     sealed by {verdict.key} ({said})")
