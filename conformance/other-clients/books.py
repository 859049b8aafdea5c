"""Books appointments through a client under test while faults are injected, and counts what the client told and what is true.

    python3 books.py --fake PROGRAM [--appointments 365] [--seed 1] [--lanes 5] [--json FILE] -- COMMAND...

COMMAND is an adapter. It gets CALCOM_API_URL and CALCOM_API_KEY, reads one appointment a line
({"start", "name", "email", "eventTypeId"}) and writes one line for each:
{"told": "booked" | "failed" | "unknown", "uid": ..., "why": ...}; `uid` only if booked, `why` as it likes.
"""

import argparse
import json
import os
import queue
import subprocess
import sys
import threading
from collections import Counter
from datetime import datetime, timedelta, timezone

from fake import Fake
from plan import appointments

# An adapter that writes nothing for so long has told nothing. It is ended, and the next appointment gets a new one.
PATIENCE = 120
# How long an adapter may work on after its last appointment.
WIND_UP = 300

ROWS = [
    "booked, told so",
    "not booked, told so",
    "told failed, but booked",
    "told booked, but not booked",
    "unknown, and booked",
    "unknown, and not booked",
]


class Adapter:
    """The process of the client under test."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def book(self, wanted):
        """What the client told; None if it told nothing."""
        try:
            self.process.stdin.write(json.dumps(wanted) + "\n")
            self.process.stdin.flush()
            line = self.lines.get(timeout=PATIENCE)
        except (OSError, queue.Empty):
            return None
        return None if line is None else json.loads(line)

    def end(self):
        """Lets it end by itself, and ends it if it does not."""
        try:
            self.process.stdin.close()
            self.process.wait(timeout=WIND_UP)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


def book_all(program, command, planned, now, results):
    """Books appointments one after the other, with a fake of their own."""
    fake = Fake(program, now)
    try:
        adapter = Adapter(command, fake.environment)
        told = []
        for appointment in planned:
            for fault in appointment["faults"]:
                fake.control("POST", "faults", fault)
            answer = adapter.book(appointment["wanted"])
            if answer is None:
                adapter.process.kill()
                adapter = Adapter(command, fake.environment)
                answer = {"told": "unknown", "why": "nothing was told"}
            told.append(answer)
            fake.control("DELETE", "faults")
        adapter.end()
        booked = fake.booked()
    finally:
        fake.stop()
    for appointment, answer in zip(planned, told):
        uids = booked.get(appointment["wanted"]["email"], [])
        results.append({**appointment, **answer, "booked": uids, "row": row(answer, uids)})


def row(answer, uids):
    """The row of the table to which an appointment belongs."""
    if answer["told"] == "unknown":
        return "unknown, and booked" if uids else "unknown, and not booked"
    if answer["told"] == "failed":
        return "told failed, but booked" if uids else "not booked, told so"
    is_true = bool(uids) and answer.get("uid", uids[0]) in uids
    return "booked, told so" if is_true else "told booked, but not booked"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--fake", required=True)
    arguments.add_argument("--appointments", type=int, default=365)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--lanes", type=int, default=5, help="how many fakes, with an adapter each, work at once")
    arguments.add_argument("--json", help="where to write each appointment")
    arguments.add_argument("command", nargs="+")
    given = arguments.parse_args()

    now = datetime.now(timezone.utc).replace(microsecond=0)
    first_start = now.replace(hour=0, minute=0, second=0) + timedelta(days=2)
    planned = appointments(given.appointments, given.seed, first_start)
    started = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    results = []
    lanes = [
        threading.Thread(target=book_all, args=(given.fake, given.command, planned[lane :: given.lanes], started, results))
        for lane in range(given.lanes)
    ]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()

    if len(results) != len(planned):
        sys.exit(f"only {len(results)} of {len(planned)} appointments ended")
    results.sort(key=lambda result: result["wanted"]["start"])
    if given.json:
        with open(given.json, "w") as file:
            json.dump(results, file, indent=1)
    rows = Counter(result["row"] for result in results)
    for name in ROWS:
        print(f"{rows[name]:5} {name}")
    print(f"{sum(len(result['booked']) > 1 for result in results):5} booked twice, whatever was told")
    print(f"{len(results):5} appointments, seed {given.seed}")
    print("\ntold failed, but booked, by fault:")
    by_fault = Counter(result["fault"] for result in results)
    false_failures = Counter(result["fault"] for result in results if result["row"] == "told failed, but booked")
    for fault, count in sorted(by_fault.items()):
        print(f"{false_failures[fault]:5} of {count:3} {fault}")


if __name__ == "__main__":
    main()
