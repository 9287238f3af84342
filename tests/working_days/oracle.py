#!/usr/bin/env python3
"""Counts working days of England and Wales a second time, from rules and no data file.

Easter by python3-dateutil; the other days by the Banking and Financial Dealings Act 1971 and the
proclamations since, written by hand below. Reads lines of JSON, the first {"years": [...]}, the
years that the calendar under test vouches for, each other an answer of libs/clock, moments in
microseconds since 1970:

    {"trigger": .., "days": 5, "due": .., "pauses": [[from, until], [from, null]], "unknown": [2029]}

"days" is negative where days were subtracted, "due" null where a pause without an end stops the
count, "unknown" the years that the answer warns of. Days of a year that nobody vouches for count by
weekends alone, and must be warned of.

Exits 0 where all agree and there was at least one, 1 where one does not.
"""
import datetime
import json
import sys
import zoneinfo

from dateutil.easter import easter

LONDON = zoneinfo.ZoneInfo("Europe/London")
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
DAY = datetime.timedelta(days=1)
MICROSECOND = datetime.timedelta(microseconds=1)

# Days that were proclaimed once.
EARLY_MAY_MOVED = {2020: datetime.date(2020, 5, 8)}  # VE day, 75 years
SPRING_MOVED = {2022: datetime.date(2022, 6, 2)}  # for the Platinum Jubilee
ADDED = {
    2022: [datetime.date(2022, 6, 3), datetime.date(2022, 9, 19)],  # Jubilee; state funeral
    2023: [datetime.date(2023, 5, 8)],  # coronation
}


def monday_from(day):
    while day.weekday() != 0:
        day += DAY
    return day


def last_monday_of(year, month):
    day = datetime.date(year, month, 31)
    while day.weekday() != 0:
        day -= DAY
    return day


def bank_holidays(year):
    days = {easter(year) - 2 * DAY, easter(year) + DAY, last_monday_of(year, 8)}
    new_year = datetime.date(year, 1, 1)
    days.add(monday_from(new_year) if new_year.weekday() >= 5 else new_year)
    days.add(EARLY_MAY_MOVED.get(year, monday_from(datetime.date(year, 5, 1))))
    days.add(SPRING_MOVED.get(year, last_monday_of(year, 5)))
    # Each of the two moves to the next day that is neither a weekend nor taken.
    for christmas in (datetime.date(year, 12, 25), datetime.date(year, 12, 26)):
        if christmas.weekday() < 5:
            days.add(christmas)
    for christmas in (datetime.date(year, 12, 25), datetime.date(year, 12, 26)):
        if christmas.weekday() >= 5:
            substitute = christmas
            while substitute.weekday() >= 5 or substitute in days:
                substitute += DAY
            days.add(substitute)
    return days | set(ADDED.get(year, []))


HOLIDAYS = set().union(*(bank_holidays(year) for year in range(2017, 2033)))


def micros(when):
    return (when - EPOCH) // MICROSECOND


def end_of(day):
    return micros(datetime.datetime.combine(day + DAY, datetime.time(), LONDON).astimezone(UTC))


def paused(day, pauses):
    last = end_of(day) - 1
    return any(begin <= last and (end is None or last < end) for begin, end in pauses)


def count(trigger, days, pauses, vouched):
    """The due moment, and the years without a voucher that the count went through."""
    day = (EPOCH + trigger * MICROSECOND).astimezone(LONDON).date()
    step = DAY if days > 0 else -DAY
    left = abs(days)
    unknown = set()
    forever = min((begin for begin, end in pauses if end is None), default=None)
    while left:
        day += step
        if forever is not None and end_of(day) > forever:
            return None, unknown
        if paused(day, pauses):
            continue
        if day.year not in vouched:
            unknown.add(day.year)
        left -= day.weekday() < 5 and (day.year not in vouched or day not in HOLIDAYS)
    return end_of(day), unknown


def main():
    lines = (json.loads(line) for line in sys.stdin)
    vouched = set(next(lines)["years"])
    checked = wrong = 0
    for answer in lines:
        due, unknown = count(answer["trigger"], answer["days"], answer.get("pauses", []), vouched)
        checked += 1
        if due != answer["due"] or sorted(unknown) != answer["unknown"]:
            wrong += 1
            if wrong <= 5:
                print(f"{answer}: should be due {due}, warned of {sorted(unknown)}", file=sys.stderr)
    print(f"{checked} answers counted again, {wrong} differ")
    return 0 if checked and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
