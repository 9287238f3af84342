// What the views are asked.
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/clock/proto_time.h"
#include "libs/runtime/page_token.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/complaints/app.h"
#include "services/complaints/views.h"

namespace fosterwatch::complaints {
namespace {

using v1::Complaint;

// Beyond this nobody reads a number but waits for it: a count visits every row.
constexpr int kCountedUpTo = 10'000;
constexpr int kPage = 50;
constexpr int kLargestPage = 200;

// The year 9999: later than any record, and what has no due time.
absl::Time Latest() { return absl::FromUnixSeconds(253'402'300'799); }

// Only the conditions that were asked for, so that each question finds its index.
class Where {
 public:
  Where(const std::string& agency_id, const std::string& table)
      : values_{agency_id}, from_(table) {}

  // `condition` has ? where the value goes.
  void And(absl::string_view condition, pg::Value value) {
    values_.push_back(std::move(value));
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(condition, absl::MaxSplits('?', 1));
    absl::StrAppend(&sql_, " AND ", parts.first, "$", values_.size(), parts.second);
  }
  void And(absl::string_view condition) { absl::StrAppend(&sql_, " AND ", condition); }

  // Of what is past its due time then, few among however many: found by their own index first, and
  // put in order afterwards. Without the fence the newest would be walked until enough are found.
  void DueBy(absl::Time now) {
    values_.push_back(now);
    from_ = absl::StrCat(
        "(SELECT * FROM view.complaint WHERE agency_id = $1"
        " AND next_due_at < '9999-01-01 00:00:00+00' AND next_due_at <= $",
        values_.size(), " OFFSET 0) AS complaint");
  }

  std::string sql() const { return absl::StrCat(" FROM ", from_, " WHERE agency_id = $1", sql_); }
  const pg::Values& values() const { return values_; }

 private:
  pg::Values values_;
  std::string from_;
  std::string sql_;
};

struct Place {
  absl::Time time;
  std::string id;
};

std::string TokenOf(const Place& place) {
  return absl::StrCat(absl::ToUnixMicros(place.time), "|", place.id);
}

absl::StatusOr<Place> PlaceOf(const std::string& token, absl::Time start) {
  if (token.empty()) return Place{start, ""};
  const std::pair<std::string, std::string> parts = absl::StrSplit(token, absl::MaxSplits('|', 1));
  int64_t micros = 0;
  if (!absl::SimpleAtoi(parts.first, &micros)) {
    return InvalidField("page_token", "INVALID_PAGE_TOKEN", "does not belong to this list");
  }
  return Place{absl::FromUnixMicros(micros), parts.second};
}

Where WhereOf(const std::string& agency_id, const std::string& reader,
              const v1::ListComplaintsRequest& request, absl::Time now) {
  Where where(agency_id, "view.complaint");
  where.And("hidden_from IS DISTINCT FROM nullif(?, '')", reader);
  if (request.state() != 0) where.And("state = ?", int64_t{request.state()});
  if (request.kind() != 0) where.And("kind = ?", int64_t{request.kind()});
  if (!request.category().empty()) where.And("category = ?", request.category());
  if (!request.procedure_id().empty()) where.And("procedure_id = ?", request.procedure_id());
  if (!request.carer_id().empty()) {
    where.And("carer_id <> ''");
    where.And("carer_id = ?", request.carer_id());
  }
  if (!request.child_id().empty()) {
    where.And("child_id <> ''");
    where.And("child_id = ?", request.child_id());
  }
  if (request.overdue_only()) where.DueBy(now);
  if (!request.case_number().empty()) {
    int64_t year = 0, number = 0;
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(request.case_number(), absl::MaxSplits('-', 1));
    // One that is no number is nobody's.
    if (!absl::SimpleAtoi(parts.first, &year) || !absl::SimpleAtoi(parts.second, &number)) {
      year = number = 0;
    }
    where.And("year = ?", year);
    where.And("number = ?", number);
  }
  return where;
}

// Of the sightings, without those that are hidden from `reader`.
Where SightingsWhere(const std::string& agency_id, const std::string& reader) {
  Where where(agency_id, "view.sighting");
  if (reader.empty()) return where;
  where.And(
      "matched_complaint_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM view.complaint AS matched"
      " WHERE matched.agency_id = sighting.agency_id"
      " AND matched.complaint_id = sighting.matched_complaint_id AND matched.hidden_from <> ''"
      " AND matched.hidden_from = ?)",
      reader);
  where.And(
      "(allegation_id = '' OR EXISTS (SELECT 1 FROM reference.allegation_about AS about"
      " WHERE about.agency_id = sighting.agency_id"
      " AND about.allegation_id = sighting.allegation_id AND about.person_id <> ?))",
      reader);
  return where;
}

}  // namespace

absl::StatusOr<std::vector<pg::Statement>> ListStatements(const std::string& agency_id,
                                                          const std::string& reader,
                                                          const v1::ListComplaintsRequest& request,
                                                          absl::Time now) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), kPage, kLargestPage));
  ASSIGN_OR_RETURN(const std::string token, runtime::ReadPageToken(request));
  ASSIGN_OR_RETURN(const Place place, PlaceOf(token, Latest()));
  const Where all = WhereOf(agency_id, reader, request, now);
  pg::Values values = all.values();
  const size_t n = values.size();
  values.insert(values.end(), {place.time, place.id, int64_t{size} + 1});
  return std::vector<pg::Statement>{
      {absl::StrCat("SELECT complaint_id, case_number, kind, state, giver_kind, subject_kind,"
                    " carer_id, child_id, category, procedure_id, stage_id, received_at,"
                    " recorded_at, next_due_at, serious, paused, out_of_time, other_route",
                    all.sql(), " AND (recorded_at, complaint_id) < ($", n + 1, ", $", n + 2,
                    ") ORDER BY recorded_at DESC, complaint_id DESC LIMIT $", n + 3),
       values},
      {absl::StrCat("SELECT count(*) FROM (SELECT", all.sql(), " LIMIT ", kCountedUpTo + 1,
                    ") AS counted"),
       all.values()}};
}

absl::StatusOr<v1::ListComplaintsResponse> ListComplaints(ledger::Ledger& ledger,
                                                          const std::string& agency_id,
                                                          const std::string& reader,
                                                          const v1::ListComplaintsRequest& request,
                                                          absl::Time now) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), kPage, kLargestPage));
  ASSIGN_OR_RETURN(std::vector<pg::Statement> statements,
                   ListStatements(agency_id, reader, request, now));
  ASSIGN_OR_RETURN(const auto rows, ledger.Read(agency_id, std::move(statements)));
  v1::ListComplaintsResponse response;
  response.set_total_size(rows[1].Int(0, 0));
  const pg::Result& page = rows[0];
  for (int row = 0; row < page.rows() && row < size; ++row) {
    v1::ComplaintSummary* complaint = response.add_complaints();
    complaint->set_complaint_id(page.Text(row, 0));
    complaint->set_case_number(page.Text(row, 1));
    complaint->set_kind(static_cast<v1::ComplaintKind>(page.Int(row, 2)));
    complaint->set_state(static_cast<Complaint::State>(page.Int(row, 3)));
    complaint->set_giver_kind(static_cast<v1::GiverKind>(page.Int(row, 4)));
    complaint->set_subject_kind(static_cast<v1::SubjectKind>(page.Int(row, 5)));
    complaint->set_carer_id(page.Text(row, 6));
    complaint->set_child_id(page.Text(row, 7));
    complaint->set_category(page.Text(row, 8));
    complaint->set_procedure_id(page.Text(row, 9));
    complaint->set_stage_id(page.Text(row, 10));
    *complaint->mutable_received_time() = clock::ToProto(page.Time(row, 11));
    *complaint->mutable_recorded_time() = clock::ToProto(page.Time(row, 12));
    const absl::Time due = page.Time(row, 13);
    if (due < Latest()) *complaint->mutable_next_due_time() = clock::ToProto(due);
    complaint->set_overdue(due <= now);
    complaint->set_serious(page.Bool(row, 14));
    complaint->set_paused(page.Bool(row, 15));
    complaint->set_out_of_time_undecided(page.Bool(row, 16));
    complaint->set_other_route(page.Bool(row, 17));
  }
  if (page.rows() > size) {
    response.set_next_page_token(runtime::MakePageToken(
        request, TokenOf({page.Time(size - 1, 12), page.Text(size - 1, 0)})));
  }
  return response;
}

absl::StatusOr<bool> IsSightingHidden(ledger::Ledger& ledger, const std::string& agency_id,
                                      const std::string& reader, const std::string& sighting_id) {
  Where seen = SightingsWhere(agency_id, reader);
  seen.And("sighting_id = ?", sighting_id);
  ASSIGN_OR_RETURN(const auto rows,
                   ledger.Read(agency_id, {{absl::StrCat("SELECT 1", seen.sql()), seen.values()}}));
  return rows[0].rows() == 0;
}

absl::StatusOr<std::vector<pg::Statement>> SightingStatements(
    const std::string& agency_id, const std::string& reader,
    const v1::ListSightingsRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), kPage, kLargestPage));
  ASSIGN_OR_RETURN(const std::string token, runtime::ReadPageToken(request));
  ASSIGN_OR_RETURN(const Place place, PlaceOf(token, absl::FromUnixSeconds(0)));
  Where all = SightingsWhere(agency_id, reader);
  if (request.state() != 0) all.And("state = ?", int64_t{request.state()});
  if (!request.sighting_id().empty()) all.And("sighting_id = ?", request.sighting_id());
  pg::Values values = all.values();
  const size_t n = values.size();
  values.insert(values.end(), {place.time, place.id, int64_t{size} + 1});
  return std::vector<pg::Statement>{
      {absl::StrCat("SELECT sighting_id, recorded_at", all.sql(),
                    " AND (recorded_at, sighting_id) > ($", n + 1, ", $", n + 2,
                    ") ORDER BY recorded_at, sighting_id LIMIT $", n + 3),
       values},
      {absl::StrCat("SELECT count(*) FROM (SELECT", all.sql(), " LIMIT ", kCountedUpTo + 1,
                    ") AS counted"),
       all.values()}};
}

absl::StatusOr<v1::ListSightingsResponse> ListSightings(ledger::Ledger& ledger,
                                                        const std::string& agency_id,
                                                        const std::string& reader,
                                                        const v1::ListSightingsRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), kPage, kLargestPage));
  ASSIGN_OR_RETURN(std::vector<pg::Statement> statements,
                   SightingStatements(agency_id, reader, request));
  ASSIGN_OR_RETURN(const auto rows, ledger.Read(agency_id, std::move(statements)));
  v1::ListSightingsResponse response;
  response.set_total_size(rows[1].Int(0, 0));
  std::vector<std::string> ids;
  for (int row = 0; row < rows[0].rows() && row < size; ++row) ids.push_back(rows[0].Text(row, 0));
  ASSIGN_OR_RETURN(const auto sightings, ledger.LoadMany(agency_id, kSightingAggregate, ids));
  for (const std::string& id : ids) {
    const auto found = sightings.find(id);
    if (found == sightings.end()) continue;
    *response.add_sightings() = static_cast<const v1::Sighting&>(*found->second);
  }
  if (rows[0].rows() > size) {
    response.set_next_page_token(runtime::MakePageToken(
        request, TokenOf({rows[0].Time(size - 1, 1), rows[0].Text(size - 1, 0)})));
  }
  return response;
}

absl::StatusOr<int> LastNumber(ledger::Ledger& ledger, const std::string& agency_id, int year) {
  ASSIGN_OR_RETURN(const auto rows,
                   ledger.Read(agency_id, {{"SELECT coalesce(max(number), 0) FROM view.complaint"
                                            " WHERE agency_id = $1 AND year = $2",
                                            {agency_id, int64_t{year}}}}));
  return static_cast<int>(rows[0].Int(0, 0));
}

absl::StatusOr<std::vector<domain::Candidate>> CandidatesFor(ledger::Ledger& ledger,
                                                             const std::string& agency_id,
                                                             const v1::Sighting& sighting,
                                                             absl::Duration window) {
  const absl::Time seen = clock::FromProto(sighting.seen_time());
  constexpr char kSelect[] =
      "SELECT complaint_id, child_id, carer_id, received_at, event_id, allegation_ids"
      " FROM view.complaint WHERE agency_id = $1";
  const auto compliments = static_cast<int>(v1::COMPLAINT_KIND_COMPLIMENT);
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(
          agency_id,
          {{absl::StrCat(kSelect, " AND complaint_id = $2"), {agency_id, sighting.complaint_id()}},
           {absl::StrCat(kSelect, " AND event_id <> '' AND event_id = $2"),
            {agency_id, sighting.source_id()}},
           {absl::StrCat(kSelect, " AND kind <> ", compliments,
                         " AND received_at BETWEEN $4 AND $5"
                         " AND (($2 <> '' AND child_id = $2)"
                         " OR ($3 <> '' AND carer_id = $3))"
                         " ORDER BY abs(extract(epoch FROM received_at - $6)) LIMIT ",
                         kCompared),
            {agency_id, sighting.child_id(), sighting.carer_id(), seen - window, seen + window,
             seen}}}));
  std::vector<domain::Candidate> candidates;
  for (const pg::Result& found : rows) {
    for (int row = 0; row < found.rows(); ++row) {
      candidates.push_back({found.Text(row, 0), found.Text(row, 1), found.Text(row, 2),
                            found.Time(row, 3), found.Text(row, 4), found.Array(row, 5)});
    }
  }
  return candidates;
}

absl::StatusOr<std::vector<std::string>> UnmatchedNear(ledger::Ledger& ledger,
                                                       const std::string& agency_id,
                                                       const std::string& child_id,
                                                       const std::string& carer_id,
                                                       absl::Time received, absl::Duration window) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(agency_id,
                  {{absl::StrCat("SELECT sighting_id FROM view.sighting WHERE agency_id = $1"
                                 " AND state = ",
                                 static_cast<int>(v1::Sighting::STATE_UNMATCHED),
                                 " AND seen_at BETWEEN $4 AND $5"
                                 " AND (($2 <> '' AND child_id = $2)"
                                 " OR ($3 <> '' AND carer_id = $3))"
                                 " ORDER BY seen_at, sighting_id LIMIT ",
                                 kCompared),
                    {agency_id, child_id, carer_id, received - window, received + window}}}));
  std::vector<std::string> ids;
  for (int row = 0; row < rows[0].rows(); ++row) ids.push_back(rows[0].Text(row, 0));
  return ids;
}

absl::StatusOr<std::vector<std::pair<std::string, int64_t>>> VersionsAsAt(
    ledger::Ledger& ledger, const std::string& agency_id, absl::Time from, absl::Time until,
    absl::Time as_at) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(agency_id,
                  {{"SELECT complaint_id, held.version FROM view.complaint AS complaint,"
                    " LATERAL (SELECT max(version) AS version FROM view.complaint_version AS v"
                    " WHERE v.agency_id = complaint.agency_id"
                    " AND v.complaint_id = complaint.complaint_id AND v.recorded_at <= $4) AS held"
                    " WHERE agency_id = $1 AND received_at >= $2 AND received_at < $3"
                    " AND held.version IS NOT NULL ORDER BY received_at, complaint_id",
                    {agency_id, from, until, as_at}}}));
  std::vector<std::pair<std::string, int64_t>> versions;
  for (int row = 0; row < rows[0].rows(); ++row) {
    versions.emplace_back(rows[0].Text(row, 0), rows[0].Int(row, 1));
  }
  return versions;
}

}  // namespace fosterwatch::complaints
