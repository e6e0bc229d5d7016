"""The same stream, written in the usual way with singer-sdk's classes for REST APIs.

With ``--full`` it flattens too, which shows what decoding all rows costs.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import RESTStream, Stream, Tap
from singer_sdk.pagination import BaseOffsetPaginator

from tap_backlog.streams.issues import Issues as OurIssues

if TYPE_CHECKING:
    import requests
    from singer_sdk.helpers.types import Context

_PAGE_SIZE = 100


class Paginator(BaseOffsetPaginator):
    """Requests pages until one is short."""

    def has_more(self, response: requests.Response) -> bool:
        """Return whether there may be another page."""
        return len(response.json()) == _PAGE_SIZE


class Issues(RESTStream[int]):
    """All issues, by offset."""

    name = "issues"
    path = "/api/v2/issues"
    primary_keys: ClassVar = ["id"]
    replication_key = "updated"
    schema: ClassVar = OurIssues.schema

    @property
    def url_base(self) -> str:
        """Return the address."""
        return str(self.config["host"])

    def get_new_paginator(self) -> Paginator:
        """Return a paginator."""
        return Paginator(start_value=0, page_size=_PAGE_SIZE)

    def get_url_params(
        self,
        context: Context | None,  # noqa: ARG002
        next_page_token: int | None,
    ) -> dict[str, Any]:
        """Return the query."""
        return {"offset": next_page_token or 0, "count": _PAGE_SIZE, "sort": "updated"}


class SdkTap(Tap):
    """A tap with one stream."""

    name = "tap-sdk"
    config_jsonschema: ClassVar = {"properties": {"host": {"type": "string"}}}

    def discover_streams(self) -> list[Stream]:
        """Return the stream."""
        return [Issues(self)]


if __name__ == "__main__":
    config: dict[str, Any] = {"host": sys.argv[1]}
    if "--full" in sys.argv:
        config |= {"flattening_enabled": True, "flattening_max_depth": 1}
    SdkTap(config=config).sync_all()
