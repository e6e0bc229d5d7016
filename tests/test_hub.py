"""The definition for Meltano Hub says what meltano.yml says, as the Hub wants it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from referencing import Registry, Resource

from scripts.hub import TARGET, definition
from tests.support import ROOT


def test_the_definition_is_what_make_docs_writes() -> None:
    assert (ROOT / TARGET).read_text(encoding="utf-8") == definition()


def test_the_definition_passes_the_schema_of_the_hub() -> None:
    if "MELTANO_HUB" not in os.environ:
        pytest.skip(
            "name a clone of meltano/hub in MELTANO_HUB to check against its schema"
        )
    schemas = Path(os.environ["MELTANO_HUB"]) / "schemas"

    def retrieve(uri: str) -> Resource[Any]:
        # The files refer to each other by path, and by name.
        name = uri.removeprefix("hub:///").removeprefix("../")
        file = next(schemas.rglob(Path(name).name))
        content = json.loads(file.read_text(encoding="utf-8"))
        content.pop("$id", None)
        return Resource.from_contents(content)

    schema = json.loads(
        (schemas / "plugin_definitions/extractors.schema.json").read_text()
    )
    schema["$id"] = "hub:///plugin_definitions/extractors.schema.json"
    registry: Registry[Any] = Registry(retrieve=retrieve)  # type: ignore[call-arg]
    checker = jsonschema.Draft7Validator(schema, registry=registry)
    content = yaml.safe_load((ROOT / TARGET).read_text(encoding="utf-8"))
    assert [error.message for error in checker.iter_errors(content)] == []
    content["sttings"] = []
    assert list(checker.iter_errors(content))
