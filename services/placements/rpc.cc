#include "services/placements/rpc.h"

#include <string>
#include <utility>

#include "libs/ledger/service.h"
#include "libs/status/status_macros.h"
#include "services/placements/intake.h"
#include "services/placements/views.h"

namespace fosterwatch::placements {
namespace {

using runtime::Call;
using v1::ChildFile;
using v1::Placement;

constexpr char kService[] = "fosterwatch.placements.v1.PlacementsService";

// A method that changes a child; `answer` finds in the child what is answered.
template <typename Response, typename Request>
void Write(runtime::Door& door, App* app, const std::string& method,
           absl::StatusOr<ledger::Unit> (App::*use_case)(ledger::Unit, const Request&),
           std::function<Response(const ChildFile&, const Request&)> answer) {
  door.On<Request, Response>(
      kService, method,
      [app, use_case, answer = std::move(answer)](
          const Call& call, const Request& request) -> absl::StatusOr<Response> {
        ASSIGN_OR_RETURN(const ChildFile file,
                         app->Commit((app->*use_case)(ledger::UnitOf(call, request), request)));
        return answer(file, request);
      });
}

// A list of views.h.
template <typename Request, typename Response>
void List(runtime::Door& door, App* app, const std::string& method,
          absl::StatusOr<Response> (*list)(ledger::Ledger&, const caseload::Asker&,
                                           const Request&)) {
  door.On<Request, Response>(
      kService, method, [app, list](const Call& call, const Request& request) {
        return list(app->ledger(), caseload::AskerOf(call, app->now()), request);
      });
}

Placement OrNone(const Placement* placement) {
  return placement == nullptr ? Placement() : *placement;
}

void RegisterWrites(runtime::Door& door, App* app) {
  Write<v1::Child, v1::RecordChildRequest>(
      door, app, "RecordChild", &App::RecordChild,
      [](const ChildFile& file, const auto&) { return domain::ChildOf(file); });
  Write<Placement, v1::StartPlacementRequest>(
      door, app, "StartPlacement", &App::StartPlacement,
      [](const ChildFile& file, const auto&) { return OrNone(domain::Current(file)); });
  Write<Placement, v1::MoveChildRequest>(
      door, app, "MoveChild", &App::MoveChild,
      [](const ChildFile& file, const auto&) { return OrNone(domain::Current(file)); });
  Write<Placement, v1::EndPlacementRequest>(door, app, "EndPlacement", &App::EndPlacement,
                                            [](const ChildFile& file, const auto&) {
                                              // Nothing comes after what was the current one.
                                              return file.placements(file.placements_size() - 1);
                                            });
  Write<Placement, v1::CorrectPlacementRequest>(
      door, app, "CorrectPlacement", &App::CorrectPlacement,
      [](const ChildFile& file, const v1::CorrectPlacementRequest& request) {
        return OrNone(domain::FindPlacement(file, request.placement().placement_id()));
      });
  Write<Placement, v1::RecordPlacementRequest>(
      door, app, "RecordPlacement", &App::RecordPlacement,
      [](const ChildFile& file, const v1::RecordPlacementRequest& request) {
        return OrNone(domain::FindSame(file, request.placement()));
      });
  door.On(kService, "BatchRecordChildren", app, &App::BatchRecordChildren);
  door.On(kService, "BatchRecordPlacements", app, &App::BatchRecordPlacements);
  door.On<v1::IngestCloudEventRequest, Placement>(
      kService, "IngestCloudEvent",
      [app](const Call& call,
            const v1::IngestCloudEventRequest& request) -> absl::StatusOr<Placement> {
        ASSIGN_OR_RETURN(const ChildFile file,
                         app->Commit(Ingest(*app, ledger::UnitOf(call, request),
                                            call.caller.person_id, request)));
        if (const Placement* current = domain::Current(file)) return *current;
        Placement none;
        none.set_child_id(file.child_id());
        return none;
      });
}

}  // namespace

void Register(runtime::Door& door, App* app, const Households* households) {
  door.Serve(v1::GetChildRequest::descriptor()->file()->FindServiceByName("PlacementsService"));
  RegisterWrites(door, app);
  door.On<v1::GetChildRequest, v1::Child>(
      kService, "GetChild", [app](const Call& call, const v1::GetChildRequest& request) {
        return app->GetChild(call.agency_id, request);
      });
  door.On<v1::GetPlacementRequest, Placement>(
      kService, "GetPlacement", [app](const Call& call, const v1::GetPlacementRequest& request) {
        return GetPlacement(app->ledger(), call.agency_id, request.placement_id());
      });
  door.On<v1::GetHouseholdRequest, v1::Household>(
      kService, "GetHousehold",
      [households](const Call& call, const v1::GetHouseholdRequest& request) {
        return households->Get(call.agency_id, request.carer_id());
      });
  door.On<v1::ListCodesRequest, v1::CodeList>(
      kService, "ListCodes",
      [app](const Call&, const v1::ListCodesRequest& request) { return app->ListCodes(request); });
  List(door, app, "ListChildren", &ListChildren);
  List(door, app, "ListPlacements", &ListPlacements);
  List(door, app, "ListHouseholds", &ListHouseholds);
}

}  // namespace fosterwatch::placements
