"""The API described in OpenAPI 3.1. What a document looks like is taken from the values that are really sent."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any, Union

from pipeline.domain.states import MOVES, Kind
from pipeline.services.reviewing import DocumentDetail
from pipeline.services.showing import DocumentView

_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


@cache
def openapi() -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Poststraße: archive API",
            "version": version("poststrasse"),
            "description": "Documents of scans, their archive packages, and the archive's acknowledgement.",
        },
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


def _paths() -> dict[str, Any]:
    id_, name = _path_parameter("id"), _path_parameter("name")
    states = {"type": "string", "enum": sorted(MOVES[Kind.DOCUMENT])}
    listing = [
        _query("state", states, "only documents in this state"),
        _query("municipality", {"type": "string"}, "only this municipality's"),
        _query("after", {"type": "string"}, "the `next` of the answer before"),
        _query("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}, "how many at most"),
    ]
    file = {"description": "the file", "content": {"application/octet-stream": {}}}
    body = {"required": True, "content": {"application/json": {"schema": _ref("AcknowledgementRequest")}}}
    return {
        "/api/documents": {"get": _operation("List documents", _ref("Documents"), listing, (400, 401, 404, 429))},
        "/api/documents/{id}": {"get": _operation("Show a document", _ref("Document"), [id_], (401, 404, 429))},
        "/api/documents/{id}/package": {
            "get": _operation("List the files of a package", _ref("Package"), [id_], (401, 404, 409, 429))
        },
        "/api/documents/{id}/files/{name}": {
            "get": {**_operation("Fetch a file of a package", None, [id_, name], (401, 404, 409, 429), file)}
        },
        "/api/documents/{id}/acknowledgement": {
            "post": {
                **_operation(
                    "Acknowledge that the archive has a document; may be repeated",
                    _ref("Acknowledgement"),
                    [id_],
                    (400, 401, 404, 409, 413, 429),
                ),
                "requestBody": body,
            }
        },
    }


def _operation(
    summary: str,
    schema: Mapping[str, Any] | None,
    parameters: list[dict[str, Any]],
    errors: tuple[int, ...],
    answer: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    told = {"description": summary, "content": {"application/json": {"schema": schema}}}
    error = {"description": "why not", "content": {"application/json": {"schema": _ref("Error")}}}
    return {
        "summary": summary,
        "parameters": parameters,
        "responses": {"200": answer or told, **{str(code): error for code in errors}},
    }


def _schemas() -> dict[str, Any]:
    text: dict[str, Any] = {"type": "string"}
    digest = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    file = {"name": text, "bytes": {"type": "integer"}, "sha256": digest, "href": text}
    return {
        "DocumentInList": _object_of(DocumentView),
        "Document": {
            **_object_of(DocumentDetail),
            "description": "events, steps and decisions only for a token of the print centre",
            "required": [f.name for f in dataclasses.fields(DocumentView)],
        },
        "Documents": _object(
            {"documents": {"type": "array", "items": _ref("DocumentInList")}, "next": {"type": ["string", "null"]}}
        ),
        "Package": _object(
            {"document": text, "state": text, "sha256": digest, "files": {"type": "array", "items": _object(file)}}
        ),
        "AcknowledgementRequest": _object(
            {"sha256": {**digest, "description": "of document.pdf as the archive has it"}}
        ),
        "Acknowledgement": _object({"id": text, "state": {"const": "acknowledged"}, "acknowledged_at": text}),
        "Error": _object({"code": text, "detail": {"type": "string", "description": "German"}}),
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _object_of(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return _object({field.name: _schema_of(hints[field.name]) for field in dataclasses.fields(kind)})


def _schema_of(hint: Any) -> dict[str, Any]:
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema_of(each) for each in inside]}
    if origin is tuple:
        return {"type": "array", "items": _schema_of(inside[0])}
    if origin is typing.Literal:
        return {"enum": list(inside)}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _object_of(hint)
    return {"type": "object"} if origin in (dict, Mapping) else {}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query(name: str, schema: Mapping[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}
