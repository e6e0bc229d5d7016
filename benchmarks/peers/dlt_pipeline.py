"""dlt's REST client and a pipeline into JSON files."""

from __future__ import annotations

import sys
import tempfile
from typing import TYPE_CHECKING

import dlt
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import OffsetPaginator

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGE_SIZE = 100


@dlt.resource(name="issues", primary_key="id", max_table_nesting=0)
def issues(host: str) -> Iterator[object]:
    """Yield the pages."""
    paginator = OffsetPaginator(
        limit=_PAGE_SIZE, limit_param="count", total_path=None, stop_after_empty_page=True
    )
    client = RESTClient(base_url=host, paginator=paginator)
    yield from client.paginate("/api/v2/issues")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "bench",
            pipelines_dir=folder,
            destination=dlt.destinations.filesystem(bucket_url=f"file://{folder}/out"),
        )
        pipeline.run(issues(sys.argv[1]), loader_file_format="jsonl")
