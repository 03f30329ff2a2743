"""A protocol's own table of words as the API answers it."""

from typing import Any

from ingest.field.wording import Argument, ProtocolWords


def protocol_item(name: str, words: ProtocolWords, listen: str | None) -> dict[str, Any]:
    """One protocol: where it is listened for, and its commands in the order of its table."""
    commands = [
        {
            "name": command,
            "zh": told.zh,
            "en": told.en,
            "risk": told.risk,
            "arguments": [_argument(argument, entry) for argument, entry in told.arguments.items()],
        }
        for command, told in words.commands.items()
    ]
    return {
        "protocol": name,
        "title": words.title,
        "identity_zh": words.identity_zh,
        "identity_en": words.identity_en,
        "listen": listen,
        "commands": commands,
    }


def _argument(name: str, entry: Argument) -> dict[str, Any]:
    return {
        "name": name,
        "zh": entry.zh,
        "en": entry.en,
        "type": entry.type,
        "unit": entry.unit,
        "required": entry.required,
        "low": entry.low,
        "high": entry.high,
        "choices": list(entry.choices),
        "secret": entry.secret,
        "example": entry.example,
    }
