#include "services/carers/domain/application.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/policy.h"
#include "services/carers/domain/register.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::Application;

const v1::InformationItem* ItemOf(const Application& application, const std::string& code,
                                  const std::string& foster_parent_id) {
  for (const auto& item : application.items()) {
    if (item.code() == code && item.foster_parent_id() == foster_parent_id) return &item;
  }
  return nullptr;
}

bool IsAskedFor(const v1::CarerPolicy::InformationRule& rule, const Application& application) {
  return application.fostered_elsewhere() ? !rule.unless_fostered_elsewhere()
                                          : !rule.only_if_fostered_elsewhere();
}

// The day on which a stage became complete; empty while something is missing.
std::string CompleteDate(const v1::Carer& carer, const v1::CarerPolicy& policy, int stage) {
  if (!MissingOf(carer, policy, stage).empty()) return "";
  std::string day = carer.application().received_date();
  for (const auto& rule : policy.information()) {
    if (rule.stage() != stage) continue;
    for (const auto& item : carer.application().items()) {
      if (item.code() == rule.code()) day = std::max(day, item.obtained_date());
    }
  }
  return day;
}

Facts End(const v1::Carer& carer, Application::State state, const std::string& day,
          const std::string& reason) {
  Facts facts;
  auto* ended = facts.emplace_back().mutable_application_ended();
  ended->set_carer_id(carer.carer_id());
  ended->set_state(state);
  ended->set_ended_date(day);
  ended->set_reason(reason);
  return facts;
}

void CheckNotBefore(FieldCheck& check, absl::string_view field, const std::string& day,
                    const Application& application) {
  if (!day.empty() && day < application.received_date()) {
    check.Refuse(field, "BEFORE_THE_APPLICATION", "is before the application was received");
  }
}

}  // namespace

const v1::CarerPolicy& PolicyOf(const Application& application, const Context& context) {
  for (const auto& edition : context.policies->editions()) {
    if (edition.version() == application.policy_version()) return edition;
  }
  return InForce(*context.policies, context.now);
}

std::vector<std::string> MissingOf(const v1::Carer& carer, const v1::CarerPolicy& policy,
                                   int stage) {
  const Application& application = carer.application();
  std::vector<std::string> missing;
  for (const auto& rule : policy.information()) {
    if ((stage != 0 && rule.stage() != stage) || !IsAskedFor(rule, application)) continue;
    if (!rule.each_foster_parent()) {
      if (ItemOf(application, rule.code(), "") == nullptr) missing.push_back(rule.code());
      continue;
    }
    for (const auto& person : carer.foster_parents()) {
      if (ItemOf(application, rule.code(), person.foster_parent_id()) == nullptr) {
        missing.push_back(absl::StrCat(rule.code(), "/", person.foster_parent_id()));
      }
    }
  }
  return missing;
}

absl::Status CheckApplies(const v1::Carer& carer) {
  if (carer.application().state() == Application::STATE_OPEN) return absl::OkStatus();
  return Refused("NO_APPLICATION", "no application of this household is open");
}

absl::StatusOr<Facts> RecordApplication(const v1::Carer& carer,
                                        const v1::RecordApplicationRequest& request,
                                        const Context& context, NewId new_id) {
  using v1::Carer;
  FieldCheck check;
  CheckId(check, "carer_id", request.carer_id());
  if (request.kind() == Carer::KIND_UNSPECIFIED || !Carer::Kind_IsValid(request.kind())) {
    check.Refuse("kind", "REQUIRED", "is missing or unknown");
  } else if (carer.kind() != Carer::KIND_UNSPECIFIED && carer.kind() != request.kind()) {
    check.Refuse("kind", "OTHER_KIND", "is not the kind of this carer");
  }
  CheckParticulars(check, "particulars", request.particulars(), context.now);
  CheckDay(check, "received_date", request.received_date(), context.now);
  if (!check.ok()) return check.ToStatus();
  if (carer.application().state() == Application::STATE_OPEN) {
    return Refused("APPLICATION_OPEN", "an application of this household is open");
  }
  if (carer.status() == Carer::STATUS_APPROVED || carer.status() == Carer::STATUS_SUSPENDED) {
    return Refused("ALREADY_APPROVED", "the carer is approved");
  }
  if (carer.status() != Carer::STATUS_UNSPECIFIED &&
      carer.status() != Carer::STATUS_TEMPORARILY_APPROVED) {
    return Refused("RECORD_CLOSED", "the record is closed: a new application has a new id");
  }
  const v1::Particulars particulars = WithIds(request.particulars());
  Facts facts;
  if (carer.carer_id().empty()) {
    auto* told = facts.emplace_back().mutable_carer_recorded()->mutable_carer();
    told->set_carer_id(request.carer_id());
    told->set_kind(request.kind());
    told->set_name(HouseholdName(particulars));
    told->set_address(particulars.address());
  }
  auto* received = facts.emplace_back().mutable_application_received();
  received->set_carer_id(request.carer_id());
  Application* application = received->mutable_application();
  application->set_application_id(new_id());
  application->set_received_date(request.received_date());
  application->set_state(Application::STATE_OPEN);
  application->set_fostered_elsewhere(request.fostered_elsewhere());
  application->set_policy_version(
      InForce(*context.policies, StartOf(*ParseDay(request.received_date()))).version());
  *AddChange(facts, request.carer_id(), context, new_id(), request.received_date())
       ->mutable_particulars() = particulars;
  return facts;
}

absl::StatusOr<Facts> RecordInformation(const v1::Carer& carer,
                                        const v1::RecordInformationRequest& request,
                                        const Context& context) {
  RETURN_IF_ERROR(CheckApplies(carer));
  const v1::CarerPolicy& policy = PolicyOf(carer.application(), context);
  FieldCheck check;
  const v1::CarerPolicy::InformationRule* rule = nullptr;
  for (const auto& known : policy.information()) {
    if (known.code() == request.code()) rule = &known;
  }
  if (rule == nullptr || !IsAskedFor(*rule, carer.application())) {
    check.Refuse("code", "UNKNOWN_INFORMATION", "is not on the list of this application");
  } else if (rule->each_foster_parent()) {
    CheckFosterParent(check, "foster_parent_id", carer, request.foster_parent_id());
  } else if (!request.foster_parent_id().empty()) {
    check.Refuse("foster_parent_id", "NOT_OF_A_PERSON", "is given for what is of the household");
  }
  CheckDay(check, "obtained_date", request.obtained_date(), context.now);
  check.AtMost("note", request.note(), kMaxText);
  if (!check.ok()) return check.ToStatus();
  Facts facts;
  auto* obtained = facts.emplace_back().mutable_information_obtained();
  obtained->set_carer_id(carer.carer_id());
  v1::InformationItem* item = obtained->mutable_item();
  item->set_code(request.code());
  item->set_foster_parent_id(request.foster_parent_id());
  item->set_obtained_date(request.obtained_date());
  item->set_recorded_by(context.actor);
  item->set_note(request.note());
  v1::Carer after = carer;
  auto* items = after.mutable_application()->mutable_items();
  items->erase(std::remove_if(items->begin(), items->end(),
                              [&](const auto& known) {
                                return known.code() == item->code() &&
                                       known.foster_parent_id() == item->foster_parent_id();
                              }),
               items->end());
  *items->Add() = *item;
  obtained->set_stage_one_complete_date(CompleteDate(after, policy, 1));
  obtained->set_stage_two_complete_date(CompleteDate(after, policy, 2));
  return facts;
}

absl::StatusOr<Facts> BeginStageTwo(const v1::Carer& carer, const v1::BeginStageTwoRequest& request,
                                    const Context& context) {
  RETURN_IF_ERROR(CheckApplies(carer));
  FieldCheck check;
  CheckDay(check, "begun_date", request.begun_date(), context.now);
  CheckNotBefore(check, "begun_date", request.begun_date(), carer.application());
  if (!check.ok()) return check.ToStatus();
  if (!carer.application().stage_two_begun_date().empty()) {
    return Refused("STAGE_TWO_BEGUN", "stage 2 was begun before");
  }
  Facts facts;
  auto* begun = facts.emplace_back().mutable_stage_two_begun();
  begun->set_carer_id(carer.carer_id());
  begun->set_begun_date(request.begun_date());
  return facts;
}

absl::StatusOr<Facts> EndStageOne(const v1::Carer& carer, const v1::EndStageOneRequest& request,
                                  const Context& context) {
  RETURN_IF_ERROR(CheckApplies(carer));
  FieldCheck check;
  CheckDay(check, "ended_date", request.ended_date(), context.now);
  CheckNotBefore(check, "ended_date", request.ended_date(), carer.application());
  check.Require("reasons", request.reasons(), kMaxText);
  if (!check.ok()) return check.ToStatus();
  if (!carer.application().stage_two_begun_date().empty()) {
    return Refused("STAGE_TWO_BEGUN", "stage 2 was begun: a decision refuses, after the panel");
  }
  return End(carer, Application::STATE_STAGE_ONE_NEGATIVE, request.ended_date(), request.reasons());
}

absl::StatusOr<Facts> WithdrawApplication(const v1::Carer& carer,
                                          const v1::WithdrawApplicationRequest& request,
                                          const Context& context) {
  RETURN_IF_ERROR(CheckApplies(carer));
  FieldCheck check;
  CheckDay(check, "withdrawn_date", request.withdrawn_date(), context.now);
  CheckNotBefore(check, "withdrawn_date", request.withdrawn_date(), carer.application());
  check.AtMost("reason", request.reason(), kMaxText);
  if (!check.ok()) return check.ToStatus();
  return End(carer, Application::STATE_WITHDRAWN, request.withdrawn_date(), request.reason());
}

}  // namespace fosterwatch::carers::domain
