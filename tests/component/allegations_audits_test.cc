// Audits over allegations and events, and what each reader sees of them.
#include <algorithm>

#include "tests/component/allegations_fixture.h"

namespace fosterwatch::allegations {
namespace {

TEST_F(AllegationsTest, AnAuditTakesWhatIsAboutWhoeverStartsItAndShowsItToOthersAlone) {
  auto request = Receiving();
  request.mutable_report()->clear_carer_id();
  request.mutable_report()->set_person_id(agency_->TeamManager().person_id);
  const auto received = Call(agency_->Caseworker(), "ReceiveAllegation", request);
  ASSERT_THAT(received, IsOk()) << received.status();
  const auto shown = [&](const v1::Audit& audit) {
    for (const auto& record : audit.records()) {
      if (record.record_id() == received->allegation_id()) return true;
    }
    return false;
  };
  v1::StartAuditRequest start;
  start.set_scope(v1::Audit::SCOPE_ACTIVE);
  const auto audit = Call<v1::Audit>(agency_->TeamManager(), "StartAudit", start, kAudits);
  ASSERT_THAT(audit, IsOk()) << audit.status();
  EXPECT_FALSE(shown(*audit));
  EXPECT_GE(audit->withheld_count(), 1);
  v1::GetAuditRequest get;
  get.set_audit_id(audit->audit_id());
  const auto others = Call<v1::Audit>(agency_->RegisteredManager(), "GetAudit", get, kAudits);
  ASSERT_THAT(others, IsOk());
  EXPECT_TRUE(shown(*others));
  const auto own = Call<v1::Audit>(agency_->TeamManager(), "GetAudit", get, kAudits);
  ASSERT_THAT(own, IsOk());
  EXPECT_FALSE(shown(*own));
  v1::GradeRecordRequest grade;
  grade.set_audit_id(audit->audit_id());
  grade.set_kind(v1::AuditedRecord::KIND_ALLEGATION);
  grade.set_record_id(received->allegation_id());
  EXPECT_THAT(Call<v1::Audit>(agency_->TeamManager(), "GradeRecord", grade, kAudits),
              HasReason("UNKNOWN_RECORD"));
  // What is not graded yet is named to whoever may see it.
  v1::CompleteAuditRequest complete;
  complete.set_audit_id(audit->audit_id());
  complete.set_summary("done");
  const std::string name = absl::StrCat("records[", received->allegation_id(), "]");
  const auto by_registered =
      Call<v1::Audit>(agency_->RegisteredManager(), "CompleteAudit", complete, kAudits);
  EXPECT_THAT(by_registered, HasReason("RECORDS_NOT_GRADED"));
  EXPECT_THAT(Fields(by_registered.status()), Contains(name));
}

TEST_F(AllegationsTest, AnAuditGradesEveryRecordAndItsFindingsAreActions) {
  Received();
  notifiable_events::v1::ReportEventRequest report;
  *report.mutable_report() =
      agency_->Report(notifiable_events::v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  const auto event = agency_->Call(agency_->Caseworker(), "ReportEvent", report);
  ASSERT_THAT(event, IsOk());
  ASSERT_TRUE(AwaitTrue(
      [&] {
        auto rows = installation_->Database("allegations")
                        ->Query("SELECT count(*) FROM reference.event WHERE event_id = $1",
                                {event->event_id()});
        return rows.ok() && rows->Int(0, 0) == 1;
      },
      absl::Seconds(60)));
  for (const auto scope : {v1::Audit::SCOPE_ACTIVE, v1::Audit::SCOPE_LAST_12_MONTHS}) {
    v1::StartAuditRequest start;
    start.set_scope(scope);
    auto audit = Call<v1::Audit>(agency_->TeamManager(), "StartAudit", start, kAudits);
    ASSERT_THAT(audit, IsOk()) << audit.status();
    std::set<std::string> records;
    for (const auto& record : audit->records()) records.insert(record.record_id());
    EXPECT_THAT(records, Contains(event->event_id()));
    EXPECT_GT(records.size(), 1u);
    const auto form = Call<v1::AuditForm>(agency_->TeamManager(), "GetAuditForm",
                                          v1::GetAuditFormRequest(), kAudits);
    ASSERT_THAT(form, IsOk());
    v1::CompleteAuditRequest complete;
    complete.set_audit_id(audit->audit_id());
    complete.set_summary("looked at every one");
    EXPECT_THAT(Call<v1::Audit>(agency_->RegisteredManager(), "CompleteAudit", complete, kAudits),
                HasReason("RECORDS_NOT_GRADED"));
    // What is about one manager is graded by the other.
    v1::Audit started = *audit;
    const int shown = started.records_size();
    v1::GetAuditRequest get;
    get.set_audit_id(audit->audit_id());
    const auto others = Call<v1::Audit>(agency_->RegisteredManager(), "GetAudit", get, kAudits);
    ASSERT_THAT(others, IsOk());
    for (const auto& record : others->records()) {
      if (records.insert(record.record_id()).second) *started.add_records() = record;
    }
    for (int i = 0; i < started.records_size(); ++i) {
      const v1::AuditedRecord& record = started.records(i);
      v1::GradeRecordRequest grade;
      grade.set_audit_id(audit->audit_id());
      grade.set_kind(record.kind());
      grade.set_record_id(record.record_id());
      for (const auto& question : form->questions()) {
        const auto& kinds = question.kinds();
        if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), record.kind()) == kinds.end()) {
          continue;
        }
        auto* answer = grade.add_answers();
        answer->set_question_id(question.question_id());
        answer->set_grade("MET");
      }
      if (record.record_id() == event->event_id()) {
        grade.mutable_answers(0)->set_grade("NOT_MET");
        grade.mutable_answers(0)->set_comment("nothing is written down");
        auto* finding = grade.add_findings();
        finding->set_question_id(grade.answers(0).question_id());
        finding->set_description("write down what was done at once");
        finding->set_owner_id(agency_->Caseworker().person_id);
      }
      audit = Call<v1::Audit>(i < shown ? agency_->TeamManager() : agency_->RegisteredManager(),
                              "GradeRecord", grade, kAudits);
      ASSERT_THAT(audit, IsOk()) << audit.status();
    }
    EXPECT_EQ(audit->open_action_count(), 1);
    EXPECT_THAT(Call<v1::Audit>(agency_->RegisteredManager(), "CompleteAudit", complete, kAudits),
                IsOk());
    v1::CloseFindingRequest close;
    close.set_audit_id(audit->audit_id());
    for (const auto& record : audit->records()) {
      for (const auto& finding : record.findings()) {
        close.set_action_id(finding.action().action_id());
      }
    }
    close.set_evidence("it is written down");
    const auto closed = Call<v1::Audit>(agency_->Caseworker(), "CloseFinding", close, kAudits);
    EXPECT_THAT(closed, StatusIs(absl::StatusCode::kPermissionDenied));
    EXPECT_THAT(Call<v1::Audit>(agency_->TeamManager(), "CloseFinding", close, kAudits), IsOk());
  }
  const auto list = Call<v1::ListAuditsResponse>(agency_->RegisteredManager(), "ListAudits",
                                                 v1::ListAuditsRequest(), kAudits);
  ASSERT_THAT(list, IsOk());
  ASSERT_GE(list->audits_size(), 2);
  EXPECT_EQ(list->audits(0).open_action_count(), 0);
  EXPECT_EQ(list->audits(0).graded_count(), list->audits(0).record_count());
}

}  // namespace
}  // namespace fosterwatch::allegations
