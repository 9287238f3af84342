#!/usr/bin/env python3
"""Works every due time out again from its explanation alone.

A second opinion: written from docs/domain.md ("Clocks") and the contract of Explanation, in another
language, with another calendar library, sharing nothing with libs/clock but the data file of bank
holidays. Reads JSON or lines of JSON (recorded states of events, `fosterwatch event show --json`),
finds every explanation in them, and says of each whose due time differs.

    recompute.py --holidays bank_holidays_england_and_wales.json... --files FILE...

An explanation is worked out by the calendar whose version it names; earlier versions of the file
are in calendars/.

Exits 0 where all agree and there was at least one, 1 where one does not, 2 where it cannot tell.
"""
import argparse
import datetime
import json
import re
import sys
import zoneinfo

LONDON = zoneinfo.ZoneInfo("Europe/London")
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
STAMP = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$")


class Doubt(Exception):
    """The explanation cannot be followed."""


# Moments are nanoseconds since 1970: Python's own stop at microseconds.
def moment(text):
    match = STAMP.match(text)
    if not match:
        raise Doubt(f"no moment: {text}")
    whole = datetime.datetime.strptime(match[1], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    return int((whole - EPOCH).total_seconds()) * 10**9 + int((match[2] or "0").ljust(9, "0"))


def london_day(nanoseconds):
    return (EPOCH + datetime.timedelta(seconds=nanoseconds // 10**9)).astimezone(LONDON).date()


def end_of(day):
    """Midnight in London at the end of that day. London's clocks never change at midnight."""
    following = day + datetime.timedelta(days=1)
    midnight = datetime.datetime.combine(following, datetime.time(), LONDON)
    return int((midnight.astimezone(UTC) - EPOCH).total_seconds()) * 10**9


def months_later(day, months):
    """That many months on; the month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    for number in range(day.day, 0, -1):
        try:
            return datetime.date(index // 12, index % 12 + 1, number)
        except ValueError:
            continue
    raise Doubt("a month without days")


class Holidays:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        self.version = data["version"]
        self.days = set()
        self._collect(data)
        if not self.days:
            raise Doubt(f"no bank holidays in {path}")

    def _collect(self, node):
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("day", "date") and isinstance(value, str):
                    self.days.add(datetime.date.fromisoformat(value))
                else:
                    self._collect(value)
        elif isinstance(node, list):
            for value in node:
                self._collect(value)

    def is_working(self, day):
        return day.weekday() < 5 and day not in self.days


def paused(day, pauses):
    """Whether the clock stands still in the last microsecond of that day."""
    last = end_of(day) - 1000
    return any(begin <= last and (end is None or last < end) for begin, end in pauses)


def count(day, amount, holidays, pauses):
    """The day on which the count ends; None where a pause without an end stops it."""
    stopped = min((begin for begin, end in pauses if end is None), default=None)
    step = datetime.timedelta(days=1 if amount > 0 else -1)
    amount = abs(amount)
    while amount > 0:
        day += step
        if stopped is not None and end_of(day) > stopped:
            return None
        amount -= holidays.is_working(day) and not paused(day, pauses)
    return day


def follow(explanation, calendars):
    now = moment(explanation["triggerTime"])
    steps = explanation.get("steps", [])
    if not steps:
        raise Doubt("an explanation without steps")
    for step in steps:
        operation = step.get("operation")
        amount = int(step.get("amount", 0))
        if operation == "OPERATION_ADD_ELAPSED_SECONDS":
            now += amount * 10**9
        elif operation in ("OPERATION_ADD_WORKING_DAYS", "OPERATION_ADD_UNPAUSED_WORKING_DAYS"):
            holidays = calendars.get(explanation.get("calendarVersion"))
            if holidays is None:
                raise Doubt(f"counted by calendar {explanation.get('calendarVersion')}")
            pauses = [(moment(pause["fromTime"]),
                       moment(pause["untilTime"]) if "untilTime" in pause else None)
                      for pause in step.get("pauses", [])]
            day = count(london_day(now), amount, holidays, pauses)
            if day is None:
                return None
            now = end_of(day)
        elif operation == "OPERATION_ADD_CALENDAR_MONTHS":
            now = end_of(months_later(london_day(now), amount))
        elif operation == "OPERATION_ADD_CALENDAR_DAYS":
            now = end_of(london_day(now) + datetime.timedelta(days=amount))
        else:
            raise Doubt(f"an unknown step: {operation}")
    return now


# Which due time an explanation that stands beside it explains.
PAIRS = {"explanation": "dueTime", "inTimeExplanation": "inTimeUntil"}


def pairs(node):
    """Each explanation below, with the moment of its owner that it explains."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in PAIRS and isinstance(value, dict) and "triggerTime" in value:
                # Of an action with its explanation, the action's.
                action = node.get("action")
                yield value, (action if isinstance(action, dict) else node).get(PAIRS[key])
            yield from pairs(value)
        if "triggerTime" in node and "steps" in node:
            yield node, node.get("dueTime")
    elif isinstance(node, list):
        for value in node:
            yield from pairs(value)


def documents(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        yield json.loads(text)
    except json.JSONDecodeError:
        for line in text.splitlines():
            if line.strip():
                yield json.loads(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--holidays", required=True, nargs="+", action="extend")
    parser.add_argument("--files", required=True, nargs="+")
    arguments = parser.parse_args()
    calendars = {holidays.version: holidays for holidays in map(Holidays, arguments.holidays)}
    checked = wrong = doubts = 0
    for path in arguments.files:
        for document in documents(path):
            for explanation, due in pairs(document):
                try:
                    expected = follow(explanation, calendars)
                    said = moment(due) if due else None
                except Doubt as doubt:
                    doubts += 1
                    print(f"{path}: {explanation.get('rule')}: {doubt}", file=sys.stderr)
                    continue
                checked += 1
                if said != expected:
                    wrong += 1
                    print(f"{path}: {explanation.get('rule')} is due {due}, and its explanation "
                          f"leads to {expected} ns", file=sys.stderr)
    print(f"{checked} due times worked out again, {wrong} differ, {doubts} in doubt")
    if wrong:
        return 1
    return 2 if doubts or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
