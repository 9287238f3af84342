// What the tests of this area share: the agency's own data files, people of every role, requests
// that are right, and an allegation at each step.
#pragma once

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "services/allegations/domain/attention.h"
#include "services/allegations/domain/audit.h"
#include "services/allegations/domain/evolve.h"
#include "services/allegations/domain/follow_up.h"
#include "services/allegations/domain/pathway.h"
#include "services/allegations/domain/receive.h"
#include "services/allegations/domain/steps.h"

namespace fosterwatch::allegations::domain {

inline std::string ReadSource(const std::string& path) {
  const char* root = std::getenv("FOSTERWATCH_SOURCE_DIR");
  std::ifstream file(absl::StrCat(root == nullptr ? "." : root, "/", path));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline const v1::PathwayPolicies& OurPolicies() {
  static const auto* const policies = new v1::PathwayPolicies(
      ParsePathway(ReadSource("services/allegations/policy/pathway.json")).value());
  return *policies;
}

inline const v1::AuditForms& OurForms() {
  static const auto* const forms = new v1::AuditForms(
      ParseAuditForms(ReadSource("services/allegations/policy/audit_forms.json")).value());
  return *forms;
}

inline const clock::WorkingCalendar& OurCalendar() {
  static const auto* const calendar = new clock::WorkingCalendar(
      clock::WorkingCalendar::Parse(
          ReadSource("libs/clock/data/bank_holidays_england_and_wales.json"))
          .value());
  return *calendar;
}

inline Rules OurRules() { return {OurPolicies(), OurCalendar()}; }

// Wednesday 25 November 2026, 10:00 in London.
inline const absl::Time kNow = absl::FromUnixSeconds(1'795'600'800);

// "id-1", "id-2" ...
class Ids {
 public:
  std::string operator()() const { return absl::StrCat("id-", ++last_); }

 private:
  mutable int last_ = 0;
};

inline People OurPeople() {
  const absl::Time before = kNow - absl::Hours(24 * 365);
  return {{{"caseworker", options::v1::ROLE_CASEWORKER, before},
           {"manager", options::v1::ROLE_TEAM_MANAGER, before},
           {"registered", options::v1::ROLE_REGISTERED_MANAGER, before},
           {"left", options::v1::ROLE_CASEWORKER, before, kNow - absl::Hours(1)}}};
}

inline const std::vector<options::v1::Role> kAManager = {options::v1::ROLE_TEAM_MANAGER};
inline const std::vector<options::v1::Role> kTheManager = {options::v1::ROLE_REGISTERED_MANAGER};

inline Named Everybody() { return {true, true, "F-1"}; }

inline v1::ReceiveAllegationRequest Told() {
  v1::ReceiveAllegationRequest request;
  auto& report = *request.mutable_report();
  report.set_carer_id("F-1");
  report.set_child_id("C-1");
  report.add_grounds(v1::GROUND_HARM);
  report.set_informant(v1::INFORMANT_CHILD);
  *report.mutable_became_aware_time() = clock::ToProto(kNow - absl::Hours(1));
  report.set_summary("what the child said");
  return request;
}

inline v1::ReceiveAllegationRequest AboutStaff(const std::string& person_id) {
  v1::ReceiveAllegationRequest request = Told();
  request.mutable_report()->clear_carer_id();
  request.mutable_report()->set_person_id(person_id);
  return request;
}

inline v1::ReferAllegationRequest Referring() {
  v1::ReferAllegationRequest request;
  *request.mutable_referred_time() = clock::ToProto(kNow);
  request.set_officer_name("Ms Officer");
  request.set_channel(type::v1::CHANNEL_TELEPHONE);
  return request;
}

inline v1::RecordStrategyMeetingRequest Meeting() {
  v1::RecordStrategyMeetingRequest request;
  *request.mutable_held_time() = clock::ToProto(kNow);
  request.set_decisions("the police will look into it");
  return request;
}

inline v1::StartInvestigationRequest Investigating() {
  v1::StartInvestigationRequest request;
  request.add_kinds(v1::Investigation::KIND_POLICE);
  *request.mutable_started_time() = clock::ToProto(kNow);
  return request;
}

inline v1::RecordOfficerConclusionRequest Concluding(
    v1::Outcome outcome = v1::OUTCOME_UNSUBSTANTIATED) {
  v1::RecordOfficerConclusionRequest request;
  request.set_outcome(outcome);
  *request.mutable_concluded_time() = clock::ToProto(kNow);
  request.set_reasons("what was found");
  return request;
}

inline v1::RecordOutcomeToldRequest Telling(const std::string& party) {
  v1::RecordOutcomeToldRequest request;
  request.set_party(party);
  *request.mutable_told_time() = clock::ToProto(kNow);
  request.set_channel(type::v1::CHANNEL_TELEPHONE);
  return request;
}

inline v1::CloseChecklistItemRequest Done(const v1::ChecklistItem& item) {
  v1::CloseChecklistItemRequest request;
  request.set_item_id(item.action().action_id());
  request.set_evidence("done");
  return request;
}

inline v1::RecordLearningRequest Learning() {
  v1::RecordLearningRequest request;
  request.set_learning("see children alone");
  request.set_action("put it into the visits' form");
  request.set_action_owner_id("manager");
  return request;
}

inline v1::CloseAllegationRequest Closing() {
  v1::CloseAllegationRequest request;
  request.set_summary("what happened and what was done");
  return request;
}

// Applies what a decision gave, with what it settles, as the ledger does.
inline void Apply(v1::Allegation& allegation, const absl::StatusOr<Facts>& facts,
                  absl::Time at = kNow) {
  ASSERT_TRUE(facts.ok()) << facts.status();
  Facts settled = SettleAttention(allegation, *facts);
  for (const auto& fact : *facts) Evolve(allegation, fact, {"fact", at, "manager"});
  for (const auto& fact : settled) Evolve(allegation, fact, {"fact", at, "manager"});
}

inline v1::Allegation Received(const v1::ReceiveAllegationRequest& request = Told()) {
  v1::Allegation allegation;
  Ids ids;
  Apply(allegation,
        Receive(request, "A-1", "caseworker", Everybody(), OurPeople(), OurRules(), kNow, ids));
  return allegation;
}

inline v1::Allegation Referred(const v1::ReceiveAllegationRequest& request = Told()) {
  v1::Allegation allegation = Received(request);
  Ids ids;
  Apply(allegation, Refer(allegation, Referring(), "manager", false, OurRules(), kNow,
                          [&] { return "r-" + ids(); }));
  return allegation;
}

inline v1::Allegation Concluded(v1::Outcome outcome = v1::OUTCOME_UNSUBSTANTIATED,
                                const v1::ReceiveAllegationRequest& request = Told()) {
  v1::Allegation allegation = Referred(request);
  Ids ids;
  Apply(allegation, RecordOfficerConclusion(allegation, Concluding(outcome), "manager", OurPeople(),
                                            OurRules(), kNow, [&] { return "c-" + ids(); }));
  return allegation;
}

inline v1::Allegation Reviewing() {
  v1::Allegation allegation = Concluded();
  Ids ids;
  Apply(allegation,
        StartAgencyReview(allegation, "manager", OurRules(), kNow, [&] { return "v-" + ids(); }));
  return allegation;
}

// With all that closing asks for.
inline v1::Allegation Ready() {
  v1::Allegation allegation = Reviewing();
  Ids ids;
  Apply(allegation, RecordLearning(allegation, Learning(), "registered", OurPeople(), OurRules(),
                                   kNow, [&] { return "l-" + ids(); }));
  const v1::Allegation before = allegation;
  for (const auto& item : before.checklist()) {
    if (item.code() != "LEARNING")
      Apply(allegation, CloseItem(allegation, Done(item), "m", kAManager, OurPolicies(), kNow));
  }
  for (const auto& telling : before.tellings()) {
    Apply(allegation, RecordTold(allegation, Telling(telling.party()), "m", kNow));
  }
  return allegation;
}

inline std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const Violation& violation : ViolationsOf(status)) fields.push_back(violation.field);
  return fields;
}

}  // namespace fosterwatch::allegations::domain
