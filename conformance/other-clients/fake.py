"""The fake as a program: started with one event type that is free at all hours, and controlled through its routes."""

import json
import subprocess
import tempfile
import urllib.error
import urllib.request

# How often the fake is asked to wait until it is idle.
IDLE_WAITS = 10

SEED = {
    # No rate limit, so that only the faults decide.
    "rateLimits": [],
    "users": [
        {
            "username": "ada",
            "timeZone": "UTC",
            "schedules": [
                {
                    "name": "always",
                    "timeZone": "UTC",
                    "availability": [{"days": [0, 1, 2, 3, 4, 5, 6], "startTime": "00:00", "endTime": "23:59"}],
                }
            ],
        }
    ],
    "eventTypes": [{"user": "ada", "slug": "intro", "lengthInMinutes": 30}],
}


class Fake:
    """One fake, on a free port."""

    def __init__(self, program, now):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as seed:
            json.dump({"now": now, **SEED}, seed)
            seed.flush()
            self.process = subprocess.Popen(
                [program, "--seed", seed.name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            lines = [self.process.stdout.readline().strip() for _ in range(2)]
        self.environment = dict(line.split("=", 1) for line in lines)
        self.url = self.environment["CALCOM_API_URL"]

    def control(self, method, route, body=None):
        """Calls a control route, and returns its answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/__fake/{route}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    def wait_until_idle(self):
        """Waits until no request is in progress; the fake itself waits for a part of that time."""
        for attempt in range(IDLE_WAITS):
            try:
                return self.control("POST", "idle")
            except urllib.error.HTTPError as error:
                if error.code != 409 or attempt + 1 == IDLE_WAITS:
                    raise

    def booked(self):
        """The uids of the active bookings that the ledger has, by the attendee's address."""
        self.wait_until_idle()
        changes = [change for entry in self.control("GET", "ledger") for change in entry["changes"]]
        made = {change["uid"] for change in changes if change["change"] == "booked"}
        found = {}
        for booking in self.control("GET", "bookings"):
            if booking["uid"] in made and booking["status"] in ("accepted", "pending"):
                for attendee in booking["attendees"]:
                    found.setdefault(attendee["email"], []).append(booking["uid"])
        return found

    def stop(self):
        """Ends the process."""
        self.process.terminate()
        self.process.wait(timeout=30)
