#include "tests/replay/story_of_registers.h"

#include <algorithm>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "fosterwatch/allegations/v1/audits_service.pb.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/complaints/v1/oversight_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/status/status_macros.h"
#include "libs/testing/await.h"

namespace fosterwatch::replay {
namespace {

namespace complaints = complaints::v1;
namespace allegations = allegations::v1;
using allegations::Allegation;
using allegations::Audit;
using carers::v1::Carer;
using complaints::Complaint;
using complaints::Sighting;
using testing::Agency;
using testing::AwaitTrue;
using testing::Installation;

constexpr char kComplaints[] = "fosterwatch.complaints.v1.ComplaintsService";
constexpr char kOversight[] = "fosterwatch.complaints.v1.ComplaintsOversightService";
constexpr char kAllegations[] = "fosterwatch.allegations.v1.AllegationsService";
constexpr char kCarers[] = "fosterwatch.carers.v1.CarersService";
constexpr char kAudits[] = "fosterwatch.allegations.v1.AuditsService";
constexpr absl::Duration kPatience = absl::Seconds(60);

google::protobuf::Timestamp Ago(absl::Duration duration) {
  return clock::ToProto(absl::Now() - duration);
}

class Registers {
 public:
  Registers(Installation& installation, const Agency& agency)
      : installation_(installation), agency_(agency) {}

  absl::Status AwaitKnown() {
    const auto known = [&] {
      for (const char* service : {"complaints", "allegations"}) {
        auto rows = installation_.Database(service)->Query(
            "SELECT (SELECT count(*) FROM reference.child WHERE child_id = 'C-1')"
            " * (SELECT count(*) FROM reference.carer WHERE carer_id = 'F-1')"
            " * (SELECT count(*) FROM reference.holder)");
        if (!rows.ok() || rows->Int(0, 0) == 0) return false;
      }
      return true;
    };
    return AwaitTrue(known, kPatience)
               ? absl::OkStatus()
               : absl::DeadlineExceededError("the registers do not get to know the agency");
  }

  // To the second stage, with its clock extended and paused, and to what was learnt.
  absl::Status PlayComplaint() {
    ASSIGN_OR_RETURN(Complaint complaint, Recorded());
    complaint_id_ = complaint.complaint_id();
    complaints::AcknowledgeComplaintRequest acknowledge;
    acknowledge.set_advocate_offered(true);
    RETURN_IF_ERROR(Act("AcknowledgeComplaint", acknowledge));
    complaints::ExtendStageRequest extend;
    extend.set_reason("a witness is away");
    extend.set_agreed_by(Me());
    extend.set_agreed_with("the child");
    RETURN_IF_ERROR(Act("ExtendStage", extend));
    complaints::PauseStageRequest pause;
    pause.set_reason("the child is in hospital");
    RETURN_IF_ERROR(Act("PauseStage", pause));
    complaints::ResumeStageRequest resume;
    resume.set_reason("the child is back");
    RETURN_IF_ERROR(Act("ResumeStage", resume));
    complaints::AnswerStageRequest answer;
    answer.set_answer("the money is paid");
    RETURN_IF_ERROR(Act("AnswerStage", answer));
    RETURN_IF_ERROR(Act("StartNextStage", complaints::StartNextStageRequest()));
    complaints::AssignInvestigatorRequest investigator;
    investigator.set_outside_name("Jo Bell");
    RETURN_IF_ERROR(Act("AssignInvestigator", investigator));
    complaints::NameIndependentRequest independent;
    independent.set_part_id("independent_person");
    independent.set_name("Ama Boateng");
    RETURN_IF_ERROR(Act("NameIndependent", independent));
    RETURN_IF_ERROR(Act("AnswerStage", answer));
    complaints::DecidePointRequest decide;
    decide.set_point_id(complaint.points(0).point_id());
    decide.set_outcome(complaints::POINT_OUTCOME_UPHELD);
    decide.set_reason("the ledger shows it");
    RETURN_IF_ERROR(Act("DecidePoint", decide));
    complaints::RecordActionTakenRequest taken;
    taken.set_text("paid, and the carer was told");
    RETURN_IF_ERROR(Act("RecordActionTaken", taken));
    complaints::JudgeSeriousnessRequest judge;
    judge.set_reason("it was put right at once");
    RETURN_IF_ERROR(Act("JudgeSeriousness", judge));
    complaints::CloseComplaintRequest close;
    close.set_outcome("upheld");
    RETURN_IF_ERROR(Act("CloseComplaint", close, &complaint));
    return Learn(complaint);
  }

  absl::Status PlayOthers() {
    ASSIGN_OR_RETURN(const Complaint withdrawn, Recorded());
    complaints::WithdrawComplaintRequest withdraw;
    withdraw.set_complaint_id(withdrawn.complaint_id());
    withdraw.set_reason("settled between them");
    *withdraw.mutable_giver_told_time() = Ago(absl::Seconds(1));
    RETURN_IF_ERROR(Call<Complaint>(kComplaints, "WithdrawComplaint", withdraw).status());
    complaints::RecordComplimentRequest compliment;
    *compliment.mutable_report() = Report();
    compliment.mutable_report()->set_kind(complaints::COMPLAINT_KIND_COMPLIMENT);
    compliment.mutable_report()->clear_procedure_id();
    return Call<Complaint>(kComplaints, "RecordCompliment", compliment).status();
  }

  // From the first word to its closing; the register of complaints takes it for one of its own, and
  // is told that it is another matter.
  absl::Status PlayAllegation() {
    allegations::ReceiveAllegationRequest receive;
    auto* report = receive.mutable_report();
    report->set_carer_id("F-1");
    report->set_child_id("C-1");
    report->add_grounds(allegations::GROUND_HARM);
    report->set_informant(allegations::INFORMANT_CHILD);
    *report->mutable_became_aware_time() = Ago(absl::Minutes(30));
    report->set_summary("what the child said");
    ASSIGN_OR_RETURN(Allegation allegation,
                     Call<Allegation>(kAllegations, "ReceiveAllegation", receive));
    allegation_id_ = allegation.allegation_id();
    allegations::ReferAllegationRequest refer;
    *refer.mutable_referred_time() = Ago(absl::Minutes(20));
    refer.set_body_id("northshire");
    refer.set_officer_name("Ms Officer");
    refer.set_channel(type::v1::CHANNEL_TELEPHONE);
    RETURN_IF_ERROR(Follow("ReferAllegation", refer));
    allegations::RecordOfficerConclusionRequest conclude;
    conclude.set_outcome(allegations::OUTCOME_UNSUBSTANTIATED);
    *conclude.mutable_concluded_time() = Ago(absl::Minutes(10));
    conclude.set_reasons("what was found");
    RETURN_IF_ERROR(Follow("RecordOfficerConclusion", conclude, &allegation));
    RETURN_IF_ERROR(Follow("StartAgencyReview", allegations::StartAgencyReviewRequest()));
    RETURN_IF_ERROR(FollowUp(allegation));
    allegations::CloseAllegationRequest close;
    close.set_summary("what happened, and what was done");
    RETURN_IF_ERROR(Follow("CloseAllegation", close));
    return TakeBack();
  }

  absl::Status PlayAudit() {
    allegations::StartAuditRequest start;
    start.set_scope(Audit::SCOPE_LAST_12_MONTHS);
    start.set_kind(allegations::AuditedRecord::KIND_ALLEGATION);
    ASSIGN_OR_RETURN(Audit audit, Call<Audit>(kAudits, "StartAudit", start));
    allegations::GetAuditFormRequest which;
    which.set_version(audit.form_version());
    ASSIGN_OR_RETURN(const auto form,
                     installation_.Call<allegations::AuditForm>(agency_.RegisteredManager(),
                                                                kAudits, "GetAuditForm", which));
    allegations::GradeRecordRequest grade;
    grade.set_audit_id(audit.audit_id());
    grade.set_kind(start.kind());
    grade.set_record_id(audit.records(0).record_id());
    for (const auto& question : form.questions()) {
      const auto& kinds = question.kinds();
      if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), grade.kind()) == kinds.end()) {
        continue;
      }
      auto* answer = grade.add_answers();
      answer->set_question_id(question.question_id());
      answer->set_grade("MET");
    }
    auto* finding = grade.add_findings();
    finding->set_question_id(grade.answers(0).question_id());
    finding->set_description("write it up");
    finding->set_owner_id(Me());
    ASSIGN_OR_RETURN(audit, Call<Audit>(kAudits, "GradeRecord", grade));
    allegations::CloseFindingRequest done;
    done.set_audit_id(audit.audit_id());
    done.set_action_id(audit.records(0).findings(0).action().action_id());
    done.set_evidence("it is written up");
    RETURN_IF_ERROR(Call<Audit>(kAudits, "CloseFinding", done).status());
    allegations::CompleteAuditRequest complete;
    complete.set_audit_id(audit.audit_id());
    complete.set_summary("all is well");
    return Call<Audit>(kAudits, "CompleteAudit", complete).status();
  }

  // Somebody supervises the household, somebody else opens it in an emergency, and it is looked at.
  absl::Status PlayCaseload() {
    carers::v1::AssignSupervisorRequest assign;
    assign.set_carer_id("F-1");
    assign.set_supervisor_id(Me());
    RETURN_IF_ERROR(Call<Carer>(kCarers, "AssignSupervisor", assign).status());
    carers::v1::OpenInEmergencyRequest open;
    open.set_request_id("registers-emergency");
    open.set_carer_id("F-1");
    open.set_reason("the child rang at night");
    ASSIGN_OR_RETURN(
        const Carer opened,
        installation_.Call<Carer>(
            {agency_.id(), "social-worker-1", {options::v1::ROLE_SUPERVISING_SOCIAL_WORKER}},
            kCarers, "OpenInEmergency", open));
    carers::v1::ReviewEmergencyRequest review;
    review.set_carer_id("F-1");
    review.set_emergency_id(opened.emergencies(0).emergency_id());
    review.set_note("rightly so");
    review.set_end(true);
    return Call<Carer>(kCarers, "ReviewEmergency", review).status();
  }

 private:
  std::string Me() const { return agency_.RegisteredManager().person_id; }

  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(const char* service, const std::string& method, Request request) {
    request.set_request_id(absl::StrCat("registers-", ++requests_));
    return installation_.Call<Response>(agency_.RegisteredManager(), service, method, request);
  }
  template <typename Request>
  absl::Status Act(const std::string& method, Request request, Complaint* after = nullptr) {
    request.set_complaint_id(complaint_id_);
    ASSIGN_OR_RETURN(Complaint answer, Call<Complaint>(kComplaints, method, request));
    if (after != nullptr) *after = std::move(answer);
    return absl::OkStatus();
  }
  template <typename Request>
  absl::Status Follow(const std::string& method, Request request, Allegation* after = nullptr) {
    request.set_allegation_id(allegation_id_);
    ASSIGN_OR_RETURN(Allegation answer, Call<Allegation>(kAllegations, method, request));
    if (after != nullptr) *after = std::move(answer);
    return absl::OkStatus();
  }

  complaints::ComplaintReport Report() const {
    complaints::ComplaintReport report;
    report.set_kind(complaints::COMPLAINT_KIND_COMPLAINT);
    report.mutable_giver()->set_kind(complaints::GIVER_KIND_CHILD);
    report.mutable_giver()->set_giver_id("C-1");
    report.mutable_giver()->set_name("Robin Child");
    report.mutable_subject()->set_kind(complaints::SUBJECT_KIND_CARER);
    report.mutable_subject()->set_carer_id("F-1");
    report.mutable_subject()->set_child_id("C-1");
    report.set_received_by(complaints::RECEIVED_BY_IN_PERSON);
    *report.mutable_received_time() = Ago(absl::Hours(1));
    report.set_category("QUALITY_OF_CARE");
    report.set_summary("no pocket money for three weeks");
    report.set_procedure_id("ca1989");
    return report;
  }
  absl::StatusOr<Complaint> Recorded() {
    complaints::RecordComplaintRequest request;
    *request.mutable_report() = Report();
    return Call<Complaint>(kComplaints, "RecordComplaint", request);
  }

  absl::Status Learn(const Complaint& closed) {
    const std::string review_id = closed.learning_reviews(0).review_id();
    complaints::RecordLearningRequest learning;
    learning.set_review_id(review_id);
    learning.set_learning("money is asked about at visits");
    learning.set_published_learning("We ask about money at visits.");
    RETURN_IF_ERROR(Act("RecordLearning", learning));
    complaints::AddLearningActionRequest add;
    add.set_review_id(review_id);
    add.set_description("put it into the form for visits");
    add.set_owner_id(Me());
    *add.mutable_due_time() = clock::ToProto(absl::Now() + absl::Hours(48));
    Complaint learnt;
    RETURN_IF_ERROR(Act("AddLearningAction", add, &learnt));
    complaints::CloseLearningActionRequest done;
    done.set_review_id(review_id);
    done.set_action_id(learnt.learning_reviews(0).actions(0).action_id());
    done.set_evidence("the new form");
    RETURN_IF_ERROR(Act("CloseLearningAction", done));
    complaints::CloseLearningReviewRequest close;
    close.set_review_id(review_id);
    return Act("CloseLearningReview", close);
  }

  absl::Status FollowUp(const Allegation& allegation) {
    const auto close = [&](const allegations::ChecklistItem& item) {
      allegations::CloseChecklistItemRequest done;
      done.set_item_id(item.action().action_id());
      done.set_evidence("minutes of the meeting");
      return Follow("CloseChecklistItem", done);
    };
    for (const auto& item : allegation.checklist()) {
      if (item.code() != "LEARNING") {
        RETURN_IF_ERROR(close(item));
        continue;
      }
      allegations::RecordLearningRequest learning;
      learning.set_learning("see children alone");
      learning.set_action("put it into the form for visits");
      learning.set_action_owner_id(Me());
      Allegation learnt;
      RETURN_IF_ERROR(Follow("RecordLearning", learning, &learnt));
      RETURN_IF_ERROR(close(*learnt.checklist().rbegin()));
    }
    for (const auto& telling : allegation.tellings()) {
      allegations::RecordOutcomeToldRequest told;
      told.set_party(telling.party());
      *told.mutable_told_time() = clock::ToProto(absl::Now());
      told.set_channel(type::v1::CHANNEL_TELEPHONE);
      RETURN_IF_ERROR(Follow("RecordOutcomeTold", told));
    }
    return absl::OkStatus();
  }

  absl::Status TakeBack() {
    Sighting seen;
    const auto matched = [&] {
      const auto all = installation_.Call<complaints::ListSightingsResponse>(
          agency_.RegisteredManager(), kOversight, "ListSightings",
          complaints::ListSightingsRequest());
      for (int i = 0; all.ok() && i < all->sightings_size(); ++i) {
        if (all->sightings(i).source_id() == allegation_id_) seen = all->sightings(i);
      }
      return seen.state() == Sighting::STATE_MATCHED;
    };
    if (!AwaitTrue(matched, kPatience)) {
      return absl::DeadlineExceededError("the allegation is not seen by the complaints");
    }
    complaints::TakeBackMatchRequest back;
    back.set_sighting_id(seen.sighting_id());
    back.set_complaint_id(seen.matched_complaint_id());
    back.set_reason("another matter of the same week");
    RETURN_IF_ERROR(Call<Sighting>(kOversight, "TakeBackMatch", back).status());
    complaints::ExplainSightingRequest explain;
    explain.set_sighting_id(seen.sighting_id());
    explain.set_explanation("nobody complained");
    return Call<Sighting>(kOversight, "ExplainSighting", explain).status();
  }

  Installation& installation_;
  const Agency& agency_;
  std::string complaint_id_, allegation_id_;
  int requests_ = 0;
};

}  // namespace

absl::Status PlayRegisters(Installation& installation, const Agency& agency) {
  Registers registers(installation, agency);
  RETURN_IF_ERROR(registers.AwaitKnown());
  RETURN_IF_ERROR(registers.PlayComplaint());
  RETURN_IF_ERROR(registers.PlayOthers());
  RETURN_IF_ERROR(registers.PlayAllegation());
  RETURN_IF_ERROR(registers.PlayAudit());
  return registers.PlayCaseload();
}

}  // namespace fosterwatch::replay
