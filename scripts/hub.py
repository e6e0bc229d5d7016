"""Write hub/tap-backlog.yml, for Meltano Hub, from meltano.yml: ``make docs``.

It belongs to ``_data/meltano/extractors/tap-backlog/tap-backlog.yml`` of the Hub.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

SOURCE = Path("meltano.yml")
TARGET = Path("hub/tap-backlog.yml")

OF_THE_HUB: dict[str, Any] = {
    "variant": "tap-backlog",
    "pip_url": "tap-backlog",
    "log_parser": "singer-sdk",
    "supported_python_versions": ["3.10", "3.11", "3.12", "3.13", "3.14"],
    "maintenance_status": "active",
    "quality": "unknown",
    "domain_url": "https://developer.nulab.com/docs/backlog/",
    "keywords": ["meltano_sdk", "api", "issue_tracker"],
    "definition": (
        "reads everything that can be read of a Backlog space: projects, issues with "
        "comments and history, wiki pages, documents, pull requests, files and people."
    ),
    "prereq": (
        "An API key of a user of the space (Backlog: Personal Settings > API), or an "
        "OAuth 2.0 application."
    ),
    "next_steps": (
        "`tap-backlog --plan` says what a sync will cost in requests and minutes."
    ),
}
"""What meltano.yml does not say; the Hub itself sets the quality."""


def main() -> None:
    """Write the definition."""
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(definition(), encoding="utf-8")


def definition() -> str:
    """Return the definition as YAML, with sorted keys, as the Hub wants them."""
    plugins = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))["plugins"]
    entry = {**plugins["extractors"][0], **OF_THE_HUB}
    text: str = yaml.safe_dump(entry, allow_unicode=True, width=88)
    return text


if __name__ == "__main__":
    main()
