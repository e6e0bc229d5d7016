"""Airbyte's CDK: a source declared as a manifest, read to stdout."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from airbyte_cdk.entrypoint import launch
from airbyte_cdk.models import ConfiguredAirbyteCatalogSerializer
from airbyte_cdk.sources.declarative.concurrent_declarative_source import (
    ConcurrentDeclarativeSource,
)

_PAGE_SIZE = 100


def manifest(host: str) -> dict[str, Any]:
    """Return the declaration of the source."""
    schema = {"type": "object", "additionalProperties": True, "properties": {}}
    stream = {
        "type": "DeclarativeStream",
        "name": "issues",
        "primary_key": ["id"],
        "retriever": {
            "type": "SimpleRetriever",
            "record_selector": {
                "type": "RecordSelector",
                "extractor": {"type": "DpathExtractor", "field_path": []},
            },
            "requester": {
                "type": "HttpRequester",
                "url_base": host,
                "path": "/api/v2/issues",
                "http_method": "GET",
            },
            "paginator": {
                "type": "DefaultPaginator",
                "page_token_option": {
                    "type": "RequestOption",
                    "inject_into": "request_parameter",
                    "field_name": "offset",
                },
                "page_size_option": {
                    "type": "RequestOption",
                    "inject_into": "request_parameter",
                    "field_name": "count",
                },
                "pagination_strategy": {
                    "type": "OffsetIncrement",
                    "page_size": _PAGE_SIZE,
                },
            },
        },
        "schema_loader": {"type": "InlineSchemaLoader", "schema": schema},
    }
    return {
        "version": "6.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["issues"]},
        "streams": [stream],
        "spec": {
            "type": "Spec",
            "connection_specification": {"type": "object", "properties": {}},
        },
    }


def main(host: str) -> None:
    """Read the stream."""
    catalog = {
        "streams": [
            {
                "stream": {
                    "name": "issues",
                    "json_schema": {},
                    "supported_sync_modes": ["full_refresh"],
                },
                "sync_mode": "full_refresh",
                "destination_sync_mode": "overwrite",
            }
        ]
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("config", {}), ("catalog", catalog)):
            (Path(folder) / f"{name}.json").write_text(json.dumps(content))
        source = ConcurrentDeclarativeSource(
            catalog=ConfiguredAirbyteCatalogSerializer.load(catalog),
            config={},
            state=[],
            source_config=manifest(host),
        )
        files = [
            "--config",
            f"{folder}/config.json",
            "--catalog",
            f"{folder}/catalog.json",
        ]
        launch(source, ["read", *files])


if __name__ == "__main__":
    main(sys.argv[1])
