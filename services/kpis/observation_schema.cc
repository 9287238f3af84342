// The tables of observations and elements, as migrations. What they hold by now follows from all of
// them in order.
#include "absl/strings/str_cat.h"

#include "libs/ledger/ledger.h"
#include "services/kpis/observations.h"

namespace fosterwatch::kpis {
namespace {

constexpr char kSpan[] =
    "CREATE TABLE view.span (agency_id text, stream text, key text, aggregate_id text NOT NULL,"
    " begin_at timestamptz, due_at timestamptz, begin_fact_id text NOT NULL DEFAULT '',"
    " end_at timestamptz, end_fact_id text NOT NULL DEFAULT '',"
    " PRIMARY KEY (agency_id, stream, key));"
    "CREATE INDEX span_open ON view.span (agency_id, stream, begin_at) WHERE end_at IS NULL;"
    "CREATE INDEX span_ended ON view.span (agency_id, stream, end_at);";

// What was reported from outside, by the month: a correction is a later row, and one without
// numerator, denominator and value takes the figure back.
constexpr char kReported[] =
    "CREATE TABLE view.imported_figure (agency_id text, code text, period text,"
    " numerator double precision, denominator double precision, value double precision,"
    " fact_id text, recorded_at timestamptz NOT NULL,"
    " PRIMARY KEY (agency_id, code, period, fact_id));";

// Observations are kept beside the elements that follow from them, so that what was known at any
// moment can be asked for; a key is its record's own.
constexpr char kObservation[] =
    "ALTER TABLE view.span ADD COLUMN chain text NOT NULL DEFAULT '',"
    " ADD COLUMN lapsed boolean NOT NULL DEFAULT false,"
    " ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}', ADD COLUMN value bigint,"
    " ADD COLUMN begin_recorded_at timestamptz, ADD COLUMN end_recorded_at timestamptz,"
    " DROP CONSTRAINT span_pkey, ADD PRIMARY KEY (agency_id, stream, aggregate_id, key);"
    "DROP INDEX view.span_of_record;"
    "CREATE TABLE view.observation (agency_id text, stream text, aggregate_id text, version bigint,"
    " fact_id text, place bigint, kind text NOT NULL, key text NOT NULL, chain text NOT NULL,"
    " at timestamptz NOT NULL, due_at timestamptz, attributes jsonb NOT NULL, value bigint,"
    " explanation bytea NOT NULL, recorded_at timestamptz NOT NULL,"
    " PRIMARY KEY (agency_id, stream, aggregate_id, version, place, fact_id));";

// Takes observations in the order in which they are given, each once. It does one after the other
// what domain/fold.h says of all of them, and its names are those of that file.
constexpr char kTake[] = R"sql(
CREATE FUNCTION view.take_observations(
  agencies text[], streams text[], chainings bigint[], records text[], versions bigint[],
  facts text[], places bigint[], kinds text[], keys text[], chains text[], times timestamptz[],
  dues timestamptz[], sayings text[], numbers bigint[], explanations bytea[],
  recorded timestamptz[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  o record;
  n record;
BEGIN
  FOR o IN
    SELECT agency_id, stream, chained = 1 AS chained, record, version, fact_id, place, kind, key,
      chain, at, NULLIF(due_at, 'infinity') AS due_at, said::jsonb AS attributes,
      NULLIF(number, -9223372036854775808) AS value, explanation, recorded_at
    FROM unnest(agencies, streams, chainings, records, versions, facts, places, kinds, keys, chains,
      times, dues, sayings, numbers, explanations, recorded) WITH ORDINALITY
      AS given (agency_id, stream, chained, record, version, fact_id, place, kind, key, chain, at,
        due_at, said, number, explanation, recorded_at, turn)
    ORDER BY turn
  LOOP
    INSERT INTO view.observation VALUES (o.agency_id, o.stream, o.record, o.version, o.fact_id,
      o.place, o.kind, o.key, o.chain, o.at, o.due_at, o.attributes, o.value, o.explanation,
      o.recorded_at) ON CONFLICT DO NOTHING;
    CONTINUE WHEN NOT FOUND;
    CASE o.kind
    WHEN 'resets' THEN
      DELETE FROM view.span s WHERE s.agency_id = o.agency_id AND s.stream = o.stream
        AND s.aggregate_id = o.record
        AND CASE WHEN o.key = '' THEN o.chain IN ('', s.chain) ELSE s.key = o.key END;
    WHEN 'begins' THEN
      INSERT INTO view.span AS s (agency_id, stream, aggregate_id, key, begin_at, due_at, chain,
        attributes, value, begin_fact_id, begin_recorded_at)
      VALUES (o.agency_id, o.stream, o.record, o.key, o.at, o.due_at, o.chain, o.attributes,
        o.value, o.fact_id, o.recorded_at)
      ON CONFLICT (agency_id, stream, aggregate_id, key) DO UPDATE SET begin_at = excluded.begin_at,
        due_at = excluded.due_at, chain = excluded.chain,
        attributes = s.attributes || excluded.attributes, value = excluded.value,
        begin_fact_id = excluded.begin_fact_id, begin_recorded_at = excluded.begin_recorded_at;
      IF o.chained THEN
        UPDATE view.span s SET end_at = o.at, end_fact_id = o.fact_id,
          end_recorded_at = o.recorded_at, lapsed = false
        WHERE s.agency_id = o.agency_id AND s.stream = o.stream AND s.aggregate_id = o.record
          AND s.chain = o.chain AND s.key <> o.key AND s.begin_at < o.at
          AND (s.end_at IS NULL OR s.end_at > o.at);
        SELECT s.begin_at, s.begin_fact_id, s.begin_recorded_at INTO n FROM view.span s
        WHERE s.agency_id = o.agency_id AND s.stream = o.stream AND s.aggregate_id = o.record
          AND s.chain = o.chain AND s.key <> o.key AND s.begin_at > o.at
        ORDER BY s.begin_at, s.key COLLATE "C" LIMIT 1;
        IF FOUND THEN
          UPDATE view.span s SET end_at = n.begin_at, end_fact_id = n.begin_fact_id,
            end_recorded_at = n.begin_recorded_at, lapsed = false
          WHERE s.agency_id = o.agency_id AND s.stream = o.stream AND s.aggregate_id = o.record
            AND s.key = o.key AND (s.end_at IS NULL OR s.end_at > n.begin_at);
        END IF;
      END IF;
    WHEN 'moves' THEN
      UPDATE view.span s SET due_at = o.due_at
      WHERE s.agency_id = o.agency_id AND s.stream = o.stream AND s.aggregate_id = o.record
        AND s.key = o.key;
    WHEN 'reopens' THEN
      INSERT INTO view.span AS s (agency_id, stream, aggregate_id, key)
      VALUES (o.agency_id, o.stream, o.record, o.key)
      ON CONFLICT (agency_id, stream, aggregate_id, key) DO UPDATE SET end_at = NULL,
        end_fact_id = '', end_recorded_at = NULL, lapsed = false;
    ELSE
      IF o.key <> '' THEN
        INSERT INTO view.span AS s (agency_id, stream, aggregate_id, key, end_at, end_fact_id,
          end_recorded_at, lapsed, attributes)
        VALUES (o.agency_id, o.stream, o.record, o.key, o.at, o.fact_id, o.recorded_at,
          o.kind = 'lapses', o.attributes)
        ON CONFLICT (agency_id, stream, aggregate_id, key) DO UPDATE SET end_at = excluded.end_at,
          end_fact_id = excluded.end_fact_id, end_recorded_at = excluded.end_recorded_at,
          lapsed = excluded.lapsed, attributes = s.attributes || excluded.attributes
        WHERE s.end_at IS NULL OR (s.lapsed AND o.kind = 'ends');
      ELSE
        UPDATE view.span s SET end_at = o.at, end_fact_id = o.fact_id,
          end_recorded_at = o.recorded_at, lapsed = o.kind = 'lapses',
          attributes = s.attributes || o.attributes
        WHERE s.agency_id = o.agency_id AND s.stream = o.stream AND s.aggregate_id = o.record
          AND o.chain IN ('', s.chain) AND s.begin_at <= o.at AND s.end_at IS NULL;
      END IF;
    END CASE;
  END LOOP;
END $$;
)sql";

}  // namespace

std::vector<pg::Migration> ObservationMigrations(const std::string& role) {
  return {
      {"kpis_0001", absl::StrCat(kSpan, ledger::ViewRights("view.span", role))},
      // What has not ended has no place in an index of ends; most of what begins has not.
      {"kpis_0002",
       "DROP INDEX view.span_ended;"
       "CREATE INDEX span_ended ON view.span (agency_id, stream, end_at)"
       " WHERE end_at IS NOT NULL;"},
      {"kpis_0003", "CREATE INDEX span_of_record ON view.span (agency_id, aggregate_id);"},
      {"kpis_0004", absl::StrCat(kReported, ledger::ViewRights("view.imported_figure", role))},
      {"kpis_0005",
       absl::StrCat(kObservation, ledger::ViewRights("view.observation", role),
                    // Only a rebuild takes observations away, and nothing changes one.
                    "REVOKE UPDATE ON view.observation FROM ", role, ", ", role, "_relay;",
                    "REVOKE DELETE ON view.observation FROM ", role, ";", kTake)},
      // Since when an agency is on record, and since when each stream of it.
      {"kpis_0006",
       "CREATE INDEX observation_recorded ON view.observation (agency_id, recorded_at);"
       "CREATE INDEX span_begun ON view.span (agency_id, stream, begin_at);"},
  };
}

}  // namespace fosterwatch::kpis
