"""An OpenAPI document as one page for people, which loads nothing and runs nothing.

It shows what it is given: routes, parameters, bodies, answers and the schemas they name. Pure; every word is escaped.
"""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

Record = dict[str, Any]


def page(document: Record, base: str) -> str:
    """The page of a document as FastAPI makes it: OpenAPI 3.1, its schemas under `components`; paths below `base`."""
    info = document["info"]
    routes = [
        part
        for path, methods in document["paths"].items()
        for method, route in methods.items()
        for part in _route(f"{method.upper()} {base}{path}", route)
    ]
    schemas = [
        part for name, schema in sorted(document["components"]["schemas"].items()) for part in _named(name, schema)
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])}: the API</title>"
        '<link rel="stylesheet" href="style.css"></head>\n<body><main>'
        f"<h1>The API</h1><p>{escape(info['description'])}</p>"
        '<p>The same for programs: <a href="openapi.json">openapi.json</a></p>'
        f"<h2>Routes</h2>{''.join(routes)}<h2>Schemas</h2>{''.join(schemas)}</main></body></html>\n"
    )


def _route(name: str, route: Record) -> Iterator[str]:
    yield f"<h3><code>{escape(name)}</code></h3><p>{escape(route['summary'])}</p><ul>"
    for given in route.get("parameters", []):
        needed = "" if given["required"] else ", may be left out"
        yield f"<li><code>{escape(given['name'])}</code> ({given['in']}{needed}): {_kind(given['schema'])}</li>"
    if "requestBody" in route:
        yield f"<li>body: {_content(route['requestBody'])}</li>"
    for status, answer in route["responses"].items():
        yield f"<li>{escape(status)}: {escape(answer['description'])} {_content(answer)}</li>"
    yield "</ul>"


def _named(name: str, schema: Record) -> Iterator[str]:
    yield f'<h3 id="{escape(name)}"><code>{escape(name)}</code></h3><p>{escape(schema.get("description", ""))}</p><ul>'
    if "enum" in schema:
        yield f"<li>{_kind(schema)}</li>"
    for field, kind in schema.get("properties", {}).items():
        needed = "" if field in schema.get("required", []) else " (may be left out)"
        yield f"<li><code>{escape(field)}</code>{needed}: {_kind(kind)}</li>"
    yield "</ul>"


def _content(answer: Record) -> str:
    return " · ".join(
        f"{escape(media)} {_kind(content['schema'])}" for media, content in answer.get("content", {}).items()
    )


def _kind(schema: Record) -> str:
    """What a value may be: a link to a schema of the page, or the schema itself as JSON."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(map(_kind, schema["anyOf"])) + _description(schema)
    if schema.get("type") == "array" and "items" in schema:
        return f"list of {_kind(schema['items'])}{_limits(schema)}{_description(schema)}"
    told = {name: value for name, value in schema.items() if name not in ("title", "description")}
    return f"<code>{escape(json.dumps(told, ensure_ascii=False))}</code>{_description(schema)}" if told else "any JSON"


def _limits(schema: Record) -> str:
    told = {name: value for name, value in schema.items() if name in ("minItems", "maxItems", "default")}
    return f" <code>{escape(json.dumps(told))}</code>" if told else ""


def _description(schema: Record) -> str:
    return f" {escape(schema['description'])}" if "description" in schema else ""
