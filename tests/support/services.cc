#include "tests/support/services.h"

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "fosterwatch/allegations/v1/audits_service.pb.h"
#include "fosterwatch/carers/v1/carer_approval_service.pb.h"
#include "fosterwatch/carers/v1/carer_duties_service.pb.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/complaints/v1/feedback_service.pb.h"
#include "fosterwatch/complaints/v1/oversight_service.pb.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/directory/v1/sign_ins_service.pb.h"
#include "fosterwatch/gateway/v1/gateway_service.pb.h"
#include "fosterwatch/kpis/v1/action_plans_service.pb.h"
#include "fosterwatch/kpis/v1/data_quality_service.pb.h"
#include "fosterwatch/kpis/v1/editions_service.pb.h"
#include "fosterwatch/kpis/v1/figure_import_service.pb.h"
#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "fosterwatch/kpis/v1/safer_caring_service.pb.h"
#include "fosterwatch/notifiable_events/v1/decision_service.pb.h"
#include "fosterwatch/notifiable_events/v1/law_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/notifiable_events/v1/oversight.pb.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "fosterwatch/operations/v1/access_service.pb.h"
#include "fosterwatch/operations/v1/ended_tokens_service.pb.h"
#include "fosterwatch/operations/v1/parked_service.pb.h"
#include "fosterwatch/operations/v1/vitals_service.pb.h"
#include "fosterwatch/packs/v1/packs_service.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"

namespace fosterwatch::testing {
namespace {

// A message of each file with a service.
std::vector<const google::protobuf::Descriptor*> OneOfEach() {
  return {
      allegations::v1::ReceiveAllegationRequest::descriptor(),
      allegations::v1::StartAuditRequest::descriptor(),
      carers::v1::RecordApplicationRequest::descriptor(),
      carers::v1::ListDutiesRequest::descriptor(),
      carers::v1::RecordCarerRequest::descriptor(),
      complaints::v1::RecordComplaintRequest::descriptor(),
      complaints::v1::IngestCloudEventRequest::descriptor(),
      complaints::v1::ListSightingsRequest::descriptor(),
      directory::v1::RecordBodyRequest::descriptor(),
      directory::v1::SignedIn::descriptor(),
      gateway::v1::WatchRequest::descriptor(),
      kpis::v1::ListPlansRequest::descriptor(),
      kpis::v1::ListFindingsRequest::descriptor(),
      kpis::v1::FreezeEditionRequest::descriptor(),
      kpis::v1::ImportFiguresRequest::descriptor(),
      kpis::v1::ListKpisRequest::descriptor(),
      kpis::v1::GetSaferCaringPlanRequest::descriptor(),
      notifiable_events::v1::RecordDecisionRequest::descriptor(),
      notifiable_events::v1::ListFormsRequest::descriptor(),
      notifiable_events::v1::ReportEventRequest::descriptor(),
      notifiable_events::v1::GetTrendRequest::descriptor(),
      notifications::v1::ListAlertsRequest::descriptor(),
      operations::v1::Access::descriptor(),
      operations::v1::EndedToken::descriptor(),
      operations::v1::ParkedRecord::descriptor(),
      operations::v1::GetVitalsRequest::descriptor(),
      packs::v1::MakeComplaintsStatementRequest::descriptor(),
      placements::v1::RecordChildRequest::descriptor(),
  };
}

}  // namespace

std::vector<const google::protobuf::ServiceDescriptor*> EveryService() {
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const google::protobuf::Descriptor* message : OneOfEach()) {
    for (int i = 0; i < message->file()->service_count(); ++i) {
      services.push_back(message->file()->service(i));
    }
  }
  return services;
}

std::vector<const google::protobuf::MethodDescriptor*> EveryUnaryMethod() {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  for (const auto* service : EveryService()) {
    for (int i = 0; i < service->method_count(); ++i) {
      if (!service->method(i)->server_streaming()) methods.push_back(service->method(i));
    }
  }
  return methods;
}

}  // namespace fosterwatch::testing
