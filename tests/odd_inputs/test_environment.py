"""Unusual times, certificates and proxies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.odd_inputs.runs import error_of, run_with, success_of, write
from tests.support import run

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import SampleServer

Row = dict[str, Any]


@pytest.mark.parametrize("arguments", [(), ("--plan",)])
@pytest.mark.parametrize(
    "date", ["0001-01-01", "0999-12-31T12:00:00+09:00", "1000-01-01"]
)
def test_a_start_date_of_long_ago_reads_everything(
    tmp_path: Path, config: Row, date: str, arguments: tuple[str, ...]
) -> None:
    config["start_date"] = date
    config["comments_lookback_days"] = 9
    result = run(tmp_path, config, *arguments)
    assert result.returncode == 0, result.stderr
    if not arguments:
        output = success_of(result)
        assert len(output.by_stream["issues"]) == 30
        assert len(output.by_stream["recent_updates"]) == 20


@pytest.mark.parametrize(
    "date", ["0000-01-01", "0001-01-01T00:00:00+09:00", "9999-12-31T23:00:00-09:00"]
)
def test_a_start_date_that_does_not_exist_is_told(
    tmp_path: Path, config: Row, date: str
) -> None:
    error = error_of(run(tmp_path, {**config, "start_date": date}))
    assert "`start_date` is not a date" in error


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_ca_bundle_that_is_not_there_is_told(
    tmp_path: Path, config: Row, name: str
) -> None:
    file = str(tmp_path / "nowhere.pem")
    config["host"] = config["host"].replace("http:", "https:")
    error = error_of(run(tmp_path, config, env={**NO_BUNDLES, name: file}))
    assert f"{name} names {file}, which does not exist" in error


def test_a_ca_bundle_that_holds_no_certificate_is_told(
    tmp_path: Path, config: Row
) -> None:
    file = write(tmp_path, "empty.pem", "")
    config["host"] = config["host"].replace("http:", "https:")
    env = {**NO_BUNDLES, "REQUESTS_CA_BUNDLE": file}
    assert "TLS failed" in error_of(run(tmp_path, config, env=env))


NO_BUNDLES = {"REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": ""}


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.usefixtures("no_proxies")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("http_proxy", "htp://proxy.example.com:3128"),
        ("ALL_PROXY", "htp://proxy.example.com:3128"),
    ]
    + [
        ("HTTP_PROXY", value)
        for value in (
            "http://secret word:99999:1",
            "http://user:secret@",
            "http://proxy.example.com:99999",
            "http://proxy.example.com:abc",
            "http:/proxy.example.com:3128",
            "https//proxy.example.com:3128",
            "htp://proxy.example.com:3128",
            "ftp://proxy.example.com:21",
            "http://[::1",
            "user:sec#ret@proxy.example.com:3128",
        )
    ],
)
def test_a_proxy_of_a_wrong_form_is_told(
    tmp_path: Path, config: Row, server: SampleServer, name: str, value: str
) -> None:
    error = error_of(run(tmp_path, config, env={name: value}))
    assert "The proxy in the environment (HTTP_PROXY or ALL_PROXY) is not an" in error
    assert "secret" not in error
    assert not server.requests


@pytest.mark.usefixtures("no_proxies")
def test_a_socks_proxy_without_its_package_is_told(tmp_path: Path, config: Row) -> None:
    env = {"HTTP_PROXY": "socks5://127.0.0.1:1080"}
    assert "PySocks must be installed" in error_of(run(tmp_path, config, env=env))


@pytest.mark.usefixtures("no_proxies")
def test_a_wrong_proxy_that_does_not_count_is_no_harm(
    tmp_path: Path, config: Row
) -> None:
    env = {"HTTP_PROXY": "htp://x", "NO_PROXY": "127.0.0.1"}
    output = success_of(run_with(tmp_path, config, "space", env=env))
    assert len(output.by_stream["space"]) == 1
