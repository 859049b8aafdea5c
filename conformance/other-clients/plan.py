"""The appointments and their faults, fixed by a seed: the same for every client."""

import random
from datetime import datetime, timedelta

# Longer than the deadline of every client that has one.
DELAY = "20s"

RESETS = ["beforeRequest", "midRequest", "inFlight", "afterEffect", "midResponse"]
GATEWAY_STATUSES = [502, 503, 504]

# What a fault of a booking can be, all equally likely. A third of the appointments has none.
FAULTS = (
    [{"kind": "reset", "at": at} for at in RESETS]
    + [{"kind": "truncated", "bytes": 64}]
    + [{"kind": "html", "status": status} for status in GATEWAY_STATUSES]
    + [{"kind": "html", "status": status, "afterEffect": True} for status in GATEWAY_STATUSES]
    + [{"kind": "delay", "delay": DELAY}, {"kind": "delay", "delay": DELAY, "afterEffect": True}]
)
# What a fault of a lookup can be; a third of the appointments has one. Clients that never look anything up are not affected.
LOOKUP_FAULTS = [{"kind": "reset", "at": at} for at in RESETS] + [{"kind": "html", "status": 502}]
# How many requests in sequence get the fault, for clients that send more than one.
REPETITIONS = [1, 1, 2, 3]


def describe(fault):
    """The fault as a short text."""
    if fault is None:
        return "no fault"
    what = fault.get("at") or fault.get("status") or fault.get("delay") or f"{fault.get('bytes')} bytes"
    return f"{fault['kind']} {what}" + (", after the effect" if fault.get("afterEffect") else "")


def appointments(count, seed, first_start: datetime):
    """Appointments an hour apart, each with the faults that are configured before it."""
    choice = random.Random(seed)
    planned = []
    for number in range(count):
        fault = choice.choice(FAULTS) if choice.random() >= 1 / 3 else None
        times = choice.choice(REPETITIONS)
        lookup = choice.choice(LOOKUP_FAULTS) if choice.random() < 1 / 3 else None
        faults = []
        if fault is not None:
            faults.append({**fault, "on": "create_booking", "times": times})
        if lookup is not None:
            faults.append({**lookup, "on": "list_bookings"})
        start = first_start + timedelta(hours=number)
        planned.append(
            {
                "wanted": {
                    "start": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "name": f"Attendee {number}",
                    "email": f"attendee-{number}@example.com",
                    "eventTypeId": 1,
                },
                "fault": describe(fault),
                "faults": faults,
            }
        )
    return planned
