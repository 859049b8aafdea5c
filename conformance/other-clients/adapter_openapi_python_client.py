"""The adapter of the client that openapi-python-client generates, with the settings that it has by itself."""

import json
import os
import sys

from calcom_openapi_python_client import AuthenticatedClient
from calcom_openapi_python_client.api.bookings.bookings_controller_2024_08_13_create_booking import sync_detailed
from calcom_openapi_python_client.models import CreateBookingInput20240813

client = AuthenticatedClient(base_url=os.environ["CALCOM_API_URL"], token=os.environ["CALCOM_API_KEY"])


def book(wanted):
    """What a caller of the generated function learns."""
    attendee = {"name": wanted["name"], "email": wanted["email"], "timeZone": "UTC", "language": "en"}
    body = {"start": wanted["start"], "eventTypeId": wanted["eventTypeId"], "attendee": attendee}
    try:
        response = sync_detailed(client=client, body=CreateBookingInput20240813.from_dict(body))
    except Exception as error:  # Whatever is raised: the caller has no booking.
        return {"told": "failed", "why": f"{type(error).__name__}: {error}"}
    if response.parsed is None:
        return {"told": "failed", "why": f"status {response.status_code}"}
    return {"told": "booked", "uid": response.parsed.data.uid}


for line in sys.stdin:
    print(json.dumps(book(json.loads(line))), flush=True)
