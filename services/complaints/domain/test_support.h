// What the tests of the domain share: the shipped book and bank holidays, and a complaint that is
// worked on by hand.
#pragma once

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include <gtest/gtest.h>

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "services/complaints/domain/ending.h"
#include "services/complaints/domain/evolve.h"
#include "services/complaints/domain/out_of_time.h"
#include "services/complaints/domain/overdue.h"
#include "services/complaints/domain/record.h"
#include "services/complaints/domain/serious.h"
#include "services/complaints/domain/stages.h"

namespace fosterwatch::complaints::domain {

inline std::string ReadSource(const std::string& path) {
  const char* root = std::getenv("FOSTERWATCH_SOURCE_DIR");
  std::ifstream in(absl::StrCat(root == nullptr ? "." : root, "/", path));
  EXPECT_TRUE(in.good()) << path;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline std::string BookText() { return ReadSource("services/complaints/policy/procedures.json"); }

inline const Book& OurBook() {
  static const auto* const book = new Book(ParseProcedures(BookText()).value());
  return *book;
}

inline const clock::WorkingCalendar& OurCalendar() {
  static const auto* const calendar = new clock::WorkingCalendar(
      clock::WorkingCalendar::Parse(
          ReadSource("libs/clock/data/bank_holidays_england_and_wales.json"))
          .value());
  return *calendar;
}

inline absl::Time Utc(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << ": " << error;
  return time;
}

inline std::string Show(const google::protobuf::Timestamp& timestamp) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", clock::FromProto(timestamp), absl::UTCTimeZone());
}

// "id-1", "id-2", ...
class Ids {
 public:
  std::string operator()() const { return absl::StrCat("id-", ++last_); }

 private:
  mutable int last_ = 0;  // FunctionRef calls what it refers to as const
};

inline const Actor kCaseworker = {"caseworker", {options::v1::ROLE_CASEWORKER}};
inline const Actor kManager = {"manager", {options::v1::ROLE_TEAM_MANAGER}};
inline const Actor kRegistered = {"registered", {options::v1::ROLE_REGISTERED_MANAGER}};

// A Wednesday, a fortnight before Christmas: ten working days end in January.
inline const absl::Time kReceived = Utc("2026-12-16T10:00:00Z");

// Of a child about a carer, by the local authority's procedure.
inline v1::RecordComplaintRequest Recording() {
  v1::RecordComplaintRequest request;
  v1::ComplaintReport& report = *request.mutable_report();
  report.set_kind(v1::COMPLAINT_KIND_COMPLAINT);
  report.mutable_giver()->set_kind(v1::GIVER_KIND_CHILD);
  report.mutable_giver()->set_name("Robin Child");
  report.mutable_giver()->set_giver_id("C-1");
  report.mutable_subject()->set_kind(v1::SUBJECT_KIND_CARER);
  report.mutable_subject()->set_carer_id("F-1");
  report.mutable_subject()->set_child_id("C-1");
  report.set_received_by(v1::RECEIVED_BY_TELEPHONE);
  *report.mutable_received_time() = clock::ToProto(kReceived);
  report.set_category("QUALITY_OF_CARE");
  report.set_summary("no pocket money");
  report.set_procedure_id("ca1989");
  return request;
}

inline Circumstances Known() { return {true, true, "MAINSTREAM"}; }

// A complaint under the hands of a test, by a clock that the test moves.
class Case {
 public:
  absl::Time now = kReceived;
  v1::Complaint complaint;

  Given given() const { return {OurBook(), OurCalendar(), now, ids_}; }

  absl::Status Apply(const absl::StatusOr<Facts>& decided, const Actor& actor = kManager) {
    if (!decided.ok()) return decided.status();
    Facts facts = *decided;
    const Facts settled = RecordSettled(complaint, facts, now);
    facts.insert(facts.end(), settled.begin(), settled.end());
    for (const auto& fact : facts) {
      Evolve(complaint, fact, {absl::StrCat("fact-", complaint.version() + 1), now, actor.id});
    }
    last = facts;
    return absl::OkStatus();
  }
  // One rule; the request gets the complaint's id.
  template <typename Request>
  absl::Status Do(absl::StatusOr<Facts> (*rule)(const v1::Complaint&, const Request&, const Actor&,
                                                const Given&),
                  Request request, const Actor& actor = kManager) {
    request.set_complaint_id(complaint.complaint_id());
    return Apply(rule(complaint, request, actor, given()), actor);
  }
  absl::Status Record(const v1::RecordComplaintRequest& request = Recording()) {
    return Apply(domain::Record(request, "complaint", MakeCaseNumber(2026, 7), kCaseworker, Known(),
                                given()),
                 kCaseworker);
  }
  absl::Status Overdue() { return Apply(RecordOverdue(complaint, now)); }

  absl::Status Answer(const Actor& actor = kManager) {
    v1::AnswerStageRequest request;
    request.set_answer("we have looked into it");
    return Do(AnswerStage, request, actor);
  }
  absl::Status Extend(const Actor& actor = kManager) {
    v1::ExtendStageRequest request;
    request.set_reason("a witness is away");
    request.set_agreed_by("registered");
    request.set_agreed_with("the child");
    return Do(ExtendStage, request, actor);
  }
  absl::Status Pause() {
    v1::PauseStageRequest request;
    request.set_reason("the child is in hospital");
    return Do(PauseStage, request);
  }
  absl::Status Resume() {
    v1::ResumeStageRequest request;
    request.set_reason("the child is back");
    return Do(ResumeStage, request);
  }
  absl::Status Assign(const std::string& person_id) {
    v1::AssignInvestigatorRequest request;
    request.set_person_id(person_id);
    return Do(AssignInvestigator, request);
  }
  absl::Status Name(const std::string& part_id, const std::string& name, bool chairs = false,
                    const std::string& replaces_id = "") {
    v1::NameIndependentRequest request;
    request.set_part_id(part_id);
    request.set_name(name);
    request.set_chairs(chairs);
    request.set_replaces_id(replaces_id);
    return Do(NameIndependent, request);
  }
  // The people from outside of the panel; in an earlier stage the independent person.
  absl::Status NameAll() {
    if (stage().stage_id() != "stage_3") return Name("independent_person", "Indie Pendent");
    for (const auto& [name, chairs] :
         std::vector<std::pair<std::string, bool>>{{"Ana", true}, {"Ben", false}, {"Cy", false}}) {
      if (const absl::Status named = Name("panel", name, chairs); !named.ok()) return named;
    }
    return absl::OkStatus();
  }
  absl::Status Next(const std::string& late_reason = "") {
    v1::StartNextStageRequest request;
    request.set_late_reason(late_reason);
    return Do(StartNextStage, request);
  }
  absl::Status Decide(v1::PointOutcome outcome = v1::POINT_OUTCOME_UPHELD, int point = 0) {
    v1::DecidePointRequest request;
    request.set_point_id(complaint.points(point).point_id());
    request.set_outcome(outcome);
    request.set_reason("what was found");
    return Do(DecidePoint, request);
  }
  absl::Status TakeAction() {
    v1::RecordActionTakenRequest request;
    request.set_text("the money was paid");
    return Do(RecordActionTaken, request);
  }
  absl::Status Close(const std::string& outcome = "upheld", const Actor& actor = kRegistered) {
    v1::CloseComplaintRequest request;
    request.set_outcome(outcome);
    return Do(domain::Close, request, actor);
  }
  absl::Status Withdraw(const Actor& actor = kManager) {
    v1::WithdrawComplaintRequest request;
    request.set_reason("settled between them");
    return Do(domain::Withdraw, request, actor);
  }
  absl::Status Reopen() {
    v1::ReopenComplaintRequest request;
    request.set_reason("new evidence");
    return Do(domain::Reopen, request);
  }
  absl::Status Reclassify(const std::string& procedure_id) {
    v1::ReclassifyComplaintRequest request;
    request.set_to_procedure_id(procedure_id);
    request.set_to_allegation(procedure_id.empty());
    request.set_reason("it is another matter");
    return Do(domain::Reclassify, request);
  }
  absl::Status Judge(bool serious) {
    v1::JudgeSeriousnessRequest request;
    request.set_serious(serious);
    request.set_reason("as it is");
    return Do(JudgeSeriousness, request);
  }
  absl::Status AcceptEvent(const std::string& reported_event_id = "") {
    v1::AcceptEventProposalRequest request;
    request.set_proposal_id(complaint.event_proposals().rbegin()->proposal_id());
    request.set_reason("row 9");
    request.set_complaint_id(complaint.complaint_id());
    return Apply(AcceptEventProposal(complaint, request, reported_event_id, kRegistered, given()),
                 kRegistered);
  }

  const v1::Stage& stage() const { return *CurrentStage(complaint); }
  // The open duty of a kind; fails the test where there is none.
  const v1::Duty& duty(v1::DutyKind kind = v1::DUTY_KIND_STEP) const {
    static const v1::Duty none;
    const v1::Duty* found = OpenDuty(complaint, kind);
    EXPECT_NE(found, nullptr) << v1::DutyKind_Name(kind);
    return found == nullptr ? none : *found;
  }
  // The codes of the last change's attentions.
  std::vector<std::string> Attentions() const {
    std::vector<std::string> codes;
    for (const auto& fact : last) {
      if (fact.has_attention_needed()) codes.push_back(fact.attention_needed().code());
      if (fact.has_attention_settled()) codes.push_back("settled");
    }
    return codes;
  }

  Facts last;

 private:
  Ids ids_;
};

inline std::set<std::string> FieldsOf(const absl::Status& status) {
  std::set<std::string> fields;
  for (const Violation& violation : ViolationsOf(status)) fields.insert(violation.field);
  return fields;
}

}  // namespace fosterwatch::complaints::domain
