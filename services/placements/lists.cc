// The lists of views.h.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/runtime/page_token.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/placements/domain/day.h"
#include "services/placements/domain/placement.h"
#include "services/placements/views.h"

namespace fosterwatch::placements {
namespace {

// Beyond this nobody reads a number but waits for it: a count visits every row.
constexpr int kCountedUpTo = 10'000;
constexpr int kMostNamed = 1000;

// A condition with its values, whose text depends only on which filters are used.
class Where {
 public:
  // Of households, or of what names one.
  explicit Where(const caseload::Asker& asker) : values_{asker.agency_id} {
    if (asker.own_of.empty()) return;
    values_.insert(values_.end(), {asker.own_of, asker.now});
    And(caseload::OwnCarer(CaseloadTables(), "carer_id", 2, 3));
  }
  void And(absl::string_view condition) { absl::StrAppend(&text_, " AND ", condition); }
  void And(absl::string_view before, pg::Value value, absl::string_view after = "") {
    values_.push_back(std::move(value));
    absl::StrAppend(&text_, " AND ", before, "$", values_.size(), after);
  }
  // The number of the next parameter, which the caller adds to a copy of values().
  size_t next() const { return values_.size() + 1; }
  std::string text() const { return absl::StrCat(" WHERE agency_id = $1", text_); }
  const pg::Values& values() const { return values_; }
  std::string Counted(absl::string_view table) const {
    return absl::StrCat("SELECT count(*) FROM (SELECT FROM ", table, text(), " LIMIT ",
                        kCountedUpTo + 1, ") AS counted");
  }

 private:
  std::string text_;
  pg::Values values_;
};

absl::Status CheckDayFilter(absl::string_view field, const std::string& day) {
  if (day.empty() || domain::IsDay(day)) return absl::OkStatus();
  return InvalidField(field, "INVALID_DATE", "is not a day such as 2026-11-22");
}

}  // namespace

absl::StatusOr<v1::ListChildrenResponse> ListChildren(ledger::Ledger& ledger,
                                                      const caseload::Asker& asker,
                                                      const v1::ListChildrenRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  ASSIGN_OR_RETURN(const std::string after, runtime::ReadPageToken(request));
  if (request.child_ids_size() > kMostNamed) {
    return InvalidField("child_ids", "TOO_MANY", "names more than 1000 children");
  }
  Where where(asker);
  if (!request.carer_id().empty()) where.And("carer_id = ", request.carer_id());
  if (!request.child_ids().empty()) {
    where.And("child_id = ANY (",
              pg::TextArray(request.child_ids().begin(), request.child_ids().end()), ")");
  }
  pg::Values page = where.values();
  page.push_back(after);
  page.push_back(int64_t{size} + 1);
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(asker.agency_id, {{absl::StrCat("SELECT child_id FROM view.child", where.text(),
                                                  " AND child_id > $", page.size() - 1,
                                                  " ORDER BY child_id LIMIT $", page.size()),
                                     page},
                                    {where.Counted("view.child"), where.values()}}));
  v1::ListChildrenResponse response;
  response.set_total_size(rows[1].Int(0, 0));
  std::vector<std::string> ids;
  for (int row = 0; row < rows[0].rows() && row < size; ++row) ids.push_back(rows[0].Text(row, 0));
  if (rows[0].rows() > size) {
    response.set_next_page_token(runtime::MakePageToken(request, ids.back()));
  }
  ASSIGN_OR_RETURN(auto files, ledger.LoadMany(asker.agency_id, kChildAggregate, ids));
  for (const std::string& id : ids) {
    *response.add_children() = domain::ChildOf(static_cast<const v1::ChildFile&>(*files.at(id)));
  }
  return response;
}

absl::StatusOr<std::string> ChildOfPlacement(ledger::Ledger& ledger, const std::string& agency_id,
                                             const std::string& placement_id) {
  ASSIGN_OR_RETURN(const auto rows,
                   ledger.Read(agency_id, {{"SELECT child_id FROM view.placement"
                                            " WHERE agency_id = $1 AND placement_id = $2"
                                            " ORDER BY child_id LIMIT 1",
                                            {agency_id, placement_id}}}));
  return rows[0].rows() == 0 ? "" : rows[0].Text(0, 0);
}

absl::StatusOr<v1::Placement> GetPlacement(ledger::Ledger& ledger, const std::string& agency_id,
                                           const std::string& placement_id) {
  const absl::Status none =
      Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such placement",
            {{"placement_id", "names no placement of this agency"}});
  ASSIGN_OR_RETURN(const std::string child_id, ChildOfPlacement(ledger, agency_id, placement_id));
  if (child_id.empty()) return none;
  ASSIGN_OR_RETURN(const auto file,
                   ledger.LoadAs<v1::ChildFile>(agency_id, kChildAggregate, child_id));
  const v1::Placement* placement = domain::FindPlacement(file, placement_id);
  if (placement == nullptr) return none;
  return *placement;
}

absl::StatusOr<std::vector<pg::Statement>> PlacementStatements(
    const caseload::Asker& asker, const v1::ListPlacementsRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 50, 1000));
  ASSIGN_OR_RETURN(const std::string token, runtime::ReadPageToken(request));
  RETURN_IF_ERROR(CheckDayFilter("ended_from_date", request.ended_from_date()));
  RETURN_IF_ERROR(CheckDayFilter("ended_before_date", request.ended_before_date()));
  Where where(asker);
  // Of the children who live there now: where others went is nothing of theirs.
  if (!asker.own_of.empty()) where.And(caseload::OwnChild(CaseloadTables(), "child_id", 2, 3));
  if (!request.child_id().empty()) where.And("child_id = ", request.child_id());
  if (!request.carer_id().empty()) where.And("carer_id = ", request.carer_id());
  // What has not ended has no ending: both, so that an index finds it.
  if (request.current()) where.And("end_date = '' AND ending = 0");
  if (request.ending() != v1::ENDING_UNSPECIFIED) {
    where.And("ending = ", int64_t{request.ending()});
  }
  if (!request.ended_from_date().empty()) where.And("end_date >= ", request.ended_from_date());
  if (!request.ended_before_date().empty()) {
    where.And("end_date <> ''");
    where.And("end_date < ", request.ended_before_date());
  }
  pg::Values page = where.values();
  std::string from;
  if (!token.empty()) {
    const std::pair<std::string, std::string> last = absl::StrSplit(token, absl::MaxSplits('|', 1));
    from = absl::StrCat(" AND (start_date, placement_id) < ($", where.next(), ", $",
                        where.next() + 1, ")");
    page.push_back(last.first);
    page.push_back(last.second);
  }
  page.push_back(int64_t{size} + 1);
  return std::vector<pg::Statement>{
      {absl::StrCat("SELECT child_id, placement_id, start_date FROM view.placement", where.text(),
                    from, " ORDER BY start_date DESC, placement_id DESC LIMIT $", page.size()),
       page},
      {where.Counted("view.placement"), where.values()}};
}

absl::StatusOr<v1::ListPlacementsResponse> ListPlacements(
    ledger::Ledger& ledger, const caseload::Asker& asker,
    const v1::ListPlacementsRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 50, 1000));
  ASSIGN_OR_RETURN(auto statements, PlacementStatements(asker, request));
  ASSIGN_OR_RETURN(const auto rows, ledger.Read(asker.agency_id, std::move(statements)));
  v1::ListPlacementsResponse response;
  response.set_total_size(rows[1].Int(0, 0));
  std::set<std::string> children;
  const int shown = std::min(rows[0].rows(), size);
  for (int row = 0; row < shown; ++row) children.insert(rows[0].Text(row, 0));
  ASSIGN_OR_RETURN(const auto files, ledger.LoadMany(asker.agency_id, kChildAggregate,
                                                     {children.begin(), children.end()}));
  for (int row = 0; row < shown; ++row) {
    const auto& file = static_cast<const v1::ChildFile&>(*files.at(rows[0].Text(row, 0)));
    const v1::Placement* placement = domain::FindPlacement(file, rows[0].Text(row, 1));
    if (placement != nullptr) *response.add_placements() = *placement;
  }
  if (rows[0].rows() > size) {
    response.set_next_page_token(runtime::MakePageToken(
        request, absl::StrCat(rows[0].Text(size - 1, 2), "|", rows[0].Text(size - 1, 1))));
  }
  return response;
}

absl::StatusOr<v1::ListHouseholdsResponse> ListHouseholds(
    ledger::Ledger& ledger, const caseload::Asker& asker,
    const v1::ListHouseholdsRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  ASSIGN_OR_RETURN(const std::string after, runtime::ReadPageToken(request));
  if (request.carer_ids_size() > kMostNamed) {
    return InvalidField("carer_ids", "TOO_MANY", "names more than 1000 carers");
  }
  Where where(asker);
  if (!request.carer_ids().empty()) {
    where.And("carer_id = ANY (",
              pg::TextArray(request.carer_ids().begin(), request.carer_ids().end()), ")");
  }
  if (request.outside_terms()) where.And("outside_terms");
  if (request.with_vacancies()) where.And("vacancies > 0");
  pg::Values page = where.values();
  page.push_back(after);
  page.push_back(int64_t{size} + 1);
  ASSIGN_OR_RETURN(const auto rows,
                   ledger.Read(asker.agency_id,
                               {{absl::StrCat("SELECT carer_id FROM view.household", where.text(),
                                              " AND carer_id > $", page.size() - 1,
                                              " ORDER BY carer_id LIMIT $", page.size()),
                                 page},
                                {where.Counted("view.household"), where.values()}}));
  v1::ListHouseholdsResponse response;
  response.set_total_size(rows[1].Int(0, 0));
  std::vector<std::string> ids;
  for (int row = 0; row < rows[0].rows() && row < size; ++row) ids.push_back(rows[0].Text(row, 0));
  if (rows[0].rows() > size) {
    response.set_next_page_token(runtime::MakePageToken(request, ids.back()));
  }
  ASSIGN_OR_RETURN(const auto households,
                   ledger.LoadMany(asker.agency_id, kHouseholdAggregate, ids));
  for (const std::string& id : ids) {
    *response.add_households() = static_cast<const v1::Household&>(*households.at(id));
  }
  return response;
}

}  // namespace fosterwatch::placements
