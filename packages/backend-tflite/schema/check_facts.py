"""Compares tflite.fbs with the accessors of an installed ai_edge_litert: slots, types, defaults, enum values, unions.

    python packages/backend-tflite/schema/check_facts.py

Exits with 1 and a list when they differ. The wheel carries no schema, but its generated Python says everything the wire
needs: `StartObject(n)` counts the slots, `Prepend<Type>Slot(slot, value, default)` gives each field.
"""

import inspect
import pathlib
import re
import sys

import ai_edge_litert.schema_py_generated as wheel

SCALARS = {
    "byte": "int8",
    "ubyte": "uint8",
    "short": "int16",
    "ushort": "uint16",
    "int": "int32",
    "uint": "uint32",
    "long": "int64",
    "ulong": "uint64",
    "float": "float32",
    "bool": "bool",
    "int32": "int32",
}


def wheel_facts():
    source = pathlib.Path(wheel.__file__).read_text()
    classes = [(n, c) for n, c in vars(wheel).items() if inspect.isclass(c) and c.__module__ == wheel.__name__]
    enums, tables = {}, {}
    for name, cls in classes:
        if not hasattr(cls, "Init"):
            values = {k: v for k, v in vars(cls).items() if not k.startswith("_") and isinstance(v, int)}
            if values:
                enums[name] = values
            continue
        count = int(re.search(rf"^def {name}Start\(builder\):\n +builder\.StartObject\((\d+)\)", source, re.M)[1])
        body = re.search(rf"^class {name}\(object\):\n(.*?)^def {name}Start\(", source, re.M | re.S)[1]
        slots = [None] * count
        adder = rf"^def {name}Add(\w+)\(builder, \w+\):\n +builder\.Prepend(\w+?)Slot\((\d+), .*, ([^,\n]*)\)$"
        for accessor, kind, slot, default in re.findall(adder, source, re.M):
            code = re.search(rf"    def {accessor}\(self(?:, j)?\):\n(.*?)(?=\n    # |\Z)", body, re.S)[1]
            vector = bool(re.search(rf"def {accessor}\(self, j\)", body))
            if kind != "UOffsetTRelative":
                kind = kind.lower()
            elif "String(" in code:
                kind = "string"
            elif "Union(" in code:
                kind = "union"
            elif "_tab.Get(" in code:
                kind = re.search(r"number_types\.(\w+)Flags, a", code)[1].lower()
            else:
                kind = re.search(r"obj = (\w+)\(\)", code)[1]
            field = re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), accessor).lstrip("_")
            field = field.replace("options2", "options_2")
            slots[int(slot)] = (field, f"[{kind}]" if vector else kind, number(default))
        tables[name] = slots
    return enums, tables


def number(text):
    truth = {"true": 1.0, "false": 0.0}
    return truth[text.lower()] if text.lower() in truth else float(text)


def schema_facts(path):
    text = re.sub(r"//.*", "", path.read_text())
    bases, enums, unions, tables = {}, {}, {}, {}
    for name, base, body in re.findall(r"enum (\w+)\s*:\s*(\w+)\s*\{(.*?)\}", text, re.S):
        values, following = {}, 0
        for item in filter(None, (i.strip() for i in body.split(","))):
            key, _, value = (p.strip() for p in item.partition("="))
            following = int(value) if value else following
            values[key] = following
            following += 1
        bases[name], enums[name] = SCALARS[base], values
    for name, body in re.findall(r"union (\w+)\s*\{(.*?)\}", text, re.S):
        members = [m.strip() for m in body.split(",") if m.strip()]
        unions[name] = {"NONE": 0, **{m: i + 1 for i, m in enumerate(members)}}
    for name, body in re.findall(r"table (\w+)\s*\{(.*?)\}", text, re.S):
        slots = []
        for item in filter(None, (i.strip() for i in body.split(";"))):
            field, rest = (p.strip() for p in item.split(":", 1))
            deprecated = "(deprecated)" in rest
            rest = re.sub(r"\(.*?\)", "", rest)
            kind, _, default = (p.strip() for p in rest.partition("="))
            inner = kind.strip("[]")
            if inner in unions:
                slots.append((f"{field}_type", "uint8", 0.0))
                inner = "union"
            default = enums[inner][default] if default in enums.get(inner, {}) else number(default or "0")
            inner = bases.get(inner, SCALARS.get(inner, inner))
            slots.append(
                None if deprecated else (field, f"[{inner}]" if kind.startswith("[") else inner, float(default))
            )
        tables[name] = slots
    return {**enums, **unions}, tables


def main():
    problems = []
    pairs = zip(("enum", "table"), wheel_facts(), schema_facts(pathlib.Path(__file__).with_name("tflite.fbs")))
    for kind, theirs, ours in pairs:
        for name in sorted(theirs.keys() | ours.keys()):
            if theirs.get(name) != ours.get(name):
                problems.append(f"{kind} {name}\n  runtime {theirs.get(name)}\n  schema  {ours.get(name)}")
    print("\n".join(problems) or "tflite.fbs says what the runtime says")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
