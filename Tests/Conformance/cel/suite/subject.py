"""What `postern eval --batch` makes of expressions, in the form of reference.py."""
import base64
import datetime
import json
import re
import subprocess

from . import grammar
from .reference import EPOCH

KEYS = {"int64_value": "int", "uint64_value": "uint", "double_value": "double", "string_value": "string",
        "bytes_value": "bytes", "bool_value": "bool", "null_value": "null", "type_value": "type"}


def evaluate(binary, expressions):
    environment = [{"name": name, "ident": {"type": {"primitive": kind}}} for name, (kind, _, _) in grammar.VARIABLES.items()]
    bindings = {name: {"value": value} for name, (_, value, _) in grammar.VARIABLES.items()}
    lines = "".join(json.dumps({"expr": text, "type_env": environment, "bindings": bindings}) + "\n" for text in expressions)
    run = subprocess.run([binary, "eval", "--batch"], input=lines, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(expressions), run.stderr
    return [normal(answer["value"]) if "value" in answer else ("error", answer["eval_error"]["errors"][0]["message"])
            for answer in answers]


def normal(value):
    (key, content), = value.items()
    if key == "list_value":
        return "list", [normal(one) for one in content.get("values", [])]
    if key == "map_value":
        return "map", sorted((repr(normal(one["key"])[1]), normal(one["value"])) for one in content.get("entries", []))
    if key == "object_value":
        return message(content)
    kind = KEYS[key]
    if kind in ("int", "uint"):
        return kind, int(content)
    if kind == "double":
        return kind, repr(float(content))
    if kind == "bytes":
        return kind, base64.b64decode(content)
    return kind, content


def message(content):
    text = content["value"]
    if content["@type"].endswith(".Duration"):
        sign, seconds, fraction = re.fullmatch(r"(-?)(\d+)(?:\.(\d+))?s", text).groups()
        microseconds = int(seconds) * 10**6 + int((fraction or "0").ljust(9, "0")) // 1000
        return "duration", -microseconds if sign else microseconds
    date, fraction = re.fullmatch(r"([^.Z]*)(?:\.(\d+))?Z", text).groups()
    moment = datetime.datetime.fromisoformat(date + "+00:00")
    return "timestamp", (moment - EPOCH) // datetime.timedelta(microseconds=1) + int((fraction or "0").ljust(9, "0")) // 1000
