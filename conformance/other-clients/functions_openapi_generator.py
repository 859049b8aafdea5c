"""The methods that OpenAPI Generator generates, for decodes.py."""

import json
import re
from pathlib import Path

import calcom_openapi_generator
from calcom_openapi_generator import ApiClient

CLIENT = ApiClient()
# The types of the answers of a method, or its request. In the source the request is after the types.
PART = re.compile(r"_response_types_map: [^=]+= \{([^}]*)\}|method='(\w+)',\s*resource_path='([^']+)'")
TYPE = re.compile(r"'(2\d\d)': \"?([^\",]+)\"?,")


def functions():
    """Method, path and successful statuses of each method, and what decodes an answer of it."""
    for file in sorted((Path(calcom_openapi_generator.__file__).parent / "api").glob("*_api.py")):
        types = {}
        for part in PART.finditer(file.read_text()):
            declared, method, path = part.groups()
            if declared is not None:
                types = {int(status): name for status, name in TYPE.findall(declared) if name != "None"}
            else:
                yield method.lower(), path, list(types), decoder(types)


def decoder(types):
    """Decodes an answer with this status and body as the method does."""
    return lambda status, body: CLIENT.deserialize(json.dumps(body), types[status], "application/json")


def encode(value):
    """The decoded value as JSON again."""
    return CLIENT.sanitize_for_serialization(value)
