#include "services/complaints/domain/record.h"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/testing/status_matchers.h"
#include "services/complaints/domain/test_support.h"

namespace fosterwatch::complaints::domain {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;

using Report = v1::ComplaintReport;

TEST(RecordTest, OpensItsFirstStageAndWhatItOwes) {
  Case made;
  ASSERT_THAT(made.Record(), IsOk());
  EXPECT_EQ(made.complaint.case_number().text(), "2026-0007");
  EXPECT_EQ(made.complaint.recorded_by(), "caseworker");
  EXPECT_EQ(made.complaint.placement_type(), "MAINSTREAM");
  ASSERT_EQ(made.complaint.points_size(), 1);  // the summary is the one point
  EXPECT_EQ(made.complaint.points(0).text(), "no pocket money");
  EXPECT_EQ(made.complaint.duties_size(), 2);
  EXPECT_TRUE(made.stage().informal());
  EXPECT_EQ(made.complaint.history_size(), 1);
}

TEST(RecordTest, EachFaultIsNamed) {
  struct Row {
    std::string field, reason;
    std::function<void(v1::RecordComplaintRequest&)> spoil;
  };
  const auto of = [](const std::function<void(Report&)>& spoil) {
    return [spoil](v1::RecordComplaintRequest& request) { spoil(*request.mutable_report()); };
  };
  const std::vector<Row> rows = {
      {"report.kind", "UNKNOWN_KIND", of([](Report& r) { r.clear_kind(); })},
      {"report.kind", "UNKNOWN_KIND",
       of([](Report& r) { r.set_kind(v1::COMPLAINT_KIND_COMPLIMENT); })},
      {"report.giver.kind", "UNKNOWN_KIND", of([](Report& r) { r.mutable_giver()->clear_kind(); })},
      {"report.giver.kind", "UNKNOWN_KIND",
       of([](Report& r) { r.mutable_giver()->set_kind(static_cast<v1::GiverKind>(99)); })},
      {"report.giver.name", "ANONYMOUS_NAMED",
       of([](Report& r) { r.mutable_giver()->set_kind(v1::GIVER_KIND_ANONYMOUS); })},
      {"report.giver.name", "REQUIRED", of([](Report& r) {
         r.mutable_giver()->clear_name();
         r.mutable_giver()->clear_giver_id();
       })},
      {"report.subject.kind", "UNKNOWN_KIND", of([](Report& r) { r.clear_subject(); })},
      {"report.subject.carer_id", "REQUIRED",
       of([](Report& r) { r.mutable_subject()->clear_carer_id(); })},
      {"report.subject.child_id", "REQUIRED", of([](Report& r) {
         r.mutable_subject()->set_kind(v1::SUBJECT_KIND_CHILD);
         r.mutable_subject()->clear_child_id();
       })},
      {"report.subject.line_manager_ids", "LINE_MANAGER_UNKNOWN", of([](Report& r) {
         r.mutable_subject()->set_kind(v1::SUBJECT_KIND_STAFF);
         r.mutable_subject()->set_staff_id("worker");
       })},
      {"report.received_by", "UNKNOWN_KIND", of([](Report& r) { r.clear_received_by(); })},
      {"report.received_time", "REQUIRED", of([](Report& r) { r.clear_received_time(); })},
      {"report.received_time", "IN_THE_FUTURE", of([](Report& r) {
         *r.mutable_received_time() = clock::ToProto(kReceived + absl::Minutes(2));
       })},
      {"report.received_time", "TOO_LONG_AGO",
       of([](Report& r) { r.mutable_received_time()->set_seconds(0); })},
      {"report.received_time", "INVALID_TIME",
       of([](Report& r) { r.mutable_received_time()->set_nanos(-1); })},
      {"report.category", "UNKNOWN_CATEGORY", of([](Report& r) { r.set_category("NOISE"); })},
      {"report.summary", "REQUIRED", of([](Report& r) { r.set_summary(" \n "); })},
      {"report.summary", "TEXT_TOO_LONG",
       of([](Report& r) { r.set_summary(std::string(20'001, 'x')); })},
      {"report.procedure_id", "UNKNOWN_PROCEDURE", of([](Report& r) { r.clear_procedure_id(); })},
      {"points[1]", "REQUIRED",
       [](v1::RecordComplaintRequest& request) {
         request.add_points("one");
         request.add_points("");
       }},
      {"points", "TOO_MANY",
       [](v1::RecordComplaintRequest& request) {
         for (int i = 0; i < 51; ++i) request.add_points("one");
       }},
  };
  for (const Row& row : rows) {
    Case made;
    v1::RecordComplaintRequest request = Recording();
    row.spoil(request);
    const absl::Status refused = made.Record(request);
    EXPECT_THAT(refused, HasReason(row.reason)) << row.field << ": " << refused;
    EXPECT_TRUE(FieldsOf(refused).contains(row.field)) << row.field << ": " << refused;
    EXPECT_EQ(std::string(refused.message()).find("NOISE"), std::string::npos);
  }
}

TEST(RecordTest, WhomNobodyKnowsIsRefused) {
  Case made;
  const auto refused =
      Record(Recording(), "complaint", MakeCaseNumber(2026, 1), kCaseworker, {}, made.given());
  EXPECT_EQ(FieldsOf(refused.status()),
            (std::set<std::string>{"report.subject.carer_id", "report.subject.child_id"}));
}

TEST(RecordTest, AnAnonymousOneIsTakenWithoutAName) {
  Case made;
  v1::RecordComplaintRequest request = Recording();
  request.mutable_report()->clear_giver();
  request.mutable_report()->mutable_giver()->set_kind(v1::GIVER_KIND_ANONYMOUS);
  EXPECT_THAT(made.Record(request), IsOk());
}

TEST(RecordTest, AComplimentOwesNothingAndHasNoProcedure) {
  Case made;
  v1::RecordComplimentRequest request;
  *request.mutable_report() = Recording().report();
  request.mutable_report()->clear_kind();
  EXPECT_THAT(
      RecordCompliment(request, "id", MakeCaseNumber(2026, 1), kCaseworker, Known(), made.given())
          .status(),
      HasReason("NOT_FOR_COMPLIMENT"));
  request.mutable_report()->clear_procedure_id();
  ASSERT_THAT(made.Apply(RecordCompliment(request, "id", MakeCaseNumber(2026, 1), kCaseworker,
                                          Known(), made.given())),
              IsOk());
  EXPECT_EQ(made.complaint.state(), v1::Complaint::STATE_RECORDED);
  EXPECT_EQ(made.complaint.duties_size(), 0);
  EXPECT_EQ(NextOverdue(made.complaint), std::nullopt);
  for (const absl::Status& refused : {made.Answer(), made.Pause(), made.Close(), made.Withdraw(),
                                      made.Reopen(), made.Judge(true), made.TakeAction()}) {
    EXPECT_THAT(refused, HasReason("NOT_A_COMPLAINT"));
  }
}

}  // namespace
}  // namespace fosterwatch::complaints::domain
