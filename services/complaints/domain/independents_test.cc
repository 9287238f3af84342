// Who from outside takes part in a stage, and who may not any more. SI 2006/1738, regs 17 and 19.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/testing/status_matchers.h"
#include "services/complaints/domain/test_support.h"

namespace fosterwatch::complaints::domain {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;

class IndependentsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(case_.Record(), IsOk());
    ASSERT_THAT(case_.Answer(), IsOk());
    ASSERT_THAT(case_.Next(), IsOk());
  }
  absl::Status AssignOutside(const std::string& name) {
    v1::AssignInvestigatorRequest request;
    request.set_outside_name(name);
    return case_.Do(AssignInvestigator, request);
  }
  void ToPanel() {
    ASSERT_THAT(AssignOutside("Dr Indie"), IsOk());
    ASSERT_THAT(case_.Name("independent_person", "Pat  Reeve"), IsOk());
    ASSERT_THAT(case_.Answer(), IsOk());
    ASSERT_THAT(case_.Next(), IsOk());
  }

  Case case_;
};

TEST_F(IndependentsTest, AnInvestigationIsNotAnsweredWithoutItsIndependentPerson) {
  ASSERT_THAT(AssignOutside("Dr Indie"), IsOk());
  const absl::Status missing = case_.Answer();
  EXPECT_THAT(missing, HasReason("INDEPENDENT_MISSING"));
  EXPECT_THAT(FieldsOf(missing), ::testing::ElementsAre("independent_person"));
  EXPECT_THAT(case_.Name("independent_person", " "), HasReason("REQUIRED"));
  EXPECT_THAT(case_.Name("panel", "Ana"), HasReason("NOT_ASKED_FOR"));
  // Neither who investigates nor who complained, and no chair of one.
  EXPECT_THAT(case_.Name("independent_person", "DR INDIE"), HasReason("NOT_INDEPENDENT"));
  EXPECT_THAT(case_.Name("independent_person", "robin child"), HasReason("NOT_INDEPENDENT"));
  EXPECT_THAT(case_.Name("independent_person", "Pat Reeve", true), HasReason("CHAIRED_BEFORE"));
  ASSERT_THAT(case_.Name("independent_person", "Pat Reeve"), IsOk());
  EXPECT_THAT(AssignOutside("pat reeve"), HasReason("NOT_INDEPENDENT"));
  EXPECT_THAT(case_.Name("independent_person", "Another"), HasReason("NAMED_BEFORE"));
  const std::string first = case_.stage().independents(0).independent_id();
  EXPECT_THAT(case_.Name("independent_person", "Another", false, "nobody"),
              HasReason("UNKNOWN_PERSON"));
  ASSERT_THAT(case_.Name("independent_person", "Another", false, first), IsOk());
  ASSERT_EQ(case_.stage().independents_size(), 1);
  EXPECT_EQ(case_.stage().independents(0).name(), "Another");
  EXPECT_EQ(case_.stage().independents(0).named_by(), kManager.id);
  EXPECT_THAT(case_.Answer(), IsOk());
  EXPECT_THAT(case_.Name("independent_person", "Too Late"), HasReason("ANSWERED_BEFORE"));
}

TEST_F(IndependentsTest, WhoHadPartInStageTwoHasNoneInThePanel) {
  ToPanel();
  EXPECT_THAT(AssignOutside(" dr  indie "), HasReason("NOT_INDEPENDENT"));
  EXPECT_THAT(AssignOutside("Pat Reeve"), HasReason("NOT_INDEPENDENT"));
  EXPECT_THAT(case_.Name("panel", "Dr Indie"), HasReason("NOT_INDEPENDENT"));
  EXPECT_THAT(case_.Name("panel", "PAT REEVE", true), HasReason("NOT_INDEPENDENT"));
  EXPECT_THAT(case_.Name("panel", "Ana"), IsOk());
}

TEST_F(IndependentsTest, APanelIsOfThreeOfWhomOneChairs) {
  ToPanel();
  v1::CompleteStepRequest met;
  met.set_step_id("panel");
  ASSERT_THAT(case_.Name("panel", "Ana"), IsOk());
  EXPECT_THAT(case_.Name("panel", "ana"), HasReason("NOT_INDEPENDENT"));
  ASSERT_THAT(case_.Name("panel", "Ben"), IsOk());
  EXPECT_THAT(case_.Name("panel", "Cy"), HasReason("NAMED_BEFORE"));  // nobody would chair it
  EXPECT_THAT(case_.Do(CompleteStep, met), HasReason("INDEPENDENT_MISSING"));
  ASSERT_THAT(case_.Name("panel", "Cy", true), IsOk());
  EXPECT_THAT(case_.Name("panel", "Di", true), HasReason("CHAIRED_BEFORE"));
  EXPECT_THAT(case_.Do(CompleteStep, met), IsOk());
}

TEST_F(IndependentsTest, WhoManagesWhomItIsAboutAnswersNoFormalStage) {
  Case about_staff;
  v1::RecordComplaintRequest request = Recording();
  request.mutable_report()->mutable_subject()->set_kind(v1::SUBJECT_KIND_STAFF);
  request.mutable_report()->mutable_subject()->set_staff_id("sam");
  request.mutable_report()->mutable_subject()->add_line_manager_ids(kManager.id);
  ASSERT_THAT(about_staff.Record(request), IsOk());
  // A word of the team's manager is what an informal stage is for.
  ASSERT_THAT(about_staff.Answer(), IsOk());
  ASSERT_THAT(about_staff.Next(), IsOk());
  ASSERT_THAT(about_staff.Assign("investigator"), IsOk());
  ASSERT_THAT(about_staff.NameAll(), IsOk());
  EXPECT_THAT(about_staff.Answer(), HasReason("NOT_INDEPENDENT"));
  EXPECT_THAT(about_staff.Answer(kRegistered), IsOk());
}

}  // namespace
}  // namespace fosterwatch::complaints::domain
