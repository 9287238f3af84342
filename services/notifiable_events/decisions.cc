#include "services/notifiable_events/decisions.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/duty/timer.h"
#include "libs/runtime/page_token.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/decision.h"

namespace fosterwatch::notifiable_events {
namespace {

void Project(const v1::Decision& decision, const ledger::FactStamp& last,
             ledger::Statements& statements) {
  using Texts = pg::TextArray;
  using Times = pg::TimeArray;
  statements.push_back(
      {"INSERT INTO view.decision SELECT agency_id, decision_id, child_id, state, decided_at,"
       " agreement_due_at FROM unnest($1, $2, $3, $4, $5, $6) AS rows (agency_id, decision_id,"
       " child_id, state, decided_at, agreement_due_at)"
       " ON CONFLICT (agency_id, decision_id) DO UPDATE SET state = excluded.state",
       {Texts{last.agency_id}, Texts{last.aggregate_id}, Texts{decision.child_id()},
        pg::IntArray{decision.state()}, Times{clock::FromProto(decision.decided_time())},
        Times{clock::FromProto(decision.agreement_due_time())}}});
  std::vector<duty::Timer> timers;
  if (const auto next = domain::NextOverdue(decision)) {
    timers.push_back({kAgreementTimer, kAgreementTimer, *next});
  }
  duty::Project(timers, last, statements);
}

}  // namespace

ledger::Aggregate DecisionAggregate() {
  return ledger::MakeAggregate<v1::Decision, v1::NotifiableEventFact>(
      kDecisionAggregate,
      [](v1::Decision& decision, const v1::NotifiableEventFact& fact, const ledger::FactStamp&) {
        domain::EvolveDecision(decision, fact);
      },
      Project, {"view.decision", duty::kTable});
}

std::string DecisionsSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE view.decision (agency_id text, decision_id text, child_id text NOT NULL,"
      " state bigint NOT NULL, decided_at timestamptz NOT NULL,"
      " agreement_due_at timestamptz NOT NULL, PRIMARY KEY (agency_id, decision_id));"
      "CREATE INDEX decision_newest ON view.decision"
      " (agency_id, decided_at DESC, decision_id DESC);",
      ledger::ViewRights("view.decision", role));
}

absl::StatusOr<v1::ListDecisionsResponse> ListDecisions(ledger::Ledger& ledger,
                                                        const std::string& agency_id,
                                                        const v1::ListDecisionsRequest& request,
                                                        absl::Time now) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 50, 200));
  ASSIGN_OR_RETURN(const std::string token, runtime::ReadPageToken(request));
  absl::Time before = absl::FromUnixSeconds(253'402'300'799);  // the year 9999
  std::string before_id;
  if (!token.empty()) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(token, absl::MaxSplits('|', 1));
    int64_t micros = 0;
    if (!absl::SimpleAtoi(parts.first, &micros)) {
      return InvalidField("page_token", "INVALID_PAGE_TOKEN", "does not belong to this list");
    }
    before = absl::FromUnixMicros(micros);
    before_id = parts.second;
  }
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(
          agency_id,
          {{absl::StrCat("SELECT decision_id, decided_at FROM view.decision WHERE agency_id = $1"
                         " AND ($2 = 0 OR state = $2) AND ($3 = '' OR child_id = $3)"
                         " AND (NOT $4 OR (state = ",
                         static_cast<int>(v1::Decision::STATE_TO_AGREE),
                         " AND agreement_due_at < $5))"
                         " AND (decided_at, decision_id) < ($6, $7)"
                         " ORDER BY decided_at DESC, decision_id DESC LIMIT $8"),
            {agency_id, int64_t{request.state()}, request.child_id(), request.overdue_only(), now,
             before, before_id, int64_t{size} + 1}}}));
  const pg::Result& page = rows[0];
  std::vector<std::string> ids;
  for (int row = 0; row < page.rows() && row < size; ++row) ids.push_back(page.Text(row, 0));
  ASSIGN_OR_RETURN(const auto decisions, ledger.LoadMany(agency_id, kDecisionAggregate, ids));
  v1::ListDecisionsResponse response;
  for (const std::string& id : ids) {
    const auto found = decisions.find(id);
    if (found == decisions.end()) continue;
    *response.add_decisions() = static_cast<const v1::Decision&>(*found->second);
  }
  if (page.rows() > size) {
    response.set_next_page_token(runtime::MakePageToken(
        request,
        absl::StrCat(absl::ToUnixMicros(page.Time(size - 1, 1)), "|", page.Text(size - 1, 0))));
  }
  return response;
}

}  // namespace fosterwatch::notifiable_events
