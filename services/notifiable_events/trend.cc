#include "services/notifiable_events/trend.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifiable_events {
namespace {

constexpr int kMonths = 12;
using v1::GetTrendRequest;

absl::StatusOr<absl::CivilMonth> LastMonth(const GetTrendRequest& request, absl::Time now) {
  const absl::CivilMonth present = absl::ToCivilMonth(now, clock::London());
  const std::string& text = request.until_month();
  if (text.empty()) return present;
  int year = 0, month = 0;
  const bool shaped =
      text.size() == 7 && text[4] == '-' && std::all_of(text.begin(), text.end(), [](char c) {
        return c == '-' || absl::ascii_isdigit(static_cast<unsigned char>(c));
      });
  if (!shaped || !absl::SimpleAtoi(text.substr(0, 4), &year) ||
      !absl::SimpleAtoi(text.substr(5), &month) || year < 1990 || month < 1 || month > 12) {
    return InvalidField("until_month", "INVALID_MONTH", "is no month such as 2026-11");
  }
  const absl::CivilMonth last(year, month);
  if (last > present) return InvalidField("until_month", "IN_THE_FUTURE", "is in the future");
  return last;
}

// What a row is counted under; of these three the grouping leaves the others out.
using Key = std::tuple<int64_t, std::string, std::string>;  // kind, carer, child

// Each a list of keys' columns for every event of the months.
std::string ColumnsOf(GetTrendRequest::GroupBy group_by) {
  switch (group_by) {
    case GetTrendRequest::GROUP_BY_KIND:
      return "kind::bigint, '', ''";
    case GetTrendRequest::GROUP_BY_CARER:
      return "0::bigint, coalesce(nullif(carer_id, ''), placed_with, ''), ''";
    default:
      return "0::bigint, coalesce(placed_with, ''),"
             " CASE WHEN placed_with IS NULL THEN '' ELSE child_id END";
  }
}

}  // namespace

std::string PlacedSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE view.placed (agency_id text, event_id text, placed_with text NOT NULL,"
      " PRIMARY KEY (agency_id, event_id));",
      ledger::ViewRights(kPlacedTable, role),
      "CREATE INDEX event_happened ON view.event (agency_id, occurred_at);");
}

void ProjectPlaced(const v1::NotifiableEvent& event, const ledger::FactStamp& last,
                   ledger::Statements& statements) {
  if (event.placed_with_carer_id().empty()) return;
  statements.push_back(
      {"INSERT INTO view.placed SELECT agency_id, event_id, placed_with"
       " FROM unnest($1, $2, $3) AS rows (agency_id, event_id, placed_with)"
       " ON CONFLICT (agency_id, event_id) DO NOTHING",
       {pg::TextArray{last.agency_id}, pg::TextArray{event.event_id()},
        pg::TextArray{event.placed_with_carer_id()}}});
}

absl::StatusOr<v1::Trend> GetTrend(ledger::Ledger& ledger, const std::string& agency_id,
                                   const GetTrendRequest& request, absl::Time now) {
  ASSIGN_OR_RETURN(const absl::CivilMonth last, LastMonth(request, now));
  if (request.group_by() == GetTrendRequest::GROUP_BY_UNSPECIFIED ||
      !GetTrendRequest::GroupBy_IsValid(request.group_by())) {
    return InvalidField("group_by", "REQUIRED", "is required: kind, carer or placement");
  }
  const absl::CivilMonth first = last - (kMonths - 1);
  const auto begin = [](absl::CivilMonth month) {
    return absl::FromCivil(absl::CivilSecond(month), clock::London());
  };
  const pg::Values window = {agency_id, begin(first), begin(last + 1),
                             int64_t{v1::NotifiableEvent::STATE_WITHDRAWN}};
  constexpr char kMonth[] = "to_char(occurred_at AT TIME ZONE 'Europe/London', 'YYYY-MM') AS month";
  const std::string events =
      absl::StrCat("(SELECT event.*, placed_with, ", kMonth,
                   " FROM view.event AS event LEFT JOIN view.placed USING (agency_id, event_id)"
                   " WHERE agency_id = $1 AND occurred_at >= $2 AND occurred_at < $3 AND state <> "
                   "$4) AS happened");
  const bool by_kind = request.group_by() == GetTrendRequest::GROUP_BY_KIND;
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(
          agency_id,
          {{absl::StrCat("SELECT month, count(*) FROM ", events, " GROUP BY month"), window},
           {absl::StrCat("SELECT month, ", ColumnsOf(request.group_by()), ", count(*) FROM ",
                         events, by_kind ? ", unnest(kinds) AS kind" : "", " GROUP BY 1, 2, 3, 4"),
            window}}));
  v1::Trend trend;
  *trend.mutable_as_at_time() = clock::ToProto(now);
  std::map<std::string, int> index;
  for (absl::CivilMonth month = first; month <= last; ++month) {
    index[absl::StrFormat("%04d-%02d", month.year(), month.month())] = trend.months_size();
    trend.add_months(absl::StrFormat("%04d-%02d", month.year(), month.month()));
    trend.add_n(0);
  }
  for (int row = 0; row < rows[0].rows(); ++row) {
    const int n = static_cast<int>(rows[0].Int(row, 1));
    trend.set_n(index.at(rows[0].Text(row, 0)), n);
    trend.set_total(trend.total() + n);
  }
  std::map<Key, v1::Trend::Row> by_key;
  for (int row = 0; row < rows[1].rows(); ++row) {
    const Key key = {rows[1].Int(row, 1), rows[1].Text(row, 2), rows[1].Text(row, 3)};
    v1::Trend::Row& counted = by_key[key];
    if (counted.counts().empty()) {
      counted.set_kind(static_cast<v1::EventKind>(std::get<0>(key)));
      counted.set_carer_id(std::get<1>(key));
      counted.set_child_id(std::get<2>(key));
      for (int month = 0; month < kMonths; ++month) counted.add_counts(0);
    }
    const int count = static_cast<int>(rows[1].Int(row, 4));
    counted.set_counts(index.at(rows[1].Text(row, 0)), count);
    counted.set_total(counted.total() + count);
  }
  std::vector<v1::Trend::Row> sorted;
  for (auto& [key, counted] : by_key) sorted.push_back(std::move(counted));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.total() > b.total(); });
  for (v1::Trend::Row& counted : sorted) *trend.add_rows() = std::move(counted);
  return trend;
}

}  // namespace fosterwatch::notifiable_events
