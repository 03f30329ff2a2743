"""A wrong `hub.toml` is explained: every mistake at once, with its line and what was expected."""

from pathlib import Path

import pytest

from hub.config import load_settings, parse_settings, read_secret
from hub.errors import ConfigError
from hub.settings import SecretRef

WRONG = """\
[hub]
district = "Zhen Hai"
zone = "Asia/Nowhere"
datta = "data"

[engines]
bus = "rabbit://host"

[[notify.webhooks]]
name = "one"
url = "https://example.org"
secret = { env = "A" }

[[notify.webhooks]]
name = "two"
url = "https://example.org"
secret = { env = "A" }
retries = 3
"""


def test_every_mistake_is_named_with_its_line() -> None:
    _, faults = parse_settings(WRONG, "hub.toml")
    assert {(fault.line, fault.key) for fault in faults} == {
        (2, "hub.district"),
        (4, "hub.datta"),
        (18, "notify.webhooks.1.retries"),
    }
    assert any("did you mean data?" in fault.message for fault in faults)


def test_engines_zones_and_names_are_judged_once_the_form_is_right() -> None:
    text = '[hub]\nzone = "Asia/Nowhere"\n[engines]\nbus = "rabbit://host"\nrecords = "postgresql://a:secret@h/d"\n[serve]\nlisten = "8080"\n'
    _, faults = parse_settings(text, "hub.toml")
    assert [(fault.line, fault.key) for fault in faults] == [
        (2, "hub.zone"),
        (4, "engines.bus"),
        (5, "engines.records"),
        (7, "serve.listen"),
    ]
    assert not any("secret@" in fault.message for fault in faults)


def test_text_that_is_not_toml_names_the_line() -> None:
    _, faults = parse_settings("[hub]\nzone = \n", "hub.toml")
    assert faults[0].line == 2


def test_relative_folders_and_secrets_lie_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "mqtt").write_text("geheim\n", encoding="utf-8")
    path = tmp_path / "hub.toml"
    path.write_text('[hub]\ndata = "d"\n[ingest]\npassword = { file = "secrets/mqtt" }\n', encoding="utf-8")
    settings = load_settings(path)
    assert settings.hub.data == tmp_path / "d"
    assert settings.ingest.password is not None
    assert read_secret(settings.ingest.password) == "geheim"


def test_a_missing_secret_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_TEST_SECRET", raising=False)
    with pytest.raises(ConfigError, match="HUB_TEST_SECRET"):
        read_secret(SecretRef(env="HUB_TEST_SECRET"))


def test_a_missing_file_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path / "hub.toml")
