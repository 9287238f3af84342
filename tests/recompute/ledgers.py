#!/usr/bin/env python3
"""Works the fostering set out by SQL over the facts of the registers.

A third opinion: it knows what a visit, a review, a placement and a complaint are, and nothing of
the engine's streams, observations and measures. Reads lines of JSON, the public facts in the order
of each record ({"topic", "record", "recorded", "fact"}), and the figures to be judged (Figure).

    ledgers.py FACTS FIGURES

Exits 0 where all agree and there was at least one, 1 where one does not.
"""
import json
import sqlite3
import sys

from figures import days, moment, start

TABLES = """
CREATE TABLE standing (carer, version, approved, ended);
CREATE TABLE terms (carer, version, begins, places);
CREATE TABLE owed (kpi, record, id, begins, due, version);
CREATE TABLE done (record, id, at);
CREATE TABLE dropped (record, id, at);
CREATE TABLE plan (carer, day, begins, due, recorded);
CREATE TABLE placement (id PRIMARY KEY, begins, ends, ending);
CREATE TABLE complaint (id, kind, received, over);
CREATE TABLE allegation (id, aware, closed);
CREATE TABLE event (id, aware, concluded);
CREATE TABLE notice (event, id, basis, aware, limit_of_law, due, given);
CREATE TABLE sign_off (event, id, asked, due, signed);

-- The register of carers as its last word on each household.
CREATE VIEW household AS
  SELECT * FROM standing s WHERE version =
    (SELECT max(version) FROM standing WHERE carer = s.carer);

-- What is owed, with the moment that settled it: the same thing owed anew, or done, or dropped.
CREATE VIEW duty AS
  SELECT o.kpi, o.record, o.id, o.begins, o.due,
    min(coalesce((SELECT min(at) FROM done d WHERE d.record = o.record AND d.id = o.id),
                 (SELECT min(begins) FROM owed n WHERE n.record = o.record AND n.id = o.id
                    AND n.begins > o.begins), 9e18)) AS settled,
    coalesce((SELECT min(at) FROM dropped d WHERE d.record = o.record AND d.id = o.id
                AND (d.at >= o.begins OR o.kpi = 'AL1')), 9e18) AS gone
  FROM owed o GROUP BY o.kpi, o.record, o.id, o.begins;
"""

# Of what was due before the end of a moment of the period: (in time, all). At the due time it is too
# late, so what is due by the last day of a month is due at the first moment of the next.
IN_TIME = """
SELECT coalesce(sum(settled < due AND settled <= :at AND settled <= gone), 0),
  coalesce(sum((settled < due AND settled <= :at AND settled <= gone)
    OR (due <= :now AND NOT (gone < due AND gone < settled))), 0)
FROM duty WHERE kpi = :kpi AND due > :begin AND due <= :until AND begins < :until
"""
# A notice at its limit is in time, and what the agency asks of itself is not counted here.
BY_LAW = "basis IN ('UNSPECIFIED', 'STATUTORY')"
NOTICES_IN_TIME = f"""
SELECT coalesce(sum(given <= limit_of_law AND given <= :at), 0), count(*) FROM notice
WHERE {BY_LAW} AND limit_of_law >= :begin AND limit_of_law < :until
  AND (limit_of_law < :now OR (given <= limit_of_law AND given <= :at))
"""
HOURS_TO_NOTICE = f"""
WITH took AS (SELECT (given - aware) / 3.6e9 AS hours FROM notice WHERE {BY_LAW}
  AND given >= :begin AND given < :until AND given <= :at AND aware <= given)
SELECT count(*), count(*), (SELECT avg(hours) FROM (SELECT hours FROM took ORDER BY hours
  LIMIT 2 - (SELECT count(*) FROM took) % 2 OFFSET (SELECT max(count(*) - 1, 0) / 2 FROM took)))
FROM took
"""
OPEN = "begins <= :at AND begins < :until AND settled > :at AND gone > :at"
SHARES = {
    "CR1": f"SELECT coalesce(sum(due > :at), 0), count(*) FROM duty WHERE kpi = 'CR1' AND {OPEN}",
    "CR9": """SELECT coalesce(sum(:at < (SELECT due FROM plan p WHERE p.carer = h.carer
                AND p.begins <= :at AND p.begins < :until
                ORDER BY p.begins DESC LIMIT 1)), 0), count(*)
              FROM household h WHERE approved <= :at AND approved < :until AND ended > :at""",
    "PL3": """SELECT coalesce(sum(ending = 'ENDING_UNPLANNED'), 0), count(*) FROM placement
              WHERE ends >= :begin AND ends < :until AND ends <= :at
              AND ending IN ('ENDING_PLANNED', 'ENDING_UNPLANNED')""",
    "CR2": IN_TIME, "CR3": IN_TIME, "CR4": IN_TIME, "CR5": IN_TIME,
    "CC1": IN_TIME, "CC2": IN_TIME, "AL1": IN_TIME, "NE1": NOTICES_IN_TIME,
}
# (numerator, denominator, value), and since when anything of the kind is on record.
COUNTS = {
    "CR6": ("SELECT count(*), count(*), count(*) FROM household WHERE approved <= :at"
            " AND approved < :until AND ended > :at", "SELECT min(approved) FROM household"),
    "CR7": ("""SELECT count(*), count(*), coalesce(sum((SELECT places FROM terms t
                 WHERE t.carer = h.carer AND t.version = h.version AND t.begins <= :at
                 ORDER BY t.begins DESC LIMIT 1)), 0)
               FROM household h WHERE approved <= :at AND approved < :until AND ended > :at""",
            "SELECT min(begins) FROM terms"),
    "CR8": (f"""SELECT coalesce(sum(due <= :at), 0), count(*), coalesce(sum(due <= :at), 0)
                FROM duty WHERE kpi LIKE 'CR%' AND {OPEN}""",
            "SELECT min(begins) FROM owed WHERE kpi LIKE 'CR%'"),
    "PL1": ("SELECT count(*), count(*), count(*) FROM placement WHERE begins <= :at"
            " AND begins < :until AND ends > :at",
            "SELECT min(begins) FROM placement"),
    "PL2": ("""SELECT count(*), count(*), count(*) FROM placement WHERE ends >= :begin
               AND ends < :until AND ends <= :at AND ending = 'ENDING_UNPLANNED'""",
            "SELECT min(begins) FROM placement"),
    "CC3": ("""SELECT count(*), count(*), count(*) FROM complaint WHERE kind = 'COMPLAINT'
               AND received >= :begin AND received < :until AND received <= :at""",
            "SELECT min(received) FROM complaint"),
    "CC4": ("""SELECT count(*), count(*), count(*) FROM complaint WHERE kind = 'COMPLAINT'
               AND received <= :at AND received < :until AND over > :at""", "SELECT min(received) FROM complaint"),
    "CC5": ("""SELECT count(*), count(*), count(*) FROM complaint WHERE kind = 'COMPLIMENT'
               AND received >= :begin AND received < :until AND received <= :at""",
            "SELECT min(received) FROM complaint"),
    "AL2": ("SELECT count(*), count(*), count(*) FROM allegation WHERE aware <= :at"
            " AND aware < :until AND closed > :at", "SELECT min(aware) FROM allegation"),
    "AL3": ("SELECT count(*), count(*), count(*) FROM allegation WHERE aware >= :begin"
            " AND aware < :until AND aware <= :at", "SELECT min(aware) FROM allegation"),
    "NE3": ("SELECT count(*), count(*), count(*) FROM event WHERE aware <= :at AND aware < :until"
            " AND concluded > :at", "SELECT min(aware) FROM event"),
    "NE4": ("""SELECT coalesce(sum(due < :at), 0), count(*), coalesce(sum(due < :at), 0) FROM notice
               WHERE basis <> 'POLICY' AND aware <= :at AND aware < :until AND given > :at""",
            "SELECT min(aware) FROM notice WHERE basis <> 'POLICY'"),
    "NE5": ("""SELECT coalesce(sum(due < :at), 0), count(*), coalesce(sum(due < :at), 0)
               FROM sign_off WHERE asked <= :at AND asked < :until AND signed > :at""",
            "SELECT min(asked) FROM sign_off"),
}
# What is owed of a carer and has no figure of its own is in CR8 alone.
DUTIES = {"UNANNOUNCED_VISIT": "CR1", "FIRST_REVIEW": "CR2", "ANNUAL_REVIEW": "CR2",
          "AGREEMENT_RETURN": "CR3", "TRAINING_STANDARDS": "CR4", "DECISION": "CR5"}
FOREVER = 8 * 10**18


def day(text, after=0):
    """The first moment of a day in London."""
    first, following, _ = days(text)
    return start(following if after else first)


class Registers:
    def __init__(self):
        self.db = sqlite3.connect(":memory:")
        self.db.executescript(TABLES)
        self.versions = {}
        self.heard = None

    def run(self, sql, *values):
        self.db.execute(sql, values)

    def take(self, line):
        record, recorded = line["record"], line["recorded"]
        self.heard = recorded if self.heard is None else min(self.heard, recorded)
        ((name, fact),) = line["fact"].items()
        self.versions[record] = self.versions.get(record, 0) + 1
        getattr(self, name)(record, recorded, self.versions[record], fact)

    def standingChanged(self, carer, _, version, fact):
        standing = fact["standing"]
        ended = standing.get("endedDate", "")
        self.run("INSERT INTO standing VALUES (?, ?, ?, ?)", carer, version,
                 day(standing["approvedDate"]), day(ended, 1) if ended else FOREVER)
        for each in standing["terms"]:
            self.run("INSERT INTO terms VALUES (?, ?, ?, ?)", carer, version,
                     day(each["effectiveDate"]),
                     each["terms"].get("maxChildren", 0) or standing["usualLimit"])

    def dutiesChanged(self, carer, recorded, version, fact):
        for duty in fact.get("duties", []):
            kind = duty["kind"].removeprefix("DUTY_KIND_")
            self.run("INSERT INTO owed VALUES (?, ?, ?, ?, ?, ?)", DUTIES.get(kind, "CR0"), carer,
                     duty["dutyId"], moment(duty["explanation"]["triggerTime"]),
                     moment(duty["dueTime"]), version)
        for duty_id in fact.get("goneDutyIds", []):
            self.run("INSERT INTO dropped VALUES (?, ?, ?)", carer, duty_id, recorded)

    def reviewHeld(self, carer, *rest):
        self.run("INSERT INTO done VALUES (?, 'FIRST_REVIEW', ?)", carer,
                 day(rest[-1]["review"]["reviewDate"]))

    def checkRecorded(self, carer, *rest):
        self.run("INSERT INTO done VALUES (?, 'TRAINING_STANDARDS', ?)", carer,
                 day(rest[-1]["check"]["doneDate"]))

    def agreementSet(self, carer, *rest):
        agreement = rest[-1]["agreement"]
        self.run("INSERT INTO done VALUES (?, 'AGREEMENT_ISSUE', ?)", carer,
                 day(agreement["issuedDate"]))
        if "returnedDate" in agreement:
            self.run("INSERT INTO done VALUES (?, ?, ?)", carer,
                     "AGREEMENT_RETURN/" + agreement["agreementId"], day(agreement["returnedDate"]))

    def decisionMade(self, carer, *rest):
        decision = rest[-1]["decision"]
        self.run("INSERT INTO done VALUES (?, ?, ?)", carer,
                 "DECISION/" + (decision.get("recommendationId")
                                or decision["concludesDecisionId"]),
                 moment(decision["decidedTime"]))

    def eventReported(self, event, recorded, _, fact):
        self.run("INSERT INTO event VALUES (?, ?, ?)", event,
                 moment(fact["report"]["becameAwareTime"]), FOREVER)
        for sign_off in fact.get("signOffs", []):
            self.run("INSERT INTO sign_off VALUES (?, ?, ?, ?, ?)", event, sign_off["signOffId"],
                     recorded, moment(sign_off["dueTime"]), FOREVER)

    def noticesOwed(self, event, *rest):
        for notice in rest[-1]["notices"]:
            self.run("INSERT INTO notice VALUES (?, ?, ?, ?, ?, ?, ?)", event, notice["noticeId"],
                     notice.get("basis", "BASIS_UNSPECIFIED").removeprefix("BASIS_"),
                     *self.times(notice), FOREVER)

    def times(self, notice):
        return (moment(notice["explanation"]["triggerTime"]), moment(notice["inTimeUntil"]),
                moment(notice["dueTime"]))

    def dueTimesMoved(self, event, *rest):
        for notice in rest[-1]["notices"]:
            self.run("UPDATE notice SET aware = ?, limit_of_law = ?, due = ?"
                     " WHERE event = ? AND id = ?", *self.times(notice), event, notice["noticeId"])

    def noticeGiven(self, event, *rest):
        self.run("UPDATE notice SET given = ? WHERE event = ? AND id = ? AND given >= ?",
                 moment(rest[-1]["notice"]["givenTime"]), event, rest[-1]["noticeId"], FOREVER)

    def noticeReturned(self, event, *rest):
        self.run("UPDATE notice SET given = ? WHERE event = ? AND id = ?", FOREVER, event,
                 rest[-1]["noticeId"])

    def signedOff(self, event, *rest):
        self.run("UPDATE sign_off SET signed = ? WHERE event = ? AND id = ?",
                 moment(rest[-1]["signOff"]["signedTime"]), event, rest[-1]["signOff"]["signOffId"])

    def eventConcluded(self, event, *rest):
        self.run("UPDATE event SET concluded = ? WHERE id = ?",
                 moment(rest[-1]["conclusion"]["concludedTime"]), event)

    def eventWithdrawn(self, event, *_):
        """Nothing of it ever counted."""
        self.run("DELETE FROM event WHERE id = ?", event)
        self.run("DELETE FROM notice WHERE event = ?", event)
        self.run("DELETE FROM sign_off WHERE event = ?", event)

    def saferCaringReviewed(self, carer, recorded, _, fact):
        self.run("INSERT INTO plan VALUES (?, ?, ?, ?, ?)", carer, fact["reviewedDate"],
                 day(fact["reviewedDate"]), moment(fact["currentUntilTime"]), recorded)

    def saferCaringReviewWithdrawn(self, carer, *rest):
        self.run("DELETE FROM plan WHERE carer = ? AND day = ?", carer, rest[-1]["reviewedDate"])

    def placementStarted(self, *rest):
        placement = rest[-1]["placement"]
        self.run("INSERT OR REPLACE INTO placement VALUES (?, ?, ?, '')", placement["placementId"],
                 day(placement["startDate"]), FOREVER)

    placementCorrected = placementStarted

    def placementEnded(self, *rest):
        self.run("UPDATE placement SET ends = ?, ending = ? WHERE id = ?", day(rest[-1]["endDate"]),
                 rest[-1]["ending"], rest[-1]["placementId"])

    def complaintRecorded(self, complaint, _, version, fact):
        report = fact["report"]
        self.run("INSERT INTO complaint VALUES (?, ?, ?, ?)", complaint,
                 report["kind"].removeprefix("COMPLAINT_KIND_"), moment(report["receivedTime"]),
                 FOREVER)
        for duty in fact.get("duties", []):
            self.run("INSERT INTO owed VALUES ('CC1', ?, 'answer', ?, ?, ?)", complaint,
                     moment(fact["stage"]["clockStartTime"]), moment(duty["dueTime"]), version)

    def stageExtended(self, complaint, *rest):
        self.run("UPDATE owed SET due = ? WHERE record = ? AND id = 'answer'",
                 moment(rest[-1]["duty"]["dueTime"]), complaint)

    def stageAnswered(self, complaint, *rest):
        self.run("INSERT INTO done VALUES (?, 'answer', ?)", complaint,
                 moment(rest[-1]["step"]["doneTime"]))

    def complaintWithdrawn(self, complaint, *rest):
        when = moment(rest[-1]["withdrawal"]["withdrawnTime"])
        self.run("UPDATE complaint SET over = ? WHERE id = ?", when, complaint)
        self.run("INSERT INTO dropped VALUES (?, 'answer', ?)", complaint, when)

    def complaintClosed(self, complaint, _, version, fact):
        when = moment(fact["closure"]["closedTime"])
        self.run("UPDATE complaint SET over = ? WHERE id = ?", when, complaint)
        for duty in fact["duties"]:
            self.run("INSERT INTO owed VALUES ('CC2', ?, 'learning', ?, ?, ?)", complaint, when,
                     moment(duty["dueTime"]), version)

    def learningReviewClosed(self, complaint, *rest):
        self.run("INSERT INTO done VALUES (?, 'learning', ?)", complaint,
                 moment(rest[-1]["closedTime"]))

    def allegationReceived(self, allegation, *rest):
        self.run("INSERT INTO allegation VALUES (?, ?, ?)", allegation,
                 moment(rest[-1]["report"]["becameAwareTime"]), FOREVER)

    def allegationClosed(self, allegation, *rest):
        self.run("UPDATE allegation SET closed = ? WHERE id = ?",
                 moment(rest[-1]["closure"]["closedTime"]), allegation)

    def checklistOpened(self, allegation, recorded, version, fact):
        for item in fact["items"]:
            concluded = item.get("explanation", {}).get("triggerTime")
            self.run("INSERT INTO owed VALUES ('AL1', ?, ?, ?, ?, ?)", allegation,
                     item["action"]["actionId"], moment(concluded) if concluded else recorded,
                     moment(item["action"]["dueTime"]), version)

    def checklistItemClosed(self, allegation, *rest):
        action = rest[-1]["action"]
        if action["state"] == "STATE_DONE":
            self.run("INSERT INTO done VALUES (?, ?, ?)", allegation, action["actionId"],
                     moment(action["closedTime"]))
        else:
            self.run("INSERT INTO dropped VALUES (?, ?, ?)", allegation, action["actionId"],
                     moment(action["closedTime"]))

    def ask(self, sql, **values):
        return self.db.execute(sql, values).fetchone()

    def figure(self, code, period, at, now):
        begin, until = (start(each) for each in days(period)[:2])
        asked = {"kpi": code, "begin": begin, "until": until, "at": at, "now": now}
        if code == "NE2":
            return self.ask(HOURS_TO_NOTICE, **asked)
        if code in SHARES:
            numerator, of = self.ask(SHARES[code], **asked)
            known = self.ask("SELECT min(recorded) FROM plan")[0] if code == "CR9" else begin
            unknown = known is None or (code == "CR9" and (at < known or known >= until))
            return numerator, of, None if unknown or not of else 100 * numerator / of
        sql, since = COUNTS[code]
        numerator, of, value = self.ask(sql, **asked)
        known = min(self.heard, self.ask(since)[0] or FOREVER)
        return numerator, of, None if at < known or known >= until else value


def main(facts, figures):
    registers = Registers()
    with open(facts, encoding="utf-8") as lines:
        for line in lines:
            registers.take(json.loads(line))
    seen = wrong = 0
    with open(figures, encoding="utf-8") as lines:
        asked = [json.loads(line) for line in lines]
    now = max(moment(figure["knownAtTime"]) for figure in asked)
    for figure in asked:
        seen += 1
        at = moment(figure["asAtTime"])
        mine = registers.figure(figure["code"], figure["period"], at, now)
        theirs = (int(figure.get("numerator", 0)), int(figure.get("denominator", 0)),
                  figure.get("value"))
        same = mine[:2] == theirs[:2] and (mine[2] is None) == (theirs[2] is None) and (
            mine[2] is None or abs(mine[2] - theirs[2]) < 1e-9)
        if not same:
            wrong += 1
            print(f"{figure['code']} {figure['period']}: {theirs}, but {mine} by the registers")
    print(f"{seen} figures, {wrong} faults")
    return 1 if wrong or not seen else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
