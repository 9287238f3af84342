// The lists of views.h.
#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/clock/proto_time.h"
#include "libs/runtime/page_token.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/carers/views.h"

namespace fosterwatch::carers {
namespace {

using v1::Carer;

// Beyond this nobody reads a number but waits for it: a count visits every row.
constexpr int kCountedUpTo = 10'000;

// "micros|carer|item" of a page token.
struct Place {
  absl::Time at = absl::InfinitePast();
  std::string carer_id, item_id;
};

// A select of what is asked for, whose text depends only on which filters are used: a plan for any
// filter would serve none of them well.
class Asked {
 public:
  Asked(const char* table, const caseload::Asker& asker) : table_(table), values_{asker.agency_id} {
    if (asker.own_of.empty()) return;
    values_.insert(values_.end(), {asker.own_of, asker.now});
    And(caseload::OwnCarer(CaseloadTables(), "carer_id", 2, 3));
  }
  // "kind = ", 2
  void And(absl::string_view before, pg::Value value, absl::string_view after = "") {
    values_.push_back(std::move(value));
    absl::StrAppend(&where_, " AND ", before, "$", values_.size(), after);
  }
  void And(absl::string_view condition) { absl::StrAppend(&where_, " AND ", condition); }
  // Whom somebody supervises at a moment: this person, or anybody at all where it is empty. Each
  // carer by itself (OFFSET 0): most have somebody, and a page is found before all are looked at.
  void AndSupervised(bool supervised, const std::string& by, absl::Time now) {
    values_.push_back(now);
    const size_t at = values_.size();
    std::string of = absl::StrCat(
        " (SELECT FROM view.caseload AS held WHERE held.agency_id = $1"
        " AND held.carer_id = carer.carer_id AND held.kind = ",
        static_cast<int>(type::v1::CaseloadGrant::KIND_SUPERVISING), " AND held.from_at <= $", at,
        " AND held.until_at > $", at);
    if (!by.empty()) {
      values_.push_back(by);
      absl::StrAppend(&of, " AND held.person_id = $", values_.size());
    }
    absl::StrAppend(&where_, supervised ? " AND EXISTS" : " AND NOT EXISTS", of,
                    supervised ? ")" : " OFFSET 0)");
  }
  // "(due_at, carer_id, duty_id) > "
  void After(absl::string_view before, const Place& place) {
    values_.insert(values_.end(), {place.at, place.carer_id, place.item_id});
    absl::StrAppend(&where_, " AND ", before, "($", values_.size() - 2, ", $", values_.size() - 1,
                    ", $", values_.size(), ")");
  }
  pg::Statement Select(absl::string_view columns, absl::string_view order, int limit) const {
    pg::Values values = values_;
    values.push_back(int64_t{limit});
    return {absl::StrCat("SELECT ", columns, " FROM ", table_, " WHERE agency_id = $1", where_,
                         " ORDER BY ", order, " LIMIT $", values.size()),
            values};
  }
  pg::Statement Count() const {
    return {absl::StrCat("SELECT count(*) FROM (SELECT FROM ", table_, " WHERE agency_id = $1",
                         where_, " LIMIT ", kCountedUpTo + 1, ") AS counted"),
            values_};
  }

 private:
  const char* table_;
  std::string where_;
  pg::Values values_;
};

absl::StatusOr<Place> ReadPlace(const google::protobuf::Message& request, absl::Time first) {
  Place place;
  place.at = first;
  ASSIGN_OR_RETURN(const std::string after, runtime::ReadPageToken(request));
  if (after.empty()) return place;
  const std::vector<std::string> parts = absl::StrSplit(after, absl::MaxSplits('|', 1));
  int64_t micros = 0;
  if (parts.size() == 2 && absl::SimpleAtoi(parts[0], &micros)) {
    const std::vector<std::string> ids = absl::StrSplit(parts[1], '\n');
    if (ids.size() == 2) {
      place = {absl::FromUnixMicros(micros), ids[0], ids[1]};
      return place;
    }
  }
  return InvalidField("page_token", "INVALID_PAGE_TOKEN", "is not one of this list");
}

// Rows of carer, item and moment.
Page PageOf(const pg::Result& rows, const pg::Result& counted, int size) {
  Page page;
  page.total = counted.Int(0, 0);
  page.more = rows.rows() > size;
  for (int row = 0; row < rows.rows() && row < size; ++row) {
    page.rows.push_back({rows.Text(row, 0), rows.Text(row, 1),
                         absl::StrCat(absl::ToUnixMicros(rows.Time(row, 2)), "|", rows.Text(row, 0),
                                      "\n", rows.Text(row, 1))});
  }
  return page;
}

// The last day on which what must be kept so long may have ended, to be destroyed by `day`.
std::string Latest(absl::CivilDay day, const v1::CarerPolicy::Limit& limit) {
  absl::CivilDay latest = day - limit.calendar_days() - 1;
  if (limit.calendar_months() > 0) {
    const absl::CivilMonth month = absl::CivilMonth(day - 1) - limit.calendar_months();
    const absl::CivilDay last_of_month = absl::CivilDay(month + 1) - 1;
    latest = std::min(last_of_month, absl::CivilDay(month) + (day - 1).day() - 1);
    // What ended on the 31st is kept until the end of a shorter month.
    if ((day - 1) == absl::CivilDay(absl::CivilMonth(day - 1) + 1) - 1) latest = last_of_month;
  }
  return absl::FormatCivilTime(latest);
}

}  // namespace

absl::StatusOr<std::vector<pg::Statement>> CarerStatements(const caseload::Asker& asker,
                                                           const v1::ListCarersRequest& request,
                                                           const v1::CarerPolicy& policy) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  ASSIGN_OR_RETURN(const std::string after, runtime::ReadPageToken(request));
  std::string approval_by, application_by;
  if (!request.retention_over_by_date().empty()) {
    absl::CivilDay day;
    if (request.retention_over_by_date().size() != 10 ||
        !absl::ParseCivilTime(request.retention_over_by_date(), &day)) {
      return InvalidField("retention_over_by_date", "INVALID_DATE",
                          "is not a day such as 2026-11-22");
    }
    approval_by = Latest(day, policy.keep_after_approval());
    application_by = Latest(day, policy.keep_after_application());
  }
  Asked asked("view.carer", asker);
  if (request.kind() != Carer::KIND_UNSPECIFIED) asked.And("kind = ", int64_t{request.kind()});
  if (request.status() != Carer::STATUS_UNSPECIFIED) {
    asked.And("status = ", int64_t{request.status()});
  }
  if (request.overdue()) asked.And("next_due_at <= ", asker.now);
  if (request.overdue_duty() != v1::DUTY_KIND_UNSPECIFIED) {
    asked.And(
        "EXISTS (SELECT FROM view.carer_duty WHERE carer_duty.agency_id = $1"
        " AND carer_duty.carer_id = carer.carer_id AND carer_duty.kind = ",
        int64_t{request.overdue_duty()});
    asked.And("due_at <= ", asker.now, ")");
  }
  if (!approval_by.empty()) {
    asked.And("status >= 5 AND NOT on_hold AND ended_date <= ", approval_by);
    asked.And("application_ended_date <= ", application_by);
  }
  if (!request.carer_ids().empty()) {
    asked.And("carer_id = ANY (",
              pg::TextArray(request.carer_ids().begin(), request.carer_ids().end()), ")");
  }
  if (!request.supervisor_id().empty()) {
    asked.AndSupervised(true, request.supervisor_id(), asker.now);
  }
  if (request.unsupervised()) {
    asked.And(absl::StrCat("status BETWEEN ", static_cast<int>(Carer::STATUS_APPROVED), " AND ",
                           static_cast<int>(Carer::STATUS_SUSPENDED)));
    asked.AndSupervised(false, "", asker.now);
  }
  const pg::Statement count = asked.Count();
  asked.And("carer_id > ", after);
  return std::vector{asked.Select("carer_id", "carer_id", size + 1), count};
}

absl::StatusOr<Page> ListCarers(ledger::Ledger& ledger, const caseload::Asker& asker,
                                const v1::ListCarersRequest& request,
                                const v1::CarerPolicy& policy) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  ASSIGN_OR_RETURN(auto statements, CarerStatements(asker, request, policy));
  ASSIGN_OR_RETURN(auto rows, ledger.Read(asker.agency_id, std::move(statements)));
  Page result;
  result.total = rows[1].Int(0, 0);
  result.more = rows[0].rows() > size;
  for (int row = 0; row < rows[0].rows() && row < size; ++row) {
    result.rows.push_back({rows[0].Text(row, 0), "", rows[0].Text(row, 0)});
  }
  return result;
}

absl::StatusOr<std::vector<pg::Statement>> DutyStatements(const caseload::Asker& asker,
                                                          const v1::ListDutiesRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  // Before any moment that the database keeps for a duty.
  ASSIGN_OR_RETURN(const Place place, ReadPlace(request, absl::FromCivil(absl::CivilDay(1900, 1, 1),
                                                                         absl::UTCTimeZone())));
  absl::Time before = absl::FromCivil(absl::CivilDay(9000, 1, 1), absl::UTCTimeZone());
  if (request.has_due_before_time()) {
    if (!clock::IsValid(request.due_before_time())) {
      return InvalidField("due_before_time", "INVALID_TIME",
                          "is no moment between the years 1 and 9999");
    }
    before = std::min(before, clock::FromProto(request.due_before_time()));
  }
  if (request.overdue()) before = std::min(before, asker.now + absl::Microseconds(1));
  Asked asked("view.carer_duty", asker);
  asked.And("due_at < ", before);
  if (!request.carer_id().empty()) asked.And("carer_id = ", request.carer_id());
  if (request.kind() != v1::DUTY_KIND_UNSPECIFIED) asked.And("kind = ", int64_t{request.kind()});
  const pg::Statement count = asked.Count();
  asked.After("(due_at, carer_id, duty_id) > ", place);
  return std::vector{
      asked.Select("carer_id, duty_id, due_at", "due_at, carer_id, duty_id", size + 1), count};
}

absl::StatusOr<Page> ListDuties(ledger::Ledger& ledger, const caseload::Asker& asker,
                                const v1::ListDutiesRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  ASSIGN_OR_RETURN(auto statements, DutyStatements(asker, request));
  ASSIGN_OR_RETURN(auto rows, ledger.Read(asker.agency_id, std::move(statements)));
  return PageOf(rows[0], rows[1], size);
}

absl::StatusOr<std::vector<pg::Statement>> VisitStatements(const caseload::Asker& asker,
                                                           const v1::ListVisitsRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  ASSIGN_OR_RETURN(const Place place, ReadPlace(request, absl::FromCivil(absl::CivilDay(9000, 1, 1),
                                                                         absl::UTCTimeZone())));
  Asked asked("view.visit", asker);
  if (!request.carer_id().empty()) asked.And("carer_id = ", request.carer_id());
  if (!request.child_id().empty()) {
    asked.And(
        "visit_id IN (SELECT visit_id FROM view.visit_child WHERE visit_child.agency_id = $1"
        " AND child_id = ",
        request.child_id(), ")");
  }
  if (request.unannounced()) asked.And("unannounced");
  const pg::Statement count = asked.Count();
  asked.After("(visited_at, carer_id, visit_id) < ", place);
  return std::vector{asked.Select("carer_id, visit_id, visited_at",
                                  "visited_at DESC, carer_id DESC, visit_id DESC", size + 1),
                     count};
}

absl::StatusOr<Page> ListVisits(ledger::Ledger& ledger, const caseload::Asker& asker,
                                const v1::ListVisitsRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  ASSIGN_OR_RETURN(auto statements, VisitStatements(asker, request));
  ASSIGN_OR_RETURN(auto rows, ledger.Read(asker.agency_id, std::move(statements)));
  return PageOf(rows[0], rows[1], size);
}

absl::StatusOr<std::vector<pg::Statement>> EmergencyStatements(
    const caseload::Asker& asker, const v1::ListEmergenciesRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  ASSIGN_OR_RETURN(const Place place, ReadPlace(request, absl::FromCivil(absl::CivilDay(9000, 1, 1),
                                                                         absl::UTCTimeZone())));
  Asked asked("view.emergency", asker);
  if (!request.carer_id().empty()) asked.And("carer_id = ", request.carer_id());
  if (!request.person_id().empty()) asked.And("person_id = ", request.person_id());
  if (request.not_reviewed()) asked.And("NOT reviewed");
  const pg::Statement count = asked.Count();
  asked.After("(opened_at, carer_id, emergency_id) < ", place);
  return std::vector{asked.Select("carer_id, emergency_id, opened_at",
                                  "opened_at DESC, carer_id DESC, emergency_id DESC", size + 1),
                     count};
}

absl::StatusOr<Page> ListEmergencies(ledger::Ledger& ledger, const caseload::Asker& asker,
                                     const v1::ListEmergenciesRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  ASSIGN_OR_RETURN(auto statements, EmergencyStatements(asker, request));
  ASSIGN_OR_RETURN(auto rows, ledger.Read(asker.agency_id, std::move(statements)));
  return PageOf(rows[0], rows[1], size);
}

absl::StatusOr<std::vector<std::string>> CarersAfter(ledger::Ledger& ledger,
                                                     const std::string& agency_id,
                                                     const std::string& after, int limit) {
  ASSIGN_OR_RETURN(auto rows,
                   ledger.Read(agency_id, {{"SELECT carer_id FROM view.carer WHERE agency_id = $1"
                                            " AND carer_id > $2 ORDER BY carer_id LIMIT $3",
                                            {agency_id, after, int64_t{limit}}}}));
  std::vector<std::string> ids;
  for (int row = 0; row < rows[0].rows(); ++row) ids.push_back(rows[0].Text(row, 0));
  return ids;
}

absl::StatusOr<v1::CarerCounts> CountCarers(ledger::Ledger& ledger, const std::string& agency_id,
                                            absl::Time now) {
  ASSIGN_OR_RETURN(
      auto rows,
      ledger.Read(agency_id,
                  {{"SELECT status, count(*) FILTER (WHERE kind = 1),"
                    " count(*) FILTER (WHERE kind = 2) FROM view.carer WHERE agency_id = $1"
                    " GROUP BY status ORDER BY status",
                    {agency_id}},
                   {"SELECT kind, count(*), count(*) FILTER (WHERE due_at <= $2)"
                    " FROM view.carer_duty WHERE agency_id = $1 GROUP BY kind ORDER BY kind",
                    {agency_id, now}}}));
  v1::CarerCounts counts;
  for (int row = 0; row < rows[0].rows(); ++row) {
    auto* of = counts.add_statuses();
    of->set_status(static_cast<Carer::Status>(rows[0].Int(row, 0)));
    of->set_mainstream(rows[0].Int(row, 1));
    of->set_connected(rows[0].Int(row, 2));
  }
  for (int row = 0; row < rows[1].rows(); ++row) {
    auto* of = counts.add_duties();
    of->set_kind(static_cast<v1::DutyKind>(rows[1].Int(row, 0)));
    of->set_owed(rows[1].Int(row, 1));
    of->set_overdue(rows[1].Int(row, 2));
  }
  *counts.mutable_as_of_time() = clock::ToProto(now);
  return counts;
}

}  // namespace fosterwatch::carers
