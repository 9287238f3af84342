#include "services/placements/households.h"

#include <gtest/gtest.h>

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::placements {
namespace {

using carers::v1::Carer;

// As the register says it: approved for C-1 alone from 1 June 2026 to the end of 20 November.
carers::v1::Standing Temporary() {
  carers::v1::Standing standing;
  standing.set_carer_id("F-1");
  standing.set_kind(Carer::KIND_CONNECTED);
  standing.set_status(Carer::STATUS_TEMPORARILY_APPROVED);
  standing.set_usual_limit(3);
  auto& dated = *standing.add_terms();
  dated.set_effective_date("2026-06-01");
  dated.mutable_terms()->add_named_child_ids("C-1");
  *standing.mutable_ends_time() =
      clock::ToProto(absl::FromCivil(absl::CivilDay(2026, 11, 21), clock::London()));
  return standing;
}

v1::Household LivingWith(const carers::v1::Standing& standing, const std::string& child_id) {
  v1::Household household;
  household.set_carer_id("F-1");
  *household.mutable_terms() = TermsOf(standing);
  household.add_residents()->set_child_id(child_id);
  return household;
}

std::vector<v1::TermsBreach::Code> CodesOf(const v1::Household& household, const char* day) {
  std::vector<v1::TermsBreach::Code> codes;
  for (const auto& breach : domain::Breaches(household, day)) codes.push_back(breach.code());
  return codes;
}

using Codes = std::vector<v1::TermsBreach::Code>;

TEST(HouseholdTermsTest, ATemporaryApprovalIsOneForItsChildWithinItsWeeks) {
  const v1::Household household = LivingWith(Temporary(), "C-1");
  EXPECT_EQ(CodesOf(household, "2026-05-31"), Codes{v1::TermsBreach::CODE_NOT_APPROVED});
  EXPECT_EQ(CodesOf(household, "2026-06-01"), Codes{});
  EXPECT_EQ(CodesOf(household, "2026-11-20"), Codes{});
  EXPECT_EQ(domain::NextLook(household, "2026-11-20"), "2026-11-21");
  EXPECT_EQ(CodesOf(household, "2026-11-21"), Codes{v1::TermsBreach::CODE_APPROVAL_ENDED});
  EXPECT_EQ(CodesOf(LivingWith(Temporary(), "C-2"), "2026-11-20"),
            Codes{v1::TermsBreach::CODE_NOT_THE_NAMED_CHILD});
}

TEST(HouseholdTermsTest, OneThatIsOverWasAnApprovalToItsLastDay) {
  carers::v1::Standing over = Temporary();
  over.set_status(Carer::STATUS_ENDED);
  over.set_ended_date("2026-11-20");
  over.clear_ends_time();
  EXPECT_EQ(CodesOf(LivingWith(over, "C-1"), "2026-11-20"), Codes{});
  EXPECT_EQ(CodesOf(LivingWith(over, "C-1"), "2026-11-21"),
            Codes{v1::TermsBreach::CODE_APPROVAL_ENDED});
}

TEST(HouseholdTermsTest, AnApplicantWithTermsIsNotApproved) {
  carers::v1::Standing applicant = Temporary();
  applicant.set_status(Carer::STATUS_APPLICANT);
  applicant.clear_ends_time();
  EXPECT_EQ(CodesOf(LivingWith(applicant, "C-1"), "2026-11-20"),
            Codes{v1::TermsBreach::CODE_NOT_APPROVED});
}

}  // namespace
}  // namespace fosterwatch::placements
