#include "services/kpis/rpc.h"

#include "libs/ledger/service.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/kpis/intake.h"
#include "services/kpis/kept_views.h"

namespace fosterwatch::kpis {
namespace {

using runtime::Call;

constexpr char kFigures[] = "fosterwatch.kpis.v1.FiguresService";
constexpr char kSaferCaring[] = "fosterwatch.kpis.v1.SaferCaringService";
constexpr char kPlans[] = "fosterwatch.kpis.v1.ActionPlansService";
constexpr char kEditions[] = "fosterwatch.kpis.v1.EditionsService";
constexpr char kQuality[] = "fosterwatch.kpis.v1.DataQualityService";

// A list of kept_views.h.
template <typename Request, typename Response>
void List(runtime::Door& door, Upkeep* upkeep, const char* service, const std::string& method,
          absl::StatusOr<Response> (*list)(ledger::Ledger&, const std::string&, const Request&)) {
  door.On<Request, Response>(service, method,
                             [upkeep, list](const Call& call, const Request& request) {
                               return list(upkeep->ledger(), call.agency_id, request);
                             });
}

// What became of the record that a publisher's event is about.
template <typename Record>
absl::StatusOr<Record> Taken(const Intake& intake, absl::string_view type, const Call& call,
                             const v1::IngestCloudEventRequest& request) {
  // The other type is the other service's.
  if (IsIntakeType(request.type()) && request.type() != type) {
    return InvalidField("type", "UNKNOWN_EVENT_TYPE", "is no type that this service takes");
  }
  ASSIGN_OR_RETURN(ledger::Unit unit,
                   Ingest(intake, ledger::UnitOf(call, request), call.caller.person_id, request));
  ASSIGN_OR_RETURN(const ledger::Outcome outcome,
                   intake.imports->ledger().SubmitAndWait(std::move(unit)));
  return outcome.As<Record>(0);
}

}  // namespace

void RegisterImports(runtime::Door& door, const Intake& intake) {
  Imports* imports = intake.imports;
  SaferCaring* safer_caring = intake.safer_caring;
  door.Serve(v1::ImportFiguresRequest::descriptor()->file()->FindServiceByName("FiguresService"));
  door.On(kFigures, "ImportFigures", imports, &Imports::Import);
  door.On(kFigures, "WithdrawFigure", imports, &Imports::Withdraw);
  door.On<v1::ListImportedFiguresRequest, v1::ListImportedFiguresResponse>(
      kFigures, "ListImportedFigures",
      [imports](const Call& call, const v1::ListImportedFiguresRequest& request) {
        return imports->List(call.agency_id, request);
      });
  door.On<v1::IngestCloudEventRequest, v1::ImportedFigure>(
      kFigures, "IngestCloudEvent",
      [intake](const Call& call,
               const v1::IngestCloudEventRequest& request) -> absl::StatusOr<v1::ImportedFigure> {
        return Taken<v1::ImportedFigure>(intake, kFigureReportedType, call, request);
      });
  door.Serve(
      v1::GetSaferCaringPlanRequest::descriptor()->file()->FindServiceByName("SaferCaringService"));
  door.On<v1::IngestCloudEventRequest, v1::SaferCaringPlan>(
      kSaferCaring, "IngestCloudEvent",
      [intake](const Call& call,
               const v1::IngestCloudEventRequest& request) -> absl::StatusOr<v1::SaferCaringPlan> {
        return Taken<v1::SaferCaringPlan>(intake, kSaferCaringReviewedType, call, request);
      });
  door.On<v1::GetSaferCaringPlanRequest, v1::SaferCaringPlan>(
      kSaferCaring, "GetSaferCaringPlan",
      [safer_caring](const Call& call, const v1::GetSaferCaringPlanRequest& request) {
        return safer_caring->Get(call.agency_id, request);
      });
}

void RegisterUpkeep(runtime::Door& door, Upkeep* upkeep) {
  door.Serve(v1::ListPlansRequest::descriptor()->file()->FindServiceByName("ActionPlansService"));
  List(door, upkeep, kPlans, "ListPlans", &ListPlans);
  door.On<v1::GetPlanRequest, v1::ActionPlan>(
      kPlans, "GetPlan", [upkeep](const Call& call, const v1::GetPlanRequest& request) {
        return upkeep->GetPlan(call.agency_id, request);
      });
  door.On(kPlans, "NamePlanOwner", upkeep, &Upkeep::NamePlanOwner);
  door.On(kPlans, "AddAction", upkeep, &Upkeep::AddAction);
  door.On(kPlans, "FinishAction", upkeep, &Upkeep::FinishAction);
  door.On(kPlans, "ReviewPlan", upkeep, &Upkeep::ReviewPlan);
  door.Serve(v1::ListEditionsRequest::descriptor()->file()->FindServiceByName("EditionsService"));
  door.On(kEditions, "FreezeEdition", upkeep, &Upkeep::FreezeEdition);
  List(door, upkeep, kEditions, "ListEditions", &ListEditions);
  List(door, upkeep, kEditions, "GetEdition", &GetEdition);
  List(door, upkeep, kEditions, "ListRestatements", &ListRestatements);
  door.On(kEditions, "AcceptRestatement", upkeep, &Upkeep::AcceptRestatement);
  door.Serve(
      v1::ListFindingsRequest::descriptor()->file()->FindServiceByName("DataQualityService"));
  door.On<v1::ListFindingsRequest, v1::ListFindingsResponse>(
      kQuality, "ListFindings", [upkeep](const Call& call, const v1::ListFindingsRequest& request) {
        return upkeep->ListFindings(call.agency_id, request);
      });
}

}  // namespace fosterwatch::kpis
