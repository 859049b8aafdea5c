"""The adapter of the Python client that OpenAPI Generator generates, with the settings that it has by itself."""

import json
import os
import sys

from calcom_openapi_generator import ApiClient, BookingsApi, Configuration
from calcom_openapi_generator.models import BookingsController20240813CreateBookingRequest, CreateBookingInput20240813

api = BookingsApi(ApiClient(Configuration(host=os.environ["CALCOM_API_URL"])))
AUTHORIZATION = f"Bearer {os.environ['CALCOM_API_KEY']}"


def book(wanted):
    """What a caller of the generated method learns."""
    attendee = {"name": wanted["name"], "email": wanted["email"], "timeZone": "UTC", "language": "en"}
    body = {"start": wanted["start"], "eventTypeId": wanted["eventTypeId"], "attendee": attendee}
    request = BookingsController20240813CreateBookingRequest(CreateBookingInput20240813.from_dict(body))
    try:
        booked = api.bookings_controller20240813_create_booking("2024-08-13", request, authorization=AUTHORIZATION)
    except Exception as error:  # Whatever is raised: the caller has no booking.
        return {"told": "failed", "why": f"{type(error).__name__}: {error}"}
    return {"told": "booked", "uid": booked.data.actual_instance.uid}


for line in sys.stdin:
    print(json.dumps(book(json.loads(line))), flush=True)
