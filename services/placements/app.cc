#include "services/placements/app.h"

#include <set>

#include "absl/strings/str_cat.h"

#include "fosterwatch/directory/v1/directory.pb.h"
#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/ledger/service.h"
#include "libs/runtime/page_token.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/placements/domain/child.h"

namespace fosterwatch::placements {

using v1::PlacementsFact;

std::vector<ledger::Aggregate> Aggregates() {
  std::vector<ledger::Aggregate> aggregates;
  aggregates.push_back(ledger::MakeAggregate<v1::Child, PlacementsFact>(
      "child",
      [](v1::Child& child, const PlacementsFact& fact, const ledger::FactStamp&) {
        if (fact.has_child_recorded()) child = fact.child_recorded().child();
      },
      [](const v1::Child& child, const ledger::FactStamp& last, ledger::Statements& statements) {
        statements.push_back(
            {"INSERT INTO view.child VALUES ($1, $2, $3) ON CONFLICT (agency_id, child_id)"
             " DO UPDATE SET carer_id = excluded.carer_id",
             {last.agency_id, child.child_id(), child.carer_id()}});
      },
      {"view.child"}));
  return aggregates;
}

std::string ViewsSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE view.child (agency_id text, child_id text, carer_id text NOT NULL,"
      " PRIMARY KEY (agency_id, child_id));"
      "CREATE INDEX child_of_carer ON view.child (agency_id, carer_id);",
      ledger::ViewRights("view.child", role));
}

absl::StatusOr<v1::Child> App::RecordChild(const runtime::Call& call,
                                           const v1::RecordChildRequest& request) {
  const v1::Child& child = request.child();
  ASSIGN_OR_RETURN(
      auto rows,
      ledger_->Read(call.agency_id,
                    {{"SELECT body_id FROM reference.body WHERE agency_id = $1 AND kind = $2"
                      " AND body_id = ANY ($3)",
                      {call.agency_id, int64_t{directory::v1::Body::KIND_LOCAL_AUTHORITY},
                       pg::TextArray{child.responsible_authority_id(), child.area_authority_id()}}},
                     {"SELECT 1 FROM reference.carer WHERE agency_id = $1 AND carer_id = $2",
                      {call.agency_id, child.carer_id()}}}));
  std::set<std::string> authorities;
  for (int row = 0; row < rows[0].rows(); ++row) authorities.insert(rows[0].Text(row, 0));
  RETURN_IF_ERROR(domain::CheckChild(
      child, {authorities.contains(child.responsible_authority_id()),
              authorities.contains(child.area_authority_id()), rows[1].rows() > 0}));
  return ledger::Write<v1::Child, PlacementsFact>(
      *ledger_, call, request, "child", child.child_id(),
      [child](const v1::Child& before, int64_t) -> absl::StatusOr<std::vector<PlacementsFact>> {
        if (before.SerializeAsString() == child.SerializeAsString()) {
          return std::vector<PlacementsFact>{};
        }
        PlacementsFact fact;
        *fact.mutable_child_recorded()->mutable_child() = child;
        return std::vector<PlacementsFact>{fact};
      });
}

absl::StatusOr<v1::Child> App::GetChild(const runtime::Call& call,
                                        const v1::GetChildRequest& request) {
  return ledger_->LoadAs<v1::Child>(call.agency_id, "child", request.child_id());
}

absl::StatusOr<v1::ListChildrenResponse> App::ListChildren(const runtime::Call& call,
                                                           const v1::ListChildrenRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  ASSIGN_OR_RETURN(const std::string after, runtime::ReadPageToken(request));
  if (request.child_ids_size() > 1000) {
    return InvalidField("child_ids", "TOO_MANY", "names more than 1000 children");
  }
  const pg::TextArray only(request.child_ids().begin(), request.child_ids().end());
  constexpr char kWhere[] =
      " FROM view.child WHERE agency_id = $1 AND ($2 = '' OR carer_id = $2)"
      " AND (cardinality($3) = 0 OR child_id = ANY ($3))";
  ASSIGN_OR_RETURN(
      auto rows,
      ledger_->Read(
          call.agency_id,
          {{absl::StrCat("SELECT child_id", kWhere,
                         " AND child_id > $4 ORDER BY child_id LIMIT $5"),
            {call.agency_id, request.carer_id(), only, after, int64_t{size} + 1}},
           {absl::StrCat("SELECT count(*)", kWhere), {call.agency_id, request.carer_id(), only}}}));
  v1::ListChildrenResponse response;
  response.set_total_size(rows[1].Int(0, 0));
  std::vector<std::string> ids;
  for (int row = 0; row < rows[0].rows() && row < size; ++row) ids.push_back(rows[0].Text(row, 0));
  if (rows[0].rows() > size) {
    response.set_next_page_token(runtime::MakePageToken(request, ids.back()));
  }
  ASSIGN_OR_RETURN(auto children, ledger_->LoadMany(call.agency_id, "child", ids));
  for (const std::string& id : ids) {
    *response.add_children() = static_cast<const v1::Child&>(*children.at(id));
  }
  return response;
}

}  // namespace fosterwatch::placements
