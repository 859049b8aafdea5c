"""Counts how many recorded answers a generated Python client decodes whole.

    python3 decodes.py openapi_python_client|openapi_generator DOCUMENT.json RECORDINGS

An answer is decoded whole if the generated code reads it without an exception, and the decoded value has every member when it is
encoded again. Counted are the answers with a status of 2xx and a JSON body. If the document has another successful status for the
operation, that one is taken: a difference of 200 and 201 alone is no failure.
"""

import importlib
import json
import re
import sys
from collections import Counter
from pathlib import Path

from same import is_same

METHODS = {"get", "post", "put", "patch", "delete"}
PARAMETER = re.compile(r"\{[^}]*\}")


def described(document):
    """The operations of the document: method, path, pattern of paths, version. Paths with fewer parameters are first."""
    operations = []
    for path, item in document["paths"].items():
        pattern = re.compile(PARAMETER.sub("[^/]+", path))
        for method in METHODS & item.keys():
            headers = [one for one in item[method].get("parameters", []) if one["name"] == "cal-api-version"]
            version = headers[0]["schema"].get("default") if headers else None
            operations.append((method, PARAMETER.sub("{}", path), pattern, version))
    return sorted(operations, key=lambda operation: operation[1].count("{}"))


def answers(folder):
    """The recorded exchanges with a successful answer in JSON."""
    for file in sorted(Path(folder).rglob("*.json")):
        if any(part.startswith("webhook-deliveries") for part in file.parts):
            continue
        exchange = json.loads(file.read_text())
        if not isinstance(exchange, dict) or "request" not in exchange:
            continue
        response = exchange["response"]
        if 200 <= response["status"] < 300 and isinstance(response["body"], (dict, list)):
            yield exchange["request"], response


def operation_of(request, operations):
    """The described operation of a request, if it was sent with the version that the document says."""
    path = request["path"].split("?")[0]
    for method, template, pattern, version in operations:
        if method == request["method"].lower() and pattern.fullmatch(path):
            headers = {name.lower(): value for name, value in request["headers"].items()}
            return (method, template) if version in (None, headers.get("cal-api-version")) else None
    return None


def outcome(function, encode, response):
    """What the generated code makes of an answer."""
    if function is None:
        return "not decoded: not generated"
    statuses, decode = function
    if not statuses:
        return "not decoded: no type"
    status = response["status"] if response["status"] in statuses else statuses[0]
    try:
        decoded = decode(status, response["body"])
    except Exception:  # Whatever is raised: the caller has no answer.
        return "not decoded: an exception"
    try:
        ours = encode(decoded)
    except Exception:
        return "decoded, but not encoded again"
    return "decoded whole" if is_same(response["body"], ours) else "decoded with losses"


def main():
    generator, document, recordings = sys.argv[1:]
    generated = importlib.import_module(f"functions_{generator}")
    functions = {
        (method, PARAMETER.sub("{}", path)): (statuses, decode)
        for method, path, statuses, decode in generated.functions()
    }
    operations = described(json.loads(Path(document).read_text()))
    outcomes = Counter()
    others = 0
    for request, response in answers(recordings):
        operation = operation_of(request, operations)
        if operation is None:
            others += 1
        else:
            outcomes[outcome(functions.get(operation), generated.encode, response)] += 1
    print(f"{len(functions):5} of {len(operations)} operations generated")
    for name, count in sorted(outcomes.items()):
        print(f"{count:5} {name}")
    print(f"{sum(outcomes.values()):5} successful answers in JSON of operations and versions that the document has")
    print(f"{others:5} of others, which are not counted")


if __name__ == "__main__":
    main()
