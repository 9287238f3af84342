// Audits: each record is graded on the form, findings become actions, and nothing is left ungraded.
#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_replace.h"

#include "libs/clock/deadline.h"
#include "services/allegations/domain/test_support.h"

namespace fosterwatch::allegations::domain {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using v1::Audit;
using v1::AuditedRecord;

AuditedRecord RecordOf(AuditedRecord::Kind kind, const std::string& id) {
  AuditedRecord record;
  record.set_kind(kind);
  record.set_record_id(id);
  return record;
}

void Apply(Audit& audit, const absl::StatusOr<Facts>& facts) {
  ASSERT_TRUE(facts.ok()) << facts.status();
  for (const auto& fact : *facts) EvolveAudit(audit, fact);
}

Audit Started() {
  v1::StartAuditRequest request;
  request.set_scope(Audit::SCOPE_ACTIVE);
  Audit audit;
  Apply(audit, StartAudit(request, "audit",
                          {RecordOf(AuditedRecord::KIND_ALLEGATION, "A-1"),
                           RecordOf(AuditedRecord::KIND_EVENT, "E-1"),
                           RecordOf(AuditedRecord::KIND_COMPLAINT, "C-1")},
                          kNow, "manager", OurForms(), kNow));
  return audit;
}

// Every question of the form met.
v1::GradeRecordRequest Grading(AuditedRecord::Kind kind, const std::string& id) {
  v1::GradeRecordRequest request;
  request.set_kind(kind);
  request.set_record_id(id);
  for (const auto& question : FormInUse(OurForms(), kNow).questions()) {
    const auto& kinds = question.kinds();
    if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) continue;
    auto* answer = request.add_answers();
    answer->set_question_id(question.question_id());
    answer->set_grade("MET");
  }
  return request;
}

absl::StatusOr<Facts> Grade(const Audit& audit, const v1::GradeRecordRequest& request) {
  Ids ids;
  return GradeRecord(audit, request, "manager", OurPeople(), OurForms(), OurCalendar(), kNow, ids);
}

TEST(StartAudit, TakesAScopeWithSomethingInIt) {
  v1::StartAuditRequest request;
  EXPECT_THAT(FieldsOf(StartAudit(request, "a", {}, kNow, "m", OurForms(), kNow).status()),
              ElementsAre("scope"));
  request.set_scope(Audit::SCOPE_LAST_12_MONTHS);
  EXPECT_EQ(ReasonOf(StartAudit(request, "a", {}, kNow, "m", OurForms(), kNow).status()),
            "NOTHING_TO_AUDIT");
  EXPECT_EQ(ReasonOf(StartAudit(request, "a", std::vector<AuditedRecord>(kMostAudited + 1), kNow,
                                "m", OurForms(), kNow)
                         .status()),
            "AUDIT_TOO_LARGE");
  request.set_kind(static_cast<AuditedRecord::Kind>(9));
  *request.mutable_recorded_from_time() = clock::ToProto(kNow + absl::Hours(1));
  EXPECT_THAT(FieldsOf(StartAudit(request, "a", {}, kNow, "m", OurForms(), kNow).status()),
              ElementsAre("kind", "recorded_from_time"));
}

TEST(GradeRecord, AsksEveryQuestionOfTheFormOnce) {
  const Audit audit = Started();
  auto request = Grading(AuditedRecord::KIND_ALLEGATION, "A-1");
  EXPECT_TRUE(Grade(audit, request).ok());
  auto missing = request;
  missing.mutable_answers()->RemoveLast();
  EXPECT_THAT(FieldsOf(Grade(audit, missing).status()), ElementsAre("answers[learning]"));
  auto twice = request;
  *twice.add_answers() = twice.answers(0);
  EXPECT_EQ(ReasonOf(Grade(audit, twice).status()), "DUPLICATE");
  auto wrong = request;
  wrong.mutable_answers(0)->set_grade("SUPERB");
  wrong.mutable_answers(1)->set_question_id("signed_off");  // asked of events only
  EXPECT_THAT(FieldsOf(Grade(audit, wrong).status()),
              ElementsAre("answers[0].grade", "answers[1].question_id", "answers[told_in_time]"));
  auto wanting = request;
  wanting.mutable_answers(0)->set_grade("NOT_MET");
  EXPECT_THAT(FieldsOf(Grade(audit, wanting).status()),
              ElementsAre("answers[0].comment", "answers[0].grade"));
  wanting.mutable_answers(0)->set_grade("PARTLY_MET");
  EXPECT_THAT(FieldsOf(Grade(audit, wanting).status()), ElementsAre("answers[0].comment"));
  request.set_record_id("A-2");
  EXPECT_EQ(ReasonOf(Grade(audit, request).status()), "UNKNOWN_RECORD");
}

TEST(GradeRecord, WhatIsNotMetHasAFindingOfItsOwn) {
  auto request = Grading(AuditedRecord::KIND_COMPLAINT, "C-1");
  request.mutable_answers(0)->set_grade("NOT_MET");
  request.mutable_answers(0)->set_comment("nobody looked");
  auto* finding = request.add_findings();
  finding->set_description("look");
  finding->set_owner_id("caseworker");
  EXPECT_EQ(ReasonOf(Grade(Started(), request).status()), "FINDING_MISSING");
  finding->set_question_id(request.answers(1).question_id());
  EXPECT_EQ(ReasonOf(Grade(Started(), request).status()), "FINDING_MISSING");
  finding->set_question_id(request.answers(0).question_id());
  Audit audit = Started();
  Apply(audit, Grade(audit, request));
  EXPECT_EQ(audit.open_action_count(), 1);
  EXPECT_THAT(FieldsOf(Grade(audit, Grading(AuditedRecord::KIND_EVENT, "E-1")).status()),
              IsEmpty());
}

TEST(GradeRecord, AComplaintIsAskedAboutItsRecordItsTimesAndItsIndependence) {
  auto request = Grading(AuditedRecord::KIND_COMPLAINT, "C-1");
  std::set<std::string> asked;
  for (const auto& answer : request.answers()) asked.insert(answer.question_id());
  EXPECT_THAT(asked,
              ::testing::IsSupersetOf({"written_record", "answered_in_time", "independence"}));
  EXPECT_FALSE(asked.contains("follow_up") || asked.contains("signed_off"));
  EXPECT_TRUE(Grade(Started(), request).ok());
}

TEST(GradeRecord, FindingsAreActionsThatSomebodyOwnsUntilADayOfTheForm) {
  Audit audit = Started();
  auto request = Grading(AuditedRecord::KIND_EVENT, "E-1");
  auto* finding = request.add_findings();
  EXPECT_THAT(FieldsOf(Grade(audit, request).status()),
              ElementsAre("findings[0].description", "findings[0].owner_id"));
  finding->set_description("write down what the child wants");
  finding->set_owner_id("caseworker");
  finding->set_question_id("voice");
  Apply(audit, Grade(audit, request));
  EXPECT_EQ(audit.open_action_count(), 1);
  EXPECT_EQ(audit.graded_count(), 1);
  const auto& action = audit.records(1).findings(0).action();
  const absl::Time due = absl::FromCivil(absl::CivilDay(2026, 12, 24), clock::London());
  EXPECT_EQ(clock::FromProto(action.due_time()), due);
  EXPECT_EQ(ReasonOf(Grade(audit, request).status()), "GRADED_BEFORE");
  // Late, alerted once, and settled when it is done.
  EXPECT_EQ(NextAttention(audit), due + absl::Microseconds(1));
  EXPECT_THAT(RaiseAttention(audit, due), IsEmpty());
  const Facts late = RaiseAttention(audit, due + absl::Seconds(1));
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].attention_needed().code(), "AUDIT_FINDING_OVERDUE");
  Apply(audit, late);
  EXPECT_THAT(RaiseAttention(audit, due + absl::Hours(99)), IsEmpty());
  v1::CloseFindingRequest close;
  close.set_action_id(action.action_id());
  EXPECT_THAT(FieldsOf(CloseFinding(audit, close, "m", kNow).status()), ElementsAre("evidence"));
  close.set_evidence("it is written down");
  const auto closed = CloseFinding(audit, close, "m", kNow);
  ASSERT_TRUE(closed.ok()) << closed.status();
  ASSERT_EQ(closed->size(), 2u);
  EXPECT_EQ((*closed)[1].attention_settled().attention_id(),
            late[0].attention_needed().attention_id());
  Apply(audit, closed);
  EXPECT_EQ(audit.open_action_count(), 0);
  EXPECT_EQ(ReasonOf(CloseFinding(audit, close, "m", kNow).status()), "ACTION_CLOSED");
}

TEST(CompleteAudit, NamesTheRecordsThatNobodyHasGraded) {
  Audit audit = Started();
  v1::CompleteAuditRequest request;
  EXPECT_THAT(FieldsOf(CompleteAudit(audit, request, "r", kNow).status()), ElementsAre("summary"));
  request.set_summary("in good order");
  EXPECT_THAT(FieldsOf(CompleteAudit(audit, request, "r", kNow).status()),
              ElementsAre("records[A-1]", "records[E-1]", "records[C-1]"));
  Apply(audit, Grade(audit, Grading(AuditedRecord::KIND_ALLEGATION, "A-1")));
  EXPECT_THAT(FieldsOf(CompleteAudit(audit, request, "r", kNow).status()),
              ElementsAre("records[E-1]", "records[C-1]"));
  Apply(audit, Grade(audit, Grading(AuditedRecord::KIND_EVENT, "E-1")));
  Apply(audit, Grade(audit, Grading(AuditedRecord::KIND_COMPLAINT, "C-1")));
  Apply(audit, CompleteAudit(audit, request, "r", kNow));
  EXPECT_EQ(audit.state(), Audit::STATE_COMPLETED);
  EXPECT_EQ(ReasonOf(CompleteAudit(audit, request, "r", kNow).status()), "AUDIT_COMPLETED");
  EXPECT_EQ(ReasonOf(Grade(audit, Grading(AuditedRecord::KIND_EVENT, "E-1")).status()),
            "AUDIT_COMPLETED");
}

TEST(MoveFindings, ANewBankHolidayMovesOpenActionsAndSaysSo) {
  Audit audit = Started();
  auto request = Grading(AuditedRecord::KIND_ALLEGATION, "A-1");
  for (const char* what : {"write it up", "tell the officer"}) {
    auto* finding = request.add_findings();
    finding->set_description(what);
    finding->set_owner_id("manager");
  }
  Apply(audit, Grade(audit, request));
  const auto due = [&](int finding) {
    return clock::FromProto(audit.records(0).findings(finding).action().due_time());
  };
  v1::CloseFindingRequest close;
  close.set_action_id(audit.records(0).findings(1).action().action_id());
  close.set_evidence("told");
  Apply(audit, CloseFinding(audit, close, "manager", kNow));
  EXPECT_EQ(MoveFindings(audit, OurCalendar())->size(), 0u);

  const absl::Time before = due(0);
  const absl::CivilDay tomorrow = absl::ToCivilDay(kNow, absl::UTCTimeZone()) + 1;
  const std::string days = absl::StrReplaceAll(
      ReadSource("libs/clock/data/bank_holidays_england_and_wales.json"),
      {{OurCalendar().version(), "later"},
       {"\"events\": [", absl::StrCat("\"events\": [{\"title\": \"Day of mourning\", \"date\": \"",
                                      absl::FormatCivilTime(tomorrow), "\"},")}});
  const auto calendar = clock::WorkingCalendar::Parse(days);
  ASSERT_TRUE(calendar.ok()) << calendar.status();
  const auto moved = MoveFindings(audit, *calendar);
  Apply(audit, moved);
  ASSERT_EQ(moved->size(), 1u);
  EXPECT_EQ((*moved)[0].finding_due_times_moved().calendar_version(), "later");
  EXPECT_GT(due(0), before);
  EXPECT_EQ(clock::Recompute(audit.records(0).findings(0).explanation(), *calendar).value(),
            due(0));
  EXPECT_EQ(due(1), before) << "what is done stays as it was";
  EXPECT_EQ(NextAttention(audit), due(0) + absl::Microseconds(1));
  EXPECT_EQ(MoveFindings(audit, *calendar)->size(), 0u) << "counted by these days already";
}

}  // namespace
}  // namespace fosterwatch::allegations::domain
