"""TypeScript types from the schema of the interface: python room/make_types.py [--check]."""

import sys
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from bowlby.practice import drill_messages, messages

TARGET = Path(__file__).parent / "src" / "types.ts"


def written(schema: dict[str, Any]) -> str:
    """A type as TypeScript writes it."""
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    if "const" in schema:
        return f'"{schema["const"]}"'
    if "enum" in schema:
        return " | ".join(f'"{v}"' if isinstance(v, str) else str(v) for v in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(written(one) for one in schema["anyOf"])
    if "prefixItems" in schema:
        return "[" + ", ".join(written(one) for one in schema["prefixItems"]) + "]"
    kind = schema.get("type")
    if kind == "array":
        return f"({written(schema['items'])})[]"
    if kind == "object":
        return f"Record<string, {written(schema['additionalProperties'])}>"
    return {"integer": "number", "number": "number", "string": "string", "null": "null",
            "boolean": "boolean"}[kind]  # fmt: skip


def types() -> str:
    """All messages."""
    models = {
        m for m in (*vars(messages).values(), *vars(drill_messages).values())
        if isinstance(m, type) and issubclass(m, messages.Message) and m is not messages.Message
    }  # fmt: skip
    _, schema = models_json_schema([(m, "serialization") for m in models])
    lines = ["// Made by make_types.py from bowlby.practice.messages; do not edit."]
    for name, one in sorted(schema["$defs"].items()):
        lines.append(f"\nexport interface {name} {{")
        lines += [f"  {field}: {written(s)};" for field, s in one["properties"].items()]
        lines.append("}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(TARGET.read_text() != types() and "types.ts is not that of the schema.")
    TARGET.write_text(types())
