// Who may see which household: what is opened in an emergency.
#include <map>
#include <set>
#include <utility>

#include "libs/clock/proto_time.h"
#include "libs/ledger/id.h"
#include "libs/runtime/page_token.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/carers/app.h"
#include "services/carers/domain/supervision.h"
#include "services/carers/views.h"

namespace fosterwatch::carers {

using v1::Carer;

absl::StatusOr<ledger::Unit> App::OpenInEmergency(const runtime::Call& call,
                                                  const v1::OpenInEmergencyRequest& request) const {
  std::string carer_id = request.carer_id();
  if (carer_id.empty() == request.child_id().empty()) {
    return InvalidField("carer_id", "ONE_OF_TWO", "or child_id: exactly one of them is needed");
  }
  if (carer_id.empty()) {
    ASSIGN_OR_RETURN(
        const auto rows,
        ledger_->Read(call.agency_id,
                      {{absl::StrCat("SELECT carer_id FROM ", CaseloadTables().residence,
                                     " WHERE agency_id = $1 AND child_id = $2 AND carer_id <> ''"),
                        {call.agency_id, request.child_id()}}}));
    if (rows[0].rows() == 0) {
      return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such child",
                   {{"child_id", "names no child who lives with a carer of this agency"}});
    }
    carer_id = rows[0].Text(0, 0);
  }
  return Change(call, request, carer_id, /*may_be_new=*/false,
                [request](const Carer& carer, const domain::Context& context) {
                  return domain::OpenInEmergency(carer, request, context, ledger::NewId);
                });
}

absl::StatusOr<v1::ListEmergenciesResponse> App::ListEmergencies(
    const runtime::Call& call, const v1::ListEmergenciesRequest& request) {
  const caseload::Asker asker = AskerOf(call);
  ASSIGN_OR_RETURN(const Page page, carers::ListEmergencies(*ledger_, asker, request));
  std::set<std::string> ids;
  for (const Page::Row& row : page.rows) ids.insert(row.carer_id);
  ASSIGN_OR_RETURN(auto carers,
                   ledger_->LoadMany(call.agency_id, kCarerAggregate, {ids.begin(), ids.end()}));
  v1::ListEmergenciesResponse response;
  response.set_total_size(page.total);
  *response.mutable_as_of_time() = clock::ToProto(asker.now);
  for (const Page::Row& row : page.rows) {
    const auto found = carers.find(row.carer_id);
    if (found == carers.end()) continue;
    const Carer& carer = static_cast<const Carer&>(*found->second);
    for (const v1::EmergencyAccess& emergency : carer.emergencies()) {
      if (emergency.emergency_id() != row.item_id) continue;
      auto* item = response.add_items();
      item->set_carer_id(row.carer_id);
      item->set_carer_name(carer.name());
      *item->mutable_emergency() = emergency;
      item->set_open(asker.now < clock::FromProto(emergency.until_time()));
    }
  }
  if (page.more) {
    response.set_next_page_token(runtime::MakePageToken(request, page.rows.back().place));
  }
  return response;
}

}  // namespace fosterwatch::carers
