#include "services/carers/app.h"

#include "absl/strings/str_cat.h"

#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "libs/ledger/service.h"
#include "libs/runtime/page_token.h"
#include "libs/status/status_macros.h"
#include "services/carers/domain/carer.h"

namespace fosterwatch::carers {

using v1::CarersFact;

std::vector<ledger::Aggregate> Aggregates() {
  std::vector<ledger::Aggregate> aggregates;
  aggregates.push_back(ledger::MakeAggregate<v1::Carer, CarersFact>(
      "carer",
      [](v1::Carer& carer, const CarersFact& fact, const ledger::FactStamp&) {
        if (fact.has_carer_recorded()) carer = fact.carer_recorded().carer();
      },
      [](const v1::Carer& carer, const ledger::FactStamp& last, ledger::Statements& statements) {
        statements.push_back(
            {"INSERT INTO view.carer VALUES ($1, $2, $3) ON CONFLICT (agency_id, carer_id)"
             " DO UPDATE SET kind = excluded.kind",
             {last.agency_id, carer.carer_id(), int64_t{carer.kind()}}});
      },
      {"view.carer"}));
  return aggregates;
}

std::string ViewsSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE view.carer (agency_id text, carer_id text, kind bigint NOT NULL,"
      " PRIMARY KEY (agency_id, carer_id));",
      ledger::ViewRights("view.carer", role));
}

absl::StatusOr<v1::Carer> App::RecordCarer(const runtime::Call& call,
                                           const v1::RecordCarerRequest& request) {
  RETURN_IF_ERROR(domain::CheckCarer(request.carer()));
  return ledger::Write<v1::Carer, CarersFact>(
      *ledger_, call, request, "carer", request.carer().carer_id(),
      [carer = request.carer()](const v1::Carer& before,
                                int64_t) -> absl::StatusOr<std::vector<CarersFact>> {
        if (before.SerializeAsString() == carer.SerializeAsString()) {
          return std::vector<CarersFact>{};
        }
        CarersFact fact;
        *fact.mutable_carer_recorded()->mutable_carer() = carer;
        return std::vector<CarersFact>{fact};
      });
}

absl::StatusOr<v1::Carer> App::GetCarer(const runtime::Call& call,
                                        const v1::GetCarerRequest& request) {
  return ledger_->LoadAs<v1::Carer>(call.agency_id, "carer", request.carer_id());
}

absl::StatusOr<v1::ListCarersResponse> App::ListCarers(const runtime::Call& call,
                                                       const v1::ListCarersRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  ASSIGN_OR_RETURN(const std::string after, runtime::ReadPageToken(request));
  const int64_t kind = request.kind();
  ASSIGN_OR_RETURN(auto rows, ledger_->Read(call.agency_id,
                                            {{"SELECT carer_id FROM view.carer WHERE agency_id = $1"
                                              " AND ($2 = 0 OR kind = $2) AND carer_id > $3"
                                              " ORDER BY carer_id LIMIT $4",
                                              {call.agency_id, kind, after, int64_t{size} + 1}},
                                             {"SELECT count(*) FROM view.carer WHERE agency_id = $1"
                                              " AND ($2 = 0 OR kind = $2)",
                                              {call.agency_id, kind}}}));
  v1::ListCarersResponse response;
  response.set_total_size(rows[1].Int(0, 0));
  std::vector<std::string> ids;
  for (int row = 0; row < rows[0].rows() && row < size; ++row) ids.push_back(rows[0].Text(row, 0));
  if (rows[0].rows() > size) {
    response.set_next_page_token(runtime::MakePageToken(request, ids.back()));
  }
  ASSIGN_OR_RETURN(auto carers, ledger_->LoadMany(call.agency_id, "carer", ids));
  for (const std::string& id : ids) {
    *response.add_carers() = static_cast<const v1::Carer&>(*carers.at(id));
  }
  return response;
}

}  // namespace fosterwatch::carers
