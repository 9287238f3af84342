// What facts cost on their way into figures, and figures to ask for, on a database of its own:
//
//   fosterwatch_bench_kpis FACTS RAW_FACTS [filled]
//
// - raw: the same bytes parsed and inserted, many in a statement, into a table of one column;
// - in: each fact a unit of work, as the consumer has it;
// - rebuild: all of them again, as `fosterwatch rebuild kpis` takes them, with the memory that it
//   had at each tenth;
//   filled: instead, the rows that they leave by one statement for each table, which is quicker;
// - page: the fostering set with three months before, one call after the other;
// - chart: 36 months of the children placed; behind: what is behind that figure, its first page.
//
// FOSTERWATCH_TEST_POSTGRES names a server, FOSTERWATCH_SHARE_DIR the definitions.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

#include "fosterwatch/kpis/v1/kpi_facts.pb.h"
#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/ledger/merge.h"
#include "libs/testing/database.h"
#include "services/kpis/app.h"
#include "services/kpis/catalogue_files.h"
#include "services/kpis/module.h"
#include "services/kpis/observations.h"
#include "services/kpis/tallies.h"

namespace fosterwatch::kpis {
namespace {

constexpr int kBatch = 500;
constexpr int kPages = 300;
constexpr int kWaiting = 1000;
constexpr char kTopic[] = "fosterwatch.placements.v1";
constexpr char kAgency[] = "northern";

// A child comes to a carer on some day of the ten years until today, and leaves again; where that
// is to come, the second fact says once more what is known.
bus::Record RecordOf(int64_t number, absl::Time begin) {
  placements::v1::PlacementsFact fact;
  const int64_t child = number / 2;
  const std::string id = absl::StrCat("P-", child);
  static const absl::CivilDay today(absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()));
  const absl::CivilDay came = today - 3599 + child % 3600, left = came + 5 + child % 90;
  if (number % 2 == 0 || left > today) {
    auto& placement = number % 2 == 0 ? *fact.mutable_placement_started()->mutable_placement()
                                      : *fact.mutable_placement_corrected()->mutable_placement();
    placement.set_placement_id(id);
    placement.set_kind(child % 3 == 0 ? "LONG_TERM" : "SHORT_TERM");
    placement.set_start_date(absl::FormatCivilTime(came));
  } else {
    auto& ended = *fact.mutable_placement_ended();
    ended.set_placement_id(id);
    ended.set_end_date(absl::FormatCivilTime(left));
    ended.set_ending(child % 7 == 0 ? placements::v1::ENDING_UNPLANNED
                                    : placements::v1::ENDING_PLANNED);
  }
  bus::Record record;
  record.topic = kTopic;
  const std::string aggregate = absl::StrCat("C-", child);
  record.key = absl::StrCat(kAgency, "/", aggregate);
  record.value = fact.SerializeAsString();
  record.headers = {
      {"ce_id", absl::StrCat("fact-", number)},
      {"ce_agencyid", kAgency},
      {"ce_subject", aggregate},
      {"ce_sequence", absl::StrFormat("%010d", number % 2 + 1)},
      {"ce_type", "fosterwatch.placements.v1.fact"},
      {"ce_time", absl::FormatTime(absl::RFC3339_full, begin + absl::Milliseconds(number),
                                   absl::UTCTimeZone())}};
  return record;
}

double Megabytes() {
  std::ifstream status("/proc/self/statm");
  double pages = 0, resident = 0;
  status >> pages >> resident;
  return resident * 4096 / 1e6;
}

void Print(const char* what, int64_t count, absl::Duration took) {
  std::printf("%-8s %9lld in %8.1f s: %9.0f a second\n", what, static_cast<long long>(count),
              absl::ToDoubleSeconds(took),
              static_cast<double>(count) / absl::ToDoubleSeconds(took));
  std::fflush(stdout);
}

void Need(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

class Bench {
 public:
  Bench() : database_("fosterwatch_kpis", MakeModule()->migrations()) {
    ledger::Ledger::Options options;
    options.conninfo = database_.service();
    options.relay_conninfo = database_.relay();
    options.fact = &fact_;
    options.aggregates = Aggregates();
    ledger_ =
        *ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(std::string(64, 'a')));
    auto catalogue = ReadCatalogue(std::string(std::getenv("FOSTERWATCH_SHARE_DIR")) + "/kpis");
    Need(catalogue.status());
    Need(KeepTallies(database_.relay(), *catalogue));
    app_ = std::make_unique<App>(ledger_.get(), *std::move(catalogue), [] { return absl::Now(); });
  }

  void Raw(int64_t count) {
    auto connection = testing::Connect(database_.admin());
    Need(connection->Script("CREATE TABLE public.raw (bytes bytea NOT NULL)"));
    const absl::Time begun = absl::Now();
    for (int64_t number = 0; number < count; number += kBatch) {
      pg::BytesArray rows;
      for (int64_t i = number; i < std::min(count, number + kBatch); ++i) {
        const bus::Record record = RecordOf(i, begin_);
        placements::v1::PlacementsFact fact;
        if (!fact.ParseFromString(record.value)) std::exit(1);
        rows.push_back(pg::Bytes{record.value});
      }
      Need(connection->Query("INSERT INTO public.raw SELECT unnest($1)", {rows}).status());
    }
    Print("raw", count, absl::Now() - begun);
  }

  void In(int64_t count) {
    const absl::Time begun = absl::Now();
    absl::Mutex mutex;
    int64_t waiting = 0;
    for (int64_t number = 0; number < count; ++number) {
      auto unit = app_->Observe(RecordOf(number, begin_));
      Need(unit.status());
      (*unit)->done = [&](const absl::StatusOr<ledger::Outcome>& outcome) {
        Need(outcome.status());
        absl::MutexLock lock(&mutex);
        --waiting;
      };
      {
        absl::MutexLock lock(&mutex);
        const auto room = [&waiting] { return waiting < kWaiting; };
        mutex.Await(absl::Condition(&room));
        ++waiting;
      }
      ledger_->Submit(**std::move(unit));
    }
    absl::MutexLock lock(&mutex);
    const auto none = [&waiting] { return waiting == 0; };
    mutex.Await(absl::Condition(&none));
    Print("in", count, absl::Now() - begun);
  }

  void Rebuild(int64_t count) {
    auto connection = pg::Connection::Open(database_.relay());
    Need(connection.status());
    const absl::Time begun = absl::Now();
    std::string memory;
    Need(pg::Transact(**connection, [&](pg::Connection& tx) -> absl::Status {
      Need(HoldTallies(tx));
      Need(tx.Pipeline(Emptied()).status());
      for (int64_t number = 0; number < count; number += kBatch) {
        ledger::Statements statements;
        for (int64_t i = number; i < std::min(count, number + kBatch); ++i) {
          auto observed = ObserveRecord(app_->catalogue(), RecordOf(i, begin_), Taking::kAlone);
          Need(observed.status());
          for (pg::Statement& statement : (*observed)->statements) {
            statements.push_back(std::move(statement));
          }
        }
        Need(tx.Pipeline(ledger::Merged(std::move(statements))).status());
        if ((number / kBatch + 1) % std::max<int64_t>(1, count / kBatch / 10) == 0) {
          absl::StrAppendFormat(&memory, " %.0f", Megabytes());
        }
      }
      const absl::Time taken = absl::Now();
      Need(RemakeTallies(tx));
      std::printf("         of it tallies %.1f s\n", absl::ToDoubleSeconds(absl::Now() - taken));
      return absl::OkStatus();
    }));
    Print("rebuild", count, absl::Now() - begun);
    std::printf("         MB at each tenth:%s\n", memory.c_str());
    Need(testing::Connect(database_.admin())
             ->Script("ANALYZE view.span; ANALYZE view.observation; ANALYZE view.tally"));
  }

  void Fill(int64_t count) {
    const absl::Time begun = absl::Now();
    const auto admin = testing::Connect(database_.admin());
    Need(admin->Script(absl::StrCat(
        "SET synchronous_commit = off;"
        "CREATE TEMP TABLE placed AS SELECT n, (began::timestamp AT TIME ZONE 'Europe/London') AS"
        " began, CASE WHEN began + 5 + n % 90 <= current_date THEN ((began + 5 + n % 90)::timestamp"
        " AT TIME ZONE 'Europe/London') END AS ended, jsonb_build_object('code', '', 'kind',"
        " CASE WHEN n % 3 = 0 THEN 'LONG_TERM' ELSE 'SHORT_TERM' END) AS said,"
        " jsonb_build_object('ending', CASE WHEN n % 7 = 0 THEN 'ENDING_UNPLANNED'"
        " ELSE 'ENDING_PLANNED' END) AS ending FROM (SELECT n, current_date - 3599 + n % 3600 AS"
        " began FROM generate_series(0, ",
        count / 2 - 1, ") AS n) AS child;")));
    Need(admin->Script(
        "INSERT INTO view.observation SELECT 'northern', 'placement', 'C-' || n, version, 'fact-' "
        "||"
        " 2 * n + version, 0, CASE WHEN version = 1 OR ended IS NULL THEN 'begins' ELSE 'ends' END,"
        " 'P-' || n, '', CASE WHEN version = 1 THEN began ELSE coalesce(ended, began) END, NULL,"
        " CASE WHEN version = 1 OR ended IS NULL THEN said ELSE ending END, NULL, '',"
        " now() - interval '1 day' + n * interval '1 microsecond'"
        " FROM placed, (VALUES (1), (2)) AS of (version);"
        "INSERT INTO view.span (agency_id, stream, key, aggregate_id, begin_at, begin_fact_id,"
        " end_at, end_fact_id, attributes, begin_recorded_at, end_recorded_at)"
        " SELECT 'northern', 'placement', 'P-' || n, 'C-' || n, began, 'fact-' || 2 * n + 1, ended,"
        " CASE WHEN ended IS NULL THEN '' ELSE 'fact-' || 2 * n + 2 END,"
        " CASE WHEN ended IS NULL THEN said ELSE said || ending END, now(),"
        " CASE WHEN ended IS NOT NULL THEN now() END FROM placed; DROP TABLE placed"));
    Print("filled", count, absl::Now() - begun);
    const absl::Time tallied = absl::Now();
    Need(
        admin->Script("SET jit = off; SELECT view.tally_all();"
                      "ANALYZE view.span; ANALYZE view.observation; ANALYZE view.tally"));
    std::printf("         tallies %.1f s\n", absl::ToDoubleSeconds(absl::Now() - tallied));
    std::fflush(stdout);
  }

  void Pages() {
    v1::ListKpisRequest page;
    page.set_set("fostering");
    page.set_history_months(3);
    Time("page", kPages, [&] { return app_->ListKpis(kAgency, page).status(); });
    v1::GetSeriesRequest chart;
    chart.set_code("PL1");
    chart.set_periods(36);
    Time("chart", kPages, [&] { return app_->GetSeries(kAgency, chart).status(); });
    v1::ExplainKpiRequest behind;
    behind.set_code("PL1");
    behind.set_page_size(100);
    Time("behind", kPages / 10, [&] { return app_->ExplainKpi(kAgency, behind).status(); });
  }

 private:
  static void Time(const char* what, int count, const std::function<absl::Status()>& ask) {
    std::vector<double> took;
    for (int i = 0; i < count; ++i) {
      const absl::Time begun = absl::Now();
      Need(ask());
      took.push_back(absl::ToDoubleMilliseconds(absl::Now() - begun));
    }
    std::sort(took.begin(), took.end());
    std::printf("%-8s p50 %.1f ms, p99 %.1f ms, of %d\n", what, took[took.size() / 2],
                took[took.size() * 99 / 100], count);
    std::fflush(stdout);
  }

  const absl::Time begin_ = absl::Now() - absl::Hours(24);
  const v1::KpiFact fact_;
  testing::Database database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<App> app_;
};

}  // namespace
}  // namespace fosterwatch::kpis

int main(int argc, char** argv) {
  int64_t facts = 0, raw = 0;
  const bool filled = argc == 4 && std::string(argv[3]) == "filled";
  if ((argc != 3 && !filled) || !absl::SimpleAtoi(argv[1], &facts) ||
      !absl::SimpleAtoi(argv[2], &raw) || facts < 1000 || raw < 1000) {
    std::fprintf(stderr, "usage: fosterwatch_bench_kpis FACTS RAW_FACTS [filled]\n");
    return 2;
  }
  fosterwatch::kpis::Bench bench;
  if (filled) {
    bench.Fill(facts);
  } else {
    bench.Raw(raw);
    bench.In(raw);
    bench.Rebuild(facts);
  }
  bench.Pages();
  return 0;
}
