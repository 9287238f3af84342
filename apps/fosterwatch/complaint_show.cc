// One complaint as a person reads it.
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/complaint.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/complaints/v1/complaint.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

namespace v1 = complaints::v1;
using v1::Complaint;

std::string StateWord(Complaint::State state) {
  return Word(Complaint::State_Name(state), "STATE_");
}

void ShowDuties(const Complaint& complaint) {
  Table duties({"OWED", "STAGE", "DUE", "STATE", "ID"});
  for (const v1::Duty& duty : complaint.duties()) {
    std::string state = duty.has_done_time()    ? absl::StrCat("done ", ShowTime(duty.done_time()))
                        : duty.fallen_away()    ? "fallen away"
                        : duty.suspended()      ? "paused"
                        : duty.attention_open() ? "overdue"
                                                : "open";
    if (duty.has_first_due_time()) {
      const bool late = duty.first_due_time().seconds() == duty.due_time().seconds();
      absl::StrAppend(&state,
                      late ? ", extended after the limit, which stands: " : ", extended from ",
                      ShowTime(duty.first_due_time()));
    }
    const std::string kind = Word(v1::DutyKind_Name(duty.kind()), "DUTY_KIND_");
    duties.Add({duty.step_id().empty() ? kind : duty.step_id(),
                duty.stage_number() == 0 ? "-" : absl::StrCat(duty.stage_number()),
                duty.suspended() ? "-" : ShowTime(duty.due_time()), state, duty.duty_id()});
  }
  if (!duties.empty()) std::printf("\n%s", duties.Text().c_str());
}

void ShowPoints(const Complaint& complaint) {
  Table points({"POINT", "OUTCOME", "ID"});
  for (const v1::Point& point : complaint.points()) {
    points.Add({point.text(),
                point.outcome() == v1::POINT_OUTCOME_UNSPECIFIED
                    ? "-"
                    : Word(v1::PointOutcome_Name(point.outcome()), "POINT_OUTCOME_"),
                point.point_id()});
  }
  if (!points.empty()) std::printf("\n%s", points.Text().c_str());
}

void ShowHistory(const Complaint& complaint) {
  Table history({"WHEN", "WHAT", "BY"});
  for (const v1::HistoryEntry& entry : complaint.history()) {
    history.Add({ShowTime(entry.recorded_time()), entry.fact(), entry.actor()});
  }
  std::printf("\n%s", history.Text().c_str());
}

}  // namespace

absl::Status ShowComplaint(const Context& context, const absl::StatusOr<Complaint>& complaint) {
  RETURN_IF_ERROR(complaint.status());
  if (context.json) {
    PrintJson(*complaint);
    return absl::OkStatus();
  }
  const v1::ComplaintReport& report = complaint->report();
  Table table({absl::StrCat("CASE ", complaint->case_number().text()), complaint->complaint_id()});
  const auto line = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) table.Add({name, value});
  };
  line("kind", Word(v1::ComplaintKind_Name(report.kind()), "COMPLAINT_KIND_"));
  line("state", StateWord(complaint->state()));
  line("given by", absl::StrCat(Word(v1::GiverKind_Name(report.giver().kind()), "GIVER_KIND_"),
                                report.giver().name().empty() ? "" : ", ", report.giver().name()));
  line("about", Word(v1::SubjectKind_Name(report.subject().kind()), "SUBJECT_KIND_"));
  line("carer", complaint->carer_unchecked()
                    ? absl::StrCat(report.subject().carer_id(),
                                   " (not checked: no carer of the agency was known here)")
                    : report.subject().carer_id());
  line("child", report.subject().child_id());
  line("staff", report.subject().staff_id());
  line("received", absl::StrCat(ShowTime(report.received_time()), ", ",
                                Word(v1::ReceivedBy_Name(report.received_by()), "RECEIVED_BY_")));
  if (report.has_happened_time()) line("happened", ShowTime(report.happened_time()));
  line("category", report.category());
  line("what was said", report.summary());
  if (!complaint->stages().empty()) {
    const v1::Stage& stage = *complaint->stages().rbegin();
    line("stage", absl::StrCat(stage.procedure_id(), " ", stage.stage_id(), ", ", stage.title()));
    if (stage.has_request_until_time()) {
      line("next stage until", ShowTime(stage.request_until_time()));
    }
  }
  if (complaint->has_out_of_time()) {
    const v1::OutOfTime& late = complaint->out_of_time();
    line("out of time",
         absl::StrCat(
             "since ", ShowTime(late.limit_time()), ", ",
             late.decision() == v1::OutOfTime::DECISION_UNSPECIFIED
                 ? "nobody has decided yet"
                 : absl::StrCat(Word(v1::OutOfTime::Decision_Name(late.decision()), "DECISION_"),
                                " by ", late.decided_by(), ": ", late.reason())));
  }
  if (complaint->has_other_route()) {
    std::string roles;
    for (const int role : complaint->other_route().considered_by()) {
      absl::StrAppend(&roles, roles.empty() ? "" : ", ",
                      Word(options::v1::Role_Name(static_cast<options::v1::Role>(role)), "ROLE_"));
    }
    line("considered by", roles);
  }
  if (complaint->has_seriousness()) {
    line("serious", complaint->seriousness().serious() ? "yes" : "no");
  }
  for (const v1::EventProposal& proposal : complaint->event_proposals()) {
    line("event proposed",
         absl::StrCat(Word(v1::EventProposal::State_Name(proposal.state()), "STATE_"), " ",
                      proposal.event_id().empty() ? proposal.proposal_id() : proposal.event_id()));
  }
  for (const v1::Disclosure& disclosure : complaint->disclosures()) {
    line("harm disclosed", disclosure.allegation_id().empty()
                               ? "an allegation is being opened"
                               : absl::StrCat("allegation ", disclosure.allegation_id()));
  }
  for (const v1::ActionTaken& taken : complaint->actions_taken())
    line("action taken", taken.text());
  if (complaint->has_closure()) line("outcome", complaint->closure().outcome());
  for (const v1::LearningReview& review : complaint->learning_reviews()) {
    line("review", absl::StrCat(review.review_id(), review.has_closed_time() ? ", closed" : ""));
    for (const auto& action : review.actions()) {
      line("learning action",
           absl::StrCat(action.action_id(), " ", action.description(), ", ", action.owner_id()));
    }
  }
  std::fputs(table.Text().c_str(), stdout);
  ShowPoints(*complaint);
  ShowDuties(*complaint);
  ShowHistory(*complaint);
  return absl::OkStatus();
}

}  // namespace fosterwatch::app
