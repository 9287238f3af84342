#include "services/kpis/kept_views.h"

#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"

#include "fosterwatch/kpis/v1/kpi_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/duty/timer.h"
#include "libs/runtime/page_token.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/kpis/domain/edition.h"
#include "services/kpis/domain/plan.h"
#include "services/kpis/domain/quality.h"
#include "services/kpis/intake.h"
#include "services/kpis/safer_caring.h"

namespace fosterwatch::kpis {
namespace {

using ledger::FactStamp;
using ledger::Statements;
using Texts = pg::TextArray;

void ProjectPlans(const v1::ActionPlanFile& file, const FactStamp& last, Statements& statements) {
  for (const v1::ActionPlan& plan : file.plans()) {
    statements.push_back(
        {"INSERT INTO view.action_plan VALUES ($1, $2, $3, $4, $5, $6)"
         " ON CONFLICT (agency_id, plan_id) DO UPDATE SET state = excluded.state"
         " WHERE action_plan.state <> excluded.state",
         {last.agency_id, plan.plan_id(), plan.code(), int64_t{plan.number()},
          int64_t{plan.state()}, clock::FromProto(plan.opened_time())}});
  }
  std::vector<duty::Timer> timers;
  if (const auto next = domain::NextOverdue(file)) {
    timers.push_back({kOverdueTimer, kOverdueTimer, *next});
  }
  duty::Project(timers, last, statements);
}

void ProjectEditions(const v1::EditionFile& file, const FactStamp& last, Statements& statements) {
  for (const v1::Edition& edition : file.editions()) {
    statements.push_back(
        {"INSERT INTO view.edition VALUES ($1, $2, $3, $4, $5, $6)"
         " ON CONFLICT (agency_id, edition_id) DO NOTHING",
         {last.agency_id, edition.edition_id(), edition.set(), edition.period(),
          int64_t{edition.number()}, last.aggregate_id}});
  }
  for (const v1::Restatement& each : file.restatements()) {
    statements.push_back(
        {"INSERT INTO view.restatement VALUES ($1, $2, $3, $4, $5, $6, $7)"
         " ON CONFLICT (agency_id, restatement_id) DO UPDATE SET state = excluded.state"
         " WHERE restatement.state <> excluded.state",
         {last.agency_id, each.restatement_id(), each.edition_id(), each.code(),
          int64_t{each.state()}, clock::FromProto(each.noticed_time()), last.aggregate_id}});
  }
}

void ProjectFindings(const v1::FindingFile& file, const FactStamp& last, Statements& statements) {
  for (const v1::Finding& finding : file.findings()) {
    statements.push_back(
        {"INSERT INTO view.finding VALUES ($1, $2, $3, $4, $5)"
         " ON CONFLICT (agency_id, finding_id) DO UPDATE SET state = excluded.state"
         " WHERE finding.state <> excluded.state",
         {last.agency_id, finding.finding_id(), finding.code(), finding.period(),
          int64_t{finding.state()}}});
  }
}

template <typename State>
ledger::Aggregate Kept(const char* type,
                       void (*project)(const State&, const FactStamp&, Statements&),
                       std::vector<std::string> views) {
  return ledger::MakeAggregate<State, v1::KpiFact>(
      type,
      [](State& state, const v1::KpiFact& fact, const FactStamp& stamp) {
        if constexpr (std::is_same_v<State, v1::EditionFile>) {
          domain::Evolve(state, fact, stamp.recorded);
        } else {
          domain::Evolve(state, fact);
        }
      },
      project, std::move(views));
}

// The offset that a page begins at: these lists are short, and their order may change between
// pages.
absl::StatusOr<int64_t> OffsetOf(const google::protobuf::Message& request) {
  ASSIGN_OR_RETURN(const std::string after, runtime::ReadPageToken(request));
  int64_t offset = 0;
  if (!after.empty() && !absl::SimpleAtoi(after, &offset)) {
    return InvalidField("page_token", "INVALID_PAGE_TOKEN", "is not a token of this list");
  }
  return offset;
}

// One page of ids with the file that each is in.
struct Page {
  std::vector<std::pair<std::string, std::string>> ids;  // id, aggregate
  std::string next_page_token;
};

absl::StatusOr<Page> ReadPage(ledger::Ledger& ledger, const std::string& agency_id,
                              const google::protobuf::Message& request, int page_size,
                              std::string sql, pg::Values values) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(page_size, 50, 200));
  ASSIGN_OR_RETURN(const int64_t offset, OffsetOf(request));
  values.push_back(int64_t{size} + 1);
  values.push_back(offset);
  absl::StrAppend(&sql, " LIMIT $", values.size() - 1, " OFFSET $", values.size());
  ASSIGN_OR_RETURN(const auto rows, ledger.Read(agency_id, {{sql, std::move(values)}}));
  Page page;
  for (int row = 0; row < rows[0].rows() && row < size; ++row) {
    page.ids.emplace_back(rows[0].Text(row, 0), rows[0].Text(row, 1));
  }
  if (rows[0].rows() > size) {
    page.next_page_token = runtime::MakePageToken(request, absl::StrCat(offset + size));
  }
  return page;
}

// The aggregates that a page is in, by id.
absl::StatusOr<absl::flat_hash_map<std::string, std::unique_ptr<google::protobuf::Message>>>
FilesOf(ledger::Ledger& ledger, const std::string& agency_id, const char* type, const Page& page) {
  std::vector<std::string> files;
  for (const auto& [id, file] : page.ids) files.push_back(file);
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return ledger.LoadMany(agency_id, type, files);
}

absl::StatusOr<std::string> OneText(ledger::Ledger& ledger, const std::string& agency_id,
                                    std::string sql, const std::string& id) {
  ASSIGN_OR_RETURN(const auto rows, ledger.Read(agency_id, {{std::move(sql), {agency_id, id}}}));
  return rows[0].rows() == 0 ? "" : rows[0].Text(0, 0);
}

}  // namespace

std::string EditionFileId(const std::string& set, const std::string& period) {
  return absl::StrCat(set, ".", period);
}

std::vector<ledger::Aggregate> KeptAggregates() {
  std::vector<ledger::Aggregate> aggregates;
  aggregates.push_back(FigureAggregate());
  aggregates.push_back(SaferCaringAggregate());
  aggregates.push_back(
      Kept<v1::ActionPlanFile>(kPlanAggregate, ProjectPlans, {"view.action_plan", duty::kTable}));
  aggregates.push_back(Kept<v1::EditionFile>(kEditionAggregate, ProjectEditions,
                                             {"view.edition", "view.restatement"}));
  aggregates.push_back(Kept<v1::FindingFile>(kQualityAggregate, ProjectFindings, {"view.finding"}));
  aggregates.push_back(ledger::MakeAggregate<v1::KpiFact, v1::KpiFact>(
      kIntakeAggregate,
      [](v1::KpiFact& state, const v1::KpiFact& fact, const FactStamp&) { state = fact; }, nullptr,
      {}));
  return aggregates;
}

std::string KeptSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE view.action_plan (agency_id text, plan_id text, code text NOT NULL,"
      " number bigint NOT NULL, state bigint NOT NULL, opened_at timestamptz NOT NULL,"
      " PRIMARY KEY (agency_id, plan_id));",
      ledger::ViewRights("view.action_plan", role),
      "CREATE TABLE view.edition (agency_id text, edition_id text, set_name text NOT NULL,"
      " period text NOT NULL, number bigint NOT NULL, file_id text NOT NULL,"
      " PRIMARY KEY (agency_id, edition_id));",
      ledger::ViewRights("view.edition", role),
      "CREATE TABLE view.restatement (agency_id text, restatement_id text,"
      " edition_id text NOT NULL, code text NOT NULL, state bigint NOT NULL,"
      " noticed_at timestamptz NOT NULL, file_id text NOT NULL,"
      " PRIMARY KEY (agency_id, restatement_id));",
      ledger::ViewRights("view.restatement", role),
      "CREATE TABLE view.finding (agency_id text, finding_id text, code text NOT NULL,"
      " period text NOT NULL, state bigint NOT NULL, PRIMARY KEY (agency_id, finding_id));",
      ledger::ViewRights("view.finding", role), duty::TableSql(role));
}

absl::StatusOr<v1::ListPlansResponse> ListPlans(ledger::Ledger& ledger,
                                                const std::string& agency_id,
                                                const v1::ListPlansRequest& request) {
  ASSIGN_OR_RETURN(const Page page,
                   ReadPage(ledger, agency_id, request, request.page_size(),
                            "SELECT plan_id, code FROM view.action_plan WHERE agency_id = $1"
                            " AND ($2 = 0 OR state = $2) AND ($3 = '' OR code = $3)"
                            " ORDER BY state, opened_at DESC, plan_id",
                            {agency_id, int64_t{request.state()}, request.code()}));
  ASSIGN_OR_RETURN(const auto files, FilesOf(ledger, agency_id, kPlanAggregate, page));
  v1::ListPlansResponse response;
  for (const auto& [id, file_id] : page.ids) {
    const auto& file = static_cast<const v1::ActionPlanFile&>(*files.at(file_id));
    if (const v1::ActionPlan* plan = domain::FindPlan(file, id)) *response.add_plans() = *plan;
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListEditionsResponse> ListEditions(ledger::Ledger& ledger,
                                                      const std::string& agency_id,
                                                      const v1::ListEditionsRequest& request) {
  ASSIGN_OR_RETURN(const Page page,
                   ReadPage(ledger, agency_id, request, request.page_size(),
                            "SELECT edition_id, file_id FROM view.edition WHERE agency_id = $1"
                            " AND ($2 = '' OR set_name = $2) AND ($3 = '' OR period = $3)"
                            " ORDER BY period DESC, set_name, number DESC",
                            {agency_id, request.set(), request.period()}));
  ASSIGN_OR_RETURN(const auto files, FilesOf(ledger, agency_id, kEditionAggregate, page));
  v1::ListEditionsResponse response;
  for (const auto& [id, file_id] : page.ids) {
    const auto& file = static_cast<const v1::EditionFile&>(*files.at(file_id));
    const v1::Edition* edition = domain::FindEdition(file, id);
    if (edition == nullptr) continue;
    v1::Edition& listed = *response.add_editions();
    listed = *edition;
    listed.clear_kpis();
    listed.clear_content();
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListRestatementsResponse> ListRestatements(
    ledger::Ledger& ledger, const std::string& agency_id,
    const v1::ListRestatementsRequest& request) {
  ASSIGN_OR_RETURN(
      const Page page,
      ReadPage(ledger, agency_id, request, request.page_size(),
               "SELECT restatement_id, file_id FROM view.restatement WHERE agency_id = $1"
               " AND ($2 = 0 OR state = $2) AND ($3 = '' OR code = $3)"
               " AND ($4 = '' OR edition_id = $4) ORDER BY state, noticed_at DESC, restatement_id",
               {agency_id, int64_t{request.state()}, request.code(), request.edition_id()}));
  ASSIGN_OR_RETURN(const auto files, FilesOf(ledger, agency_id, kEditionAggregate, page));
  v1::ListRestatementsResponse response;
  for (const auto& [id, file_id] : page.ids) {
    const auto& file = static_cast<const v1::EditionFile&>(*files.at(file_id));
    if (const v1::Restatement* each = domain::FindRestatement(file, id)) {
      *response.add_restatements() = *each;
    }
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::GetEditionResponse> GetEdition(ledger::Ledger& ledger,
                                                  const std::string& agency_id,
                                                  const v1::GetEditionRequest& request) {
  const absl::Status none =
      Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such edition",
            {{"edition_id", "names no edition of this agency"}});
  ASSIGN_OR_RETURN(const std::string file_id,
                   FileOfEdition(ledger, agency_id, request.edition_id()));
  if (file_id.empty()) return none;
  ASSIGN_OR_RETURN(const auto file,
                   ledger.LoadAs<v1::EditionFile>(agency_id, kEditionAggregate, file_id));
  const v1::Edition* edition = domain::FindEdition(file, request.edition_id());
  if (edition == nullptr) return none;
  v1::GetEditionResponse response;
  *response.mutable_edition() = *edition;
  for (const v1::Restatement& each : file.restatements()) {
    if (each.edition_id() == edition->edition_id()) *response.add_restatements() = each;
  }
  return response;
}

absl::StatusOr<v1::ListFindingsResponse> ListFindings(ledger::Ledger& ledger,
                                                      const std::string& agency_id,
                                                      const v1::ListFindingsRequest& request) {
  ASSIGN_OR_RETURN(const Page page,
                   ReadPage(ledger, agency_id, request, request.page_size(),
                            "SELECT finding_id, code FROM view.finding WHERE agency_id = $1"
                            " AND ($2 = '' OR code = $2) AND ($3 = 0 OR state = $3)"
                            " ORDER BY state, period DESC, finding_id",
                            {agency_id, request.code(), int64_t{request.state()}}));
  ASSIGN_OR_RETURN(const auto files, FilesOf(ledger, agency_id, kQualityAggregate, page));
  v1::ListFindingsResponse response;
  for (const auto& [id, file_id] : page.ids) {
    for (const v1::Finding& each :
         static_cast<const v1::FindingFile&>(*files.at(file_id)).findings()) {
      if (each.finding_id() == id) *response.add_findings() = each;
    }
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<std::string> FileOfEdition(ledger::Ledger& ledger, const std::string& agency_id,
                                          const std::string& edition_id) {
  return OneText(ledger, agency_id,
                 "SELECT file_id FROM view.edition WHERE agency_id = $1 AND edition_id = $2",
                 edition_id);
}

absl::StatusOr<std::string> FileOfRestatement(ledger::Ledger& ledger, const std::string& agency_id,
                                              const std::string& restatement_id) {
  return OneText(
      ledger, agency_id,
      "SELECT file_id FROM view.restatement WHERE agency_id = $1 AND restatement_id = $2",
      restatement_id);
}

}  // namespace fosterwatch::kpis
