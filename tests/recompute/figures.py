#!/usr/bin/env python3
"""Works every figure out again from its explanation alone.

A second opinion: written from the contract of KpiDefinition, Stream, Evidence and Figure, in another
language. Reads lines of JSON, each an ExplainKpiResponse with all of its evidence
(`fosterwatch kpi show CODE --json`), decides for each piece of evidence whether it counts, adds up,
judges the status by both readings, and says where the figure says something else.

    figures.py FILE...

Exits 0 where all agree and there was at least one, 1 where one does not.
"""
import datetime
import json
import re
import statistics
import sys
import zoneinfo

LONDON = zoneinfo.ZoneInfo("Europe/London")
UTC = datetime.timezone.utc
STAMP = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$")
LOWER = "DIRECTION_LOWER_IS_BETTER"
SHARES = {"MEASURE_RATIO_IN_TIME", "MEASURE_SHARE_IN_ORDER", "MEASURE_SHARE_OF_ENDED",
          "MEASURE_SHARE_COVERED"}
# Nothing on record is a number only from the moment on from which there could be something.
SINCE_KNOWN = {"MEASURE_OPEN_COUNT", "MEASURE_OVERDUE_COUNT", "MEASURE_BEGUN_COUNT",
               "MEASURE_ENDED_COUNT", "MEASURE_SUM_OPEN", "MEASURE_SHARE_COVERED"}


def moment(text):
    if text is None:
        return None
    match = STAMP.match(text)
    whole = datetime.datetime.strptime(match[1], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    return int(whole.timestamp()) * 10**6 + int((match[2] or "0").ljust(6, "0")[:6])


def start(day):
    local = datetime.datetime.combine(day, datetime.time(), LONDON)
    return int(local.astimezone(UTC).timestamp()) * 10**6


def next_month(day, count=1):
    at = day.year * 12 + day.month - 1 + count
    return datetime.date(at // 12, at % 12 + 1, 1)


def days(period):
    """The first day of a period, the first one after it, and its kind."""
    if match := re.fullmatch(r"(\d{4})-W(\d\d)", period):
        monday = datetime.date.fromisocalendar(int(match[1]), int(match[2]), 1)
        return monday, monday + datetime.timedelta(7), "WEEK"
    if match := re.fullmatch(r"(\d{4})-Q(\d)", period):
        first = datetime.date(int(match[1]), int(match[2]) * 3 - 2, 1)
        return first, next_month(first, 3), "QUARTER"
    if re.fullmatch(r"\d{4}", period):
        return datetime.date(int(period), 1, 1), datetime.date(int(period) + 1, 1, 1), "YEAR"
    if re.fullmatch(r"\d{4}-\d\d", period):
        first = datetime.date.fromisoformat(period + "-01")
        return first, next_month(first), "MONTH"
    day = datetime.date.fromisoformat(period)
    return day, day + datetime.timedelta(1), "DAY"


def last_month(period):
    return days(period)[1] - datetime.timedelta(1)


def financial_year(period):
    day = last_month(period)
    return day.year if day.month >= 4 else day.year - 1


def holds(conditions, attributes):
    for condition in conditions:
        code = attributes.get(condition["field"], "")
        if (code in condition.get("anyOf", [])) == condition.get("noneOf", False):
            return False
    return True


def counts(explained, evidence):
    """Whether a piece of evidence is in the numerator; None: it should not be there at all."""
    definition, figure = explained["definition"], explained["figure"]
    measure = definition["measure"]
    begin, until = (start(day) for day in days(figure["period"])[:2])
    at = moment(figure["asAtTime"])
    exclusive = explained["stream"].get("dueExclusive", False)

    def late(due, when):
        return when >= due if exclusive else when > due

    began, due, ended = (moment(evidence.get(f"{name}Time")) for name in ("begin", "due", "end"))
    lapsed = evidence.get("lapsed", False)
    over = ended is not None and ended <= at
    is_open = began <= at and not over
    done_in = over and not lapsed and begin <= ended < until
    attributes = evidence.get("attributes", {})
    if not holds(definition.get("where", []), attributes):
        return None
    if measure == "MEASURE_RATIO_IN_TIME":
        # By the last day of a month is due at the first moment of the next, where that is too late.
        if due is None or not begin <= due - (1 if exclusive else 0) < until:
            return None
        by_then = over and not late(due, ended)
        if by_then:
            return None if lapsed else True
        return False if late(due, at) or due < at else None
    if measure == "MEASURE_MEDIAN_HOURS":
        return True if done_in and began <= ended else None
    if measure == "MEASURE_OPEN_COUNT":
        return True if is_open else None
    if measure == "MEASURE_OVERDUE_COUNT":
        return (due is not None and late(due, at)) if is_open else None
    if measure == "MEASURE_BEGUN_COUNT":
        return True if begin <= began < until and began <= at else None
    if measure == "MEASURE_ENDED_COUNT":
        return True if done_in else None
    if measure == "MEASURE_SHARE_IN_ORDER":
        return not late(due, at) if is_open and due is not None else None
    if measure == "MEASURE_SUM_OPEN":
        return "value" in evidence if is_open else None
    if measure == "MEASURE_SHARE_COVERED":
        cover = evidence.get("cover")
        if cover is not None and moment(cover["beginTime"]) > at:
            return None
        return (cover is not None and at < moment(cover["dueTime"])) if is_open else None
    if measure == "MEASURE_SHARE_OF_ENDED":
        return holds(definition["numeratorWhere"], attributes) if done_in else None
    raise ValueError(measure)


def reported(explained):
    """(numerator, denominator, value) of what was reported from outside."""
    definition, figure = explained["definition"], explained["figure"]
    rows = {e["reported"]["period"]: e["reported"] for e in explained.get("evidence", [])}
    first, after, kind = days(figure["period"])
    if kind in ("DAY", "WEEK"):
        return 0, 0, None
    if definition.get("cumulative"):
        first = datetime.date(financial_year(figure["period"]), 4, 1)
    months = []
    while first < after:
        months.append(first)
        first = next_month(first)
    survey = definition["measure"] == "MEASURE_SURVEY"

    def of_parts(numerator, denominator):
        if survey and denominator < definition["minimumAnswers"]:
            return 0, round(denominator), None
        if definition["unit"] != "UNIT_PERCENT":
            return round(numerator), round(denominator), numerator
        value = 100 * numerator / denominator if denominator else None
        return round(numerator), round(denominator), value

    last = rows.get(months[-1].strftime("%Y-%m"))
    parts = last is not None and "numerator" in last and "denominator" in last
    if len(months) == 1 or definition["unit"] == "UNIT_COUNT" or (
            definition.get("cumulative") and last is not None and not parts):
        if last is None:
            return 0, 0, None
        if parts or (survey and "denominator" in last):
            return of_parts(last.get("numerator", 0), last["denominator"])
        return 0, 0, None if survey else last.get("value")
    at = moment(figure["asAtTime"])
    numerator = denominator = 0
    for month in months:
        if start(month) > at:
            if definition.get("cumulative"):
                return 0, 0, None
            continue
        row = rows.get(month.strftime("%Y-%m"))
        if row is None or "numerator" not in row or "denominator" not in row:
            return 0, 0, None
        numerator += row["numerator"]
        denominator = row["denominator"] + (0 if definition.get("cumulative") else denominator)
    return of_parts(numerator, denominator)


def counted(explained):
    definition = explained["definition"]
    evidence = explained.get("evidence", [])
    for each in evidence:
        should = counts(explained, each)
        if should is None or should != each.get("counted", False):
            raise ArithmeticError(f"{each['key']} of {each['aggregateId']} is counted wrongly")
    numerator = sum(1 for each in evidence if each.get("counted"))
    denominator = len(evidence)
    measure = definition["measure"]
    known_from = moment(explained["figure"].get("knownFromTime"))
    if measure in SINCE_KNOWN and (
            known_from is None or moment(explained["figure"]["asAtTime"]) < known_from or
            known_from >= moment(explained["figure"]["untilTime"])):
        return numerator, denominator, None
    if measure in SHARES:
        value = 100 * numerator / denominator if denominator else None
    elif measure == "MEASURE_MEDIAN_HOURS":
        unit = 3600e6 * (24 if definition["unit"] == "UNIT_DAYS" else 1)
        took = [(moment(e["endTime"]) - moment(e["beginTime"])) / unit for e in evidence]
        value = statistics.median(took) if took else None
    elif measure == "MEASURE_SUM_OPEN":
        value = sum(int(each.get("value", 0)) for each in evidence)
    else:
        value = numerator
    return numerator, denominator, value


def in_force(dated, period):
    month = last_month(period).strftime("%Y-%m")
    found = [each for each in dated if each["effectiveFrom"] <= month]
    return found[-1].get("value", 0.0) if found else None


def standing(definition, figure, literal):
    target = in_force(definition.get("targets", []), figure["period"])
    if target is None or "value" not in figure:
        return None
    if definition["direction"] == LOWER and not literal:
        return figure["value"] <= target
    return figure["value"] >= target


def status(explained, literal):
    definition, figure = explained["definition"], explained["figure"]
    kind = definition.get("cadence", "CADENCE_MONTH").removeprefix("CADENCE_")
    if in_force(definition.get("targets", []), figure["period"]) is None:
        return "STATUS_UNSPECIFIED", False
    now = standing(definition, figure, literal)
    if now is None:
        return "STATUS_INCOMPLETE", False
    if now:
        return "STATUS_GREEN", False
    before = []
    for earlier in explained["before"]:
        same_year = financial_year(earlier["period"]) == financial_year(figure["period"])
        if days(figure["period"])[2] != kind or (definition.get("cumulative") and not same_year):
            before.append(True)
        else:
            before.append(standing(definition, earlier, literal))
    if True in before:
        return "STATUS_AMBER", False
    if None in before:
        return "STATUS_AMBER", True
    return "STATUS_RED", False


def faults(explained):
    definition, figure = explained["definition"], explained["figure"]
    try:
        if moment(figure["asAtTime"]) < start(days(figure["period"])[0]):
            numerator, denominator, value = 0, 0, None
        elif definition["measure"] in ("MEASURE_IMPORTED", "MEASURE_SURVEY"):
            numerator, denominator, value = reported(explained)
        else:
            numerator, denominator, value = counted(explained)
    except ArithmeticError as fault:
        return [str(fault)]
    found = []
    for name, mine, theirs in (("numerator", numerator, int(figure.get("numerator", 0))),
                               ("denominator", denominator, int(figure.get("denominator", 0)))):
        if mine != theirs:
            found.append(f"{name} {theirs}, but {mine} by the evidence")
    theirs = figure.get("value")
    if (value is None) != (theirs is None) or (
            value is not None and abs(value - theirs) > 1e-9 * max(1, abs(value))):
        found.append(f"value {theirs}, but {value} by the evidence")
    for name, mine in (("target", in_force(definition.get("targets", []), figure["period"])),
                       ("benchmark", in_force(definition.get("benchmarks", []),
                                              figure["period"]))):
        if mine != figure.get(name):
            found.append(f"{name} {figure.get(name)}, but {mine} is in force")
    for literal, name, unsure in ((False, "status", "redNotRuledOut"),
                                  (True, "statusLiteral", "literalRedNotRuledOut")):
        mine = status(explained, literal)
        theirs = figure.get(name, "STATUS_UNSPECIFIED"), figure.get(unsure, False)
        if mine != theirs:
            found.append(f"{name} {theirs}, but {mine} by the rule")
    return found


def main(files):
    seen = wrong = 0
    for path in files:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                if not line.strip():
                    continue
                explained = json.loads(line)
                seen += 1
                for fault in faults(explained):
                    wrong += 1
                    figure = explained["figure"]
                    print(f"{figure['code']} {figure['period']}: {fault}")
    print(f"{seen} figures worked out again, {wrong} faults")
    return 1 if wrong or not seen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
