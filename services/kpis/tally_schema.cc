// What each element adds to which day and month of which figure, kept with the elements.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "libs/ledger/ledger.h"
#include "services/kpis/tallies.h"

namespace fosterwatch::kpis {
namespace {

// reference.tally_rule says of the catalogue in force what is counted (tallies.cc); of no agency.
constexpr char kTables[] = R"sql(
CREATE TABLE reference.tally_rule (stream text, code text, measure text NOT NULL,
  due_exclusive boolean NOT NULL, conditions jsonpath NOT NULL,
  numerator_conditions jsonpath NOT NULL, group_by text NOT NULL, PRIMARY KEY (stream, code));
CREATE TABLE reference.tally_rules (version text NOT NULL);
GRANT SELECT ON reference.tally_rule, reference.tally_rules TO {role};
GRANT SELECT, INSERT, DELETE ON reference.tally_rule, reference.tally_rules TO {role}_relay;

CREATE TABLE view.tally (agency_id text, unit text, first date, code text, share text,
  numerator bigint NOT NULL, denominator bigint NOT NULL, sum bigint NOT NULL,
  PRIMARY KEY (agency_id, unit, first, code, share));
CREATE TYPE view.tally_entry AS (agency_id text, code text, day date, share text, numerator bigint,
  denominator bigint, sum bigint);
CREATE INDEX span_due ON view.span (agency_id, stream, due_at) WHERE due_at IS NOT NULL;
)sql";

constexpr char kDay[] = R"sql(
CREATE FUNCTION view.london_day(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT (at AT TIME ZONE 'Europe/London')::date
$$;
)sql";

// What an element adds by one rule. Of a measure of what stands at a moment the sum of the days
// before one is what stands at its first moment, so an element adds 1 on the day of its beginning
// and takes it off on that of its end, and nothing where it never stood at the end of a day: an end
// at midnight is of the day that is over, and so is a due time that is too late by itself. Of a
// measure of what was done or due in a period it adds 1 on that day; what began only after the
// month is no part of it (domain/figure.cc).
constexpr char kTallied[] = R"sql(
CREATE FUNCTION view.tallied(s view.span, r reference.tally_rule)
RETURNS TABLE (day date, numerator bigint, denominator bigint, sum bigint)
LANGUAGE sql STABLE AS $$
  SELECT entry.day, entry.numerator, entry.denominator, entry.sum
  FROM (SELECT view.london_day(s.begin_at) AS begun,
      view.london_day(s.end_at) AS ended,
      view.london_day(s.end_at - interval '1 microsecond') AS closed,
      view.london_day(CASE WHEN r.due_exclusive THEN s.due_at - interval '1 microsecond'
        ELSE s.due_at END) AS due,
      coalesce(CASE WHEN r.due_exclusive THEN s.end_at < s.due_at ELSE s.end_at <= s.due_at END,
        false) AS in_time
    OFFSET 0) AS of
  CROSS JOIN LATERAL (SELECT
      CASE r.measure
      WHEN 'MEASURE_RATIO_IN_TIME' THEN CASE WHEN NOT (in_time AND s.lapsed)
        AND begun < date_trunc('month', due::timestamp) + interval '1 month' THEN due END
      WHEN 'MEASURE_SHARE_IN_ORDER' THEN CASE WHEN due IS NOT NULL THEN begun END
      WHEN 'MEASURE_ENDED_COUNT' THEN CASE WHEN NOT s.lapsed
        AND begun < date_trunc('month', ended::timestamp) + interval '1 month' THEN ended END
      WHEN 'MEASURE_SHARE_OF_ENDED' THEN CASE WHEN NOT s.lapsed
        AND begun < date_trunc('month', ended::timestamp) + interval '1 month' THEN ended END
      ELSE begun END AS day,
      CASE WHEN r.measure IN ('MEASURE_OPEN_COUNT', 'MEASURE_OVERDUE_COUNT',
        'MEASURE_SHARE_IN_ORDER', 'MEASURE_SUM_OPEN') THEN closed END AS until
    OFFSET 0) AS whole
  CROSS JOIN LATERAL (SELECT
      CASE r.measure
      WHEN 'MEASURE_RATIO_IN_TIME' THEN CASE WHEN in_time THEN day END
      WHEN 'MEASURE_SHARE_OF_ENDED' THEN
        CASE WHEN jsonb_path_match(s.attributes, r.numerator_conditions) THEN day END
      WHEN 'MEASURE_OVERDUE_COUNT' THEN CASE WHEN due IS NOT NULL THEN greatest(day, due) END
      WHEN 'MEASURE_SUM_OPEN' THEN CASE WHEN s.value IS NOT NULL THEN day END
      ELSE day END AS part_day,
      CASE WHEN r.measure = 'MEASURE_SHARE_IN_ORDER' THEN least(until, due)
        ELSE until END AS part_until,
      CASE WHEN r.measure = 'MEASURE_SUM_OPEN' THEN coalesce(s.value, 0) ELSE 0 END AS value
    OFFSET 0) AS part
  CROSS JOIN LATERAL (VALUES
      (CASE WHEN until IS NULL OR day < until THEN day END, 0::bigint, 1::bigint, 0::bigint),
      (CASE WHEN day < until THEN until END, 0, -1, 0),
      (CASE WHEN part_until IS NULL OR part_day < part_until THEN part_day END, 1, 0, value),
      (CASE WHEN part_day < part_until THEN part_until END, -1, 0, -value)
    ) AS entry (day, numerator, denominator, sum)
  WHERE entry.day IS NOT NULL
$$;
)sql";

// view.take_observations, and what it changed for the days. Observations of one agency are taken by
// one transaction at a time: what a record adds before and after is read in between. Whoever makes
// the tallies anew keeps all of them waiting.
constexpr char kTake[] = R"sql(
CREATE FUNCTION view.added(agencies text[], streams text[], records text[])
RETURNS SETOF view.tally_entry LANGUAGE sql STABLE AS $$
  SELECT (s).agency_id, r.code, entry.day,
    coalesce((s).attributes ->> nullif(r.group_by, ''), ''), entry.numerator, entry.denominator,
    entry.sum
  FROM (SELECT DISTINCT * FROM unnest(agencies, streams, records) AS t (agency_id, stream, record))
    AS touched
  -- In the order of the key, so that it is by the key also in a plan that was made when the table
  -- was empty and every index looked alike.
  CROSS JOIN LATERAL (SELECT span AS s FROM view.span AS span
    WHERE span.agency_id = touched.agency_id AND span.stream = touched.stream
      AND span.aggregate_id = touched.record ORDER BY span.key OFFSET 0) AS element
  JOIN reference.tally_rule r ON r.stream = touched.stream
  CROSS JOIN LATERAL view.tallied(s, r) AS entry
  WHERE (s).begin_at IS NOT NULL AND jsonb_path_match((s).attributes, r.conditions)
$$;

CREATE FUNCTION view.take_tallied(
  agencies text[], streams text[], chainings bigint[], records text[], versions bigint[],
  facts text[], places bigint[], kinds text[], keys text[], chains text[], times timestamptz[],
  dues timestamptz[], sayings text[], numbers bigint[], explanations bytea[],
  recorded timestamptz[]) RETURNS void LANGUAGE plpgsql SET enable_memoize = off AS $$
DECLARE
  before view.tally_entry[];
  nothing view.tally[];
  n view.tally;
BEGIN
  PERFORM pg_advisory_xact_lock_shared({lock});
  PERFORM pg_advisory_xact_lock({space}, hashtext(id))
    FROM (SELECT DISTINCT unnest(agencies) AS id ORDER BY 1) AS agency;
  before := ARRAY(SELECT a::view.tally_entry FROM view.added(agencies, streams, records) AS a);
  PERFORM view.take_observations(agencies, streams, chainings, records, versions, facts, places,
    kinds, keys, chains, times, dues, sayings, numbers, explanations, recorded);
  WITH changed AS (
    INSERT INTO view.tally AS t (agency_id, unit, first, code, share, numerator, denominator, sum)
    SELECT agency_id, unit, first, code, share, sum(sign * numerator), sum(sign * denominator),
      sum(sign * sum)
    FROM (SELECT -1 AS sign, b.* FROM unnest(before) AS b
      UNION ALL SELECT 1, a.* FROM view.added(agencies, streams, records) AS a) AS entry
    CROSS JOIN LATERAL (VALUES ('day', day), ('month', date_trunc('month', day::timestamp)::date))
      AS unit (unit, first)
    GROUP BY agency_id, unit, first, code, share
    HAVING sum(sign * numerator) <> 0 OR sum(sign * denominator) <> 0 OR sum(sign * sum) <> 0
    ORDER BY agency_id, unit, first, code, share
    ON CONFLICT (agency_id, unit, first, code, share) DO UPDATE SET
      numerator = t.numerator + excluded.numerator,
      denominator = t.denominator + excluded.denominator, sum = t.sum + excluded.sum
    RETURNING t.*)
  SELECT array_agg(changed::view.tally) INTO nothing FROM changed
  WHERE (numerator, denominator, sum) = (0, 0, 0);
  -- One by one, each by its key: a plan for all of them was made when there were few.
  FOREACH n IN ARRAY coalesce(nothing, '{}') LOOP
    DELETE FROM view.tally AS t WHERE t.agency_id = n.agency_id AND t.unit = n.unit
      AND t.first = n.first AND t.code = n.code AND t.share = n.share;
  END LOOP;
END $$;

CREATE FUNCTION view.tally_all() RETURNS void LANGUAGE sql SET enable_memoize = off AS $$
  DELETE FROM view.tally;
  INSERT INTO view.tally (agency_id, unit, first, code, share, numerator, denominator, sum)
  SELECT s.agency_id, 'day', entry.day, r.code,
    coalesce(s.attributes ->> nullif(r.group_by, ''), ''), sum(entry.numerator),
    sum(entry.denominator), sum(entry.sum)
  FROM view.span s JOIN reference.tally_rule r ON r.stream = s.stream
  CROSS JOIN LATERAL view.tallied(s, r) AS entry
  WHERE s.begin_at IS NOT NULL AND jsonb_path_match(s.attributes, r.conditions)
  GROUP BY 1, 3, 4, 5
  HAVING (sum(entry.numerator), sum(entry.denominator), sum(entry.sum)) <> (0, 0, 0);
  INSERT INTO view.tally (agency_id, unit, first, code, share, numerator, denominator, sum)
  SELECT agency_id, 'month', date_trunc('month', first::timestamp)::date, code, share,
    sum(numerator), sum(denominator), sum(sum)
  FROM view.tally WHERE unit = 'day' GROUP BY 1, 3, 4, 5
  HAVING (sum(numerator), sum(denominator), sum(sum)) <> (0, 0, 0)
$$;
)sql";

}  // namespace

std::string TallySql(const std::string& role) {
  return absl::StrCat(absl::StrReplaceAll(kTables, {{"{role}", role}}),
                      ledger::ViewRights("view.tally", role), kDay, kTallied,
                      absl::StrReplaceAll(kTake, {{"{lock}", absl::StrCat(kTallyLock)},
                                                  {"{space}", absl::StrCat(kTallySpace)}}));
}

}  // namespace fosterwatch::kpis
