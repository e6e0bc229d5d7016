"""Hosts that are nearly right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_backlog.hosts import base_url, host_complaint, without_page
from tap_backlog.settings import schema as settings
from tests.settings_nearly_right.words import (
    KEY,
    sentence_of,
)
from tests.support import run

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]


@pytest.mark.parametrize(
    ("given", "root"),
    [
        ("example.backlog.com ", "https://example.backlog.com"),
        (" example.backlog.jp\r\n", "https://example.backlog.jp"),
        ("\ufeffexample.backlog.jp\u200b", "https://example.backlog.jp"),
        ("https://example.backlog.com/dashboard", "https://example.backlog.com"),
        ("https://example.backlog.com/projects/XYZ", "https://example.backlog.com"),
        (
            "https://example.backlogtool.com/find/WEB?projectId=1&sort=UPDATED#top",
            "https://example.backlogtool.com",
        ),
        ("example.backlog.jp/view/WEB-1#comment-5", "https://example.backlog.jp"),
        ("https://example.backlog.jp/wiki/WEB/ホーム", "https://example.backlog.jp"),
        ("https://example.backlog.jp/api/v2/space", "https://example.backlog.jp"),
        ("https://a.co.jp/backlog/dashboard", "https://a.co.jp/backlog"),
        ("https://a.co.jp:8443/backlog/view/WEB-1", "https://a.co.jp:8443/backlog"),
        ("https://a.co.jp/backlog/find/WEB?x=1", "https://a.co.jp/backlog"),
        ("a.co.jp/projects/WEB_2/", "https://a.co.jp"),
        ("a.co.jp/dashboards", "https://a.co.jp/dashboards"),
        ("a.co.jp/backlog/projects", "https://a.co.jp/backlog/projects"),
        ("a.co.jp/view/web", "https://a.co.jp/view/web"),
        ("https://intranet/backlog", "https://intranet/backlog"),
        ("intranet:8443", "https://intranet:8443"),
        ("localhost", "https://localhost"),
    ],
)
def test_what_is_copied_along_with_a_host_is_taken_off(given: str, root: str) -> None:
    host = settings.cleaned({"host": given})["host"]
    assert host_complaint(host) is None
    assert base_url(host) == f"{root}/api/v2"


@given(
    domain=st.sampled_from(["backlog.com", "backlog.jp", "backlogtool.com"]),
    scheme=st.sampled_from(["", "https://"]),
    page=st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="\\")),
    sign=st.sampled_from("/?#"),
)
def test_any_page_of_the_cloud_is_taken_off(
    domain: str, scheme: str, page: str, sign: str
) -> None:
    given = f"{scheme}example.{domain}{sign}{page}"
    assert without_page(given) == f"{scheme}example.{domain}"


ASKED_FOR_BOTH = "is not a whole host name: is it"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (
            "example",
            (
                f"{ASKED_FOR_BOTH} example.backlog.com or example.backlog.jp, as in your "
                "browser?"
            ),
        ),
        (
            "K3y" * 20,
            (
                f"{ASKED_FOR_BOTH} SPACE.backlog.com or SPACE.backlog.jp, as in your "
                "browser?"
            ),
        ),
        ("backlog.jp", "lacks the name of the space, such as example.backlog.jp."),
        ("example.backlog.com\u3000", "holds a full-width space (U+3000); delete it."),
        (
            "\uff45xample.backlog.com",
            (
                "holds full-width characters; write it in half-width ones, such as "
                "example.backlog.com."
            ),
        ),
        (
            "http://example.backlog.com/dashboard",
            (
                "must be reached by https, since plain http would show the key to the "
                "network: drop `http://`, or write `https://`."
            ),
        ),
    ],
)
def test_a_host_that_is_nearly_right_is_told(
    tmp_path: Path, host: str, expected: str
) -> None:
    sentence = sentence_of(run(tmp_path, {"host": host, "api_key": KEY}))
    assert sentence == f"`host` {expected}"
