#include "services/carers/rpc.h"

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "fosterwatch/carers/v1/carer_approval_service.pb.h"
#include "libs/ledger/id.h"
#include "libs/status/field_check.h"
#include "services/carers/domain/application.h"
#include "services/carers/domain/approval.h"
#include "services/carers/domain/carer.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/decision.h"
#include "services/carers/domain/ending_review.h"
#include "services/carers/domain/notice.h"
#include "services/carers/domain/register.h"
#include "services/carers/domain/review.h"
#include "services/carers/domain/supervision.h"
#include "services/carers/domain/work.h"
#include "services/carers/references.h"

namespace fosterwatch::carers {
namespace {

using domain::Context;
using domain::Facts;
using domain::NewId;
using runtime::Call;
using runtime::Reply;
using v1::Carer;

constexpr char kService[] = "fosterwatch.carers.v1.CarersService";
constexpr char kApproval[] = "fosterwatch.carers.v1.CarerApprovalService";
constexpr char kDuties[] = "fosterwatch.carers.v1.CarerDutiesService";

// Submits what a use case asks for, and answers with the carer when it is committed.
void Submit(App* app, const Call& call, absl::StatusOr<ledger::Unit> unit, Reply<Carer> reply) {
  if (!unit.ok()) return reply(unit.status());
  unit->done = [app, call, reply = std::move(reply)](absl::StatusOr<ledger::Outcome> outcome) {
    if (!outcome.ok()) return reply(outcome.status());
    reply(app->ShownTo(call, outcome->As<Carer>(0)));
  };
  app->ledger().Submit(*std::move(unit));
}

enum class Needs { kCarer, kNothing };
// Whether it names persons or bodies that the directory should know.
enum class Judged { kByItself, kByDirectory };

// A method that is one decision on one carer.
template <typename Request, typename Decide>
void Write(runtime::Door& door, App* app, const char* service, const std::string& method,
           Decide decide, Needs needs = Needs::kCarer, Judged judged = Judged::kByItself) {
  door.OnAsync<Request, Carer>(
      service, method,
      [app, decide, needs, judged](const Call& call, const Request& request, Reply<Carer> reply) {
        std::shared_ptr<const domain::Directory> directory;
        if (judged == Judged::kByDirectory) {
          auto read = DirectoryOf(app->ledger(), call.agency_id);
          if (!read.ok()) return reply(read.status());
          directory = *std::move(read);
        }
        Submit(app, call,
               app->Change(
                   call, request, request.carer_id(), needs == Needs::kNothing,
                   [decide, request](const Carer& carer, const Context& context) {
                     if constexpr (std::is_invocable_v<Decide, const Carer&, const Request&,
                                                       const Context&>) {
                       return decide(carer, request, context);
                     } else {
                       return decide(carer, request, context, ledger::NewId);
                     }
                   },
                   std::move(directory)),
               std::move(reply));
      });
}

void RegisterRegister(runtime::Door& door, App* app) {
  door.Serve(v1::RegisterEntry::descriptor()->file()->pool()->FindServiceByName(kService));
  door.OnAsync<v1::RecordCarerRequest, Carer>(
      kService, "RecordCarer",
      [app](const Call& call, const v1::RecordCarerRequest& request, Reply<Carer> reply) {
        FieldCheck check;
        domain::CheckId(check, "carer.carer_id", request.carer().carer_id());
        if (!check.ok()) return reply(check.ToStatus());
        auto unit = app->Change(call, request, request.carer().carer_id(), true,
                                [request](const Carer& carer, const Context& context) {
                                  return domain::RecordCarer(carer, request.carer(), context);
                                });
        Submit(app, call, std::move(unit), std::move(reply));
      });
  door.OnAsync<v1::TakeOverCarerRequest, Carer>(
      kService, "TakeOverCarer",
      [app](const Call& call, const v1::TakeOverCarerRequest& request, Reply<Carer> reply) {
        if (request.dry_run()) return reply(app->TryTakeOver(call, request));
        Submit(app, call, app->TakeOverCarer(call, request), std::move(reply));
      });
  Write<v1::RecordParticularsRequest>(door, app, kService, "RecordParticulars",
                                      domain::RecordParticulars);
  Write<v1::CorrectRegisterRequest>(door, app, kService, "CorrectRegister",
                                    domain::CorrectRegister);
  Write<v1::PlaceLegalHoldRequest>(door, app, kService, "PlaceLegalHold", domain::PlaceLegalHold);
  Write<v1::LiftLegalHoldRequest>(door, app, kService, "LiftLegalHold", domain::LiftLegalHold);
  Write<v1::RecordAccessRequestRequest>(door, app, kService, "RecordAccessRequest",
                                        domain::RecordAccessRequest);
  Write<v1::AnswerAccessRequestRequest>(door, app, kService, "AnswerAccessRequest",
                                        domain::AnswerAccessRequest);
  door.OnAsync<v1::MergeCarersRequest, Carer>(
      kService, "MergeCarers",
      [app](const Call& call, const v1::MergeCarersRequest& request, Reply<Carer> reply) {
        Submit(app, call, app->MergeCarers(call, request), std::move(reply));
      });
  door.On(kService, "UndoMerge", app, &App::UndoMerge);
  door.OnAsync<v1::KeepCarersApartRequest, Carer>(
      kService, "KeepCarersApart",
      [app](const Call& call, const v1::KeepCarersApartRequest& request, Reply<Carer> reply) {
        Submit(app, call, app->KeepCarersApart(call, request), std::move(reply));
      });
  Write<v1::AssignSupervisorRequest>(door, app, kService, "AssignSupervisor",
                                     domain::AssignSupervisor, Needs::kCarer, Judged::kByDirectory);
  door.OnAsync<v1::OpenInEmergencyRequest, Carer>(
      kService, "OpenInEmergency",
      [app](const Call& call, const v1::OpenInEmergencyRequest& request, Reply<Carer> reply) {
        Submit(app, call, app->OpenInEmergency(call, request), std::move(reply));
      });
  Write<v1::ReviewEmergencyRequest>(door, app, kService, "ReviewEmergency",
                                    domain::ReviewEmergency);
  door.On(kService, "ListEmergencies", app, &App::ListEmergencies);
  door.On(kService, "ListDuplicates", app, &App::ListDuplicates);
  door.On(kService, "TakeOverCarers", app, &App::TakeOverCarers);
  door.On(kService, "GetCarer", app, &App::GetCarer);
  door.On(kService, "ListCarers", app, &App::ListCarers);
  door.On(kService, "CountCarers", app, &App::CountCarers);
  door.On(kService, "ExtractRegister", app, &App::ExtractRegister);
  door.On(kService, "ListRegisterChanges", app, &App::ListRegisterChanges);
  door.On(kService, "GetCarerPolicy", app, &App::GetCarerPolicy);
}

void RegisterApproval(runtime::Door& door, App* app) {
  door.Serve(v1::RecordApplicationRequest::descriptor()->file()->FindServiceByName(
      "CarerApprovalService"));
  Write<v1::RecordApplicationRequest>(door, app, kApproval, "RecordApplication",
                                      domain::RecordApplication, Needs::kNothing);
  Write<v1::RecordInformationRequest>(door, app, kApproval, "RecordInformation",
                                      domain::RecordInformation);
  Write<v1::BeginStageTwoRequest>(door, app, kApproval, "BeginStageTwo", domain::BeginStageTwo);
  Write<v1::EndStageOneRequest>(door, app, kApproval, "EndStageOne", domain::EndStageOne);
  Write<v1::WithdrawApplicationRequest>(door, app, kApproval, "WithdrawApplication",
                                        domain::WithdrawApplication);
  Write<v1::RecordRecommendationRequest>(door, app, kApproval, "RecordRecommendation",
                                         domain::RecordRecommendation);
  Write<v1::RecordDecisionRequest>(door, app, kApproval, "RecordDecision", domain::RecordDecision,
                                   Needs::kCarer, Judged::kByDirectory);
  Write<v1::GiveDecisionNoticeRequest>(door, app, kApproval, "GiveDecisionNotice",
                                       domain::GiveDecisionNotice);
  Write<v1::RecordDecisionAnswerRequest>(door, app, kApproval, "RecordDecisionAnswer",
                                         domain::RecordDecisionAnswer);
  Write<v1::SendReviewPapersRequest>(door, app, kApproval, "SendReviewPapers",
                                     domain::SendReviewPapers);
  Write<v1::ApproveTemporarilyRequest>(door, app, kApproval, "ApproveTemporarily",
                                       domain::ApproveTemporarily, Needs::kNothing);
  Write<v1::ExtendTemporaryApprovalRequest>(door, app, kApproval, "ExtendTemporaryApproval",
                                            domain::ExtendTemporaryApproval);
  Write<v1::ChangeTermsRequest>(door, app, kApproval, "ChangeTerms", domain::ChangeTerms);
  Write<v1::GrantExemptionRequest>(door, app, kApproval, "GrantExemption", domain::GrantExemption,
                                   Needs::kCarer, Judged::kByDirectory);
  Write<v1::SuspendApprovalRequest>(door, app, kApproval, "SuspendApproval",
                                    domain::SuspendApproval);
  Write<v1::LiftSuspensionRequest>(door, app, kApproval, "LiftSuspension", domain::LiftSuspension);
  Write<v1::RecordResignationRequest>(door, app, kApproval, "RecordResignation",
                                      domain::RecordResignation);
  Write<v1::RecordDeathRequest>(door, app, kApproval, "RecordDeath", domain::RecordDeath);
  Write<v1::RecordReviewRequest>(door, app, kApproval, "RecordReview", domain::RecordReview,
                                 Needs::kCarer, Judged::kByDirectory);
}

void RegisterDuties(runtime::Door& door, App* app) {
  door.Serve(v1::ListDutiesRequest::descriptor()->file()->FindServiceByName("CarerDutiesService"));
  door.On(kDuties, "ListDuties", app, &App::ListDuties);
  door.On(kDuties, "ListVisits", app, &App::ListVisits);
  Write<v1::IssueAgreementRequest>(door, app, kDuties, "IssueAgreement", domain::IssueAgreement);
  Write<v1::RecordAgreementReturnedRequest>(door, app, kDuties, "RecordAgreementReturned",
                                            domain::RecordAgreementReturned);
  Write<v1::RecordVisitRequest>(door, app, kDuties, "RecordVisit", domain::RecordVisit,
                                Needs::kCarer, Judged::kByDirectory);
  Write<v1::AssignEndingReviewRequest>(door, app, kDuties, "AssignEndingReview",
                                       domain::AssignEndingReview, Needs::kCarer,
                                       Judged::kByDirectory);
  Write<v1::RecordEndingReviewRequest>(door, app, kDuties, "RecordEndingReview",
                                       domain::RecordEndingReview, Needs::kCarer,
                                       Judged::kByDirectory);
  Write<v1::RecordCheckRequest>(door, app, kDuties, "RecordCheck", domain::RecordCheck);
  Write<v1::CloseCarerActionRequest>(door, app, kDuties, "CloseCarerAction", domain::CloseAction);
}

}  // namespace

void Register(runtime::Door& door, App* app) {
  RegisterRegister(door, app);
  RegisterApproval(door, app);
  RegisterDuties(door, app);
}

}  // namespace fosterwatch::carers
