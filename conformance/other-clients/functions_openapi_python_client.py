"""The functions that openapi-python-client generates, for decodes.py."""

import importlib
import pkgutil
import re
from pathlib import Path

import httpx

import calcom_openapi_python_client.api as api
from calcom_openapi_python_client import Client

CLIENT = Client(base_url="http://127.0.0.1")
REQUEST = re.compile(r'"method": "(\w+)",\s*"url": "([^"]+)"')
STATUS = re.compile(r"response\.status_code == (2\d\d)")


def functions():
    """Method, path and successful statuses of each function, and what decodes an answer of it."""
    for module in pkgutil.walk_packages(api.__path__, f"{api.__name__}."):
        if not module.ispkg:
            module = importlib.import_module(module.name)
            source = Path(module.__file__).read_text()
            method, path = REQUEST.search(source).groups()
            yield method, path, [int(status) for status in STATUS.findall(source)], decoder(module)


def decoder(module):
    """Decodes an answer with this status and body as the function does."""
    return lambda status, body: module._parse_response(client=CLIENT, response=httpx.Response(status, json=body))


def encode(value):
    """The decoded value as JSON again."""
    if isinstance(value, list):
        return [encode(one) for one in value]
    return value.to_dict() if hasattr(value, "to_dict") else value
