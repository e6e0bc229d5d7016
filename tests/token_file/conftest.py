"""A token file, and a config that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import Options, SampleServer

Row = dict[str, Any]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder / "tokens.json"


@pytest.fixture
def login(server: SampleServer, options: Options, file: Path) -> Row:
    """Return a config with OAuth credentials and a token file."""
    return {
        "host": server.url,
        "oauth_credentials": {
            "client_id": options.client_id,
            "client_secret": options.client_secret,
            "refresh_token": options.refresh_token,
            "token_file": str(file),
        },
    }
