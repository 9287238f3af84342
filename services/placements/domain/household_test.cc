#include "services/placements/domain/household.h"

#include <gtest/gtest.h>

#include "services/placements/domain/test_support.h"

namespace fosterwatch::placements::domain {
namespace {

using Code = v1::TermsBreach;

constexpr char kToday[] = "2026-11-22";

v1::Resident Resident(const std::string& child_id, const std::string& birth = "2016-01-01") {
  v1::Resident resident;
  resident.set_child_id(child_id);
  resident.set_birth_date(birth);
  return resident;
}

// Approved since 2020 for three children of 5 to 12, short term.
v1::Household Approved(int children) {
  v1::Household household;
  household.set_carer_id("F-1");
  v1::HouseholdTerms& terms = *household.mutable_terms();
  terms.set_approved_date("2020-01-01");
  terms.set_usual_limit(3);
  auto& term = *terms.add_terms();
  term.set_effective_date("2020-01-01");
  term.set_max_children(3);
  term.set_min_age(5);
  term.set_max_age(12);
  term.add_kinds("SHORT_TERM");
  for (int i = 1; i <= children; ++i) {
    *household.add_residents() = Resident("C-" + std::to_string(i));
  }
  return household;
}

std::vector<Code::Code> CodesOf(const v1::Household& household, const std::string& day = kToday) {
  std::vector<Code::Code> codes;
  for (const v1::TermsBreach& breach : Breaches(household, day)) codes.push_back(breach.code());
  return codes;
}

using Codes = std::vector<Code::Code>;

TEST(TermsTest, InsideThemNothingIsFound) { EXPECT_EQ(CodesOf(Approved(3)), Codes{}); }

TEST(TermsTest, ACarerOfWhomNothingIsKnownIsNotJudged) {
  v1::Household household = Approved(4);
  household.clear_terms();
  EXPECT_EQ(CodesOf(household), Codes{});
}

TEST(TermsTest, WithoutTermsOnRecordOnlyTheApprovalIsJudged) {
  v1::Household household = Approved(4);
  household.mutable_terms()->clear_terms();
  EXPECT_EQ(CodesOf(household), Codes{});
  household.mutable_terms()->clear_approved_date();
  EXPECT_EQ(CodesOf(household), Codes{Code::CODE_NOT_APPROVED});
}

TEST(TermsTest, OneChildMoreThanTheTermsSay) {
  EXPECT_EQ(CodesOf(Approved(4)), Codes{Code::CODE_TOO_MANY_CHILDREN});
}

TEST(TermsTest, TheUsualLimitHoldsWhereTheTermsAllowMore) {
  v1::Household household = Approved(4);
  household.mutable_terms()->mutable_terms(0)->set_max_children(5);
  EXPECT_EQ(CodesOf(household), Codes{Code::CODE_OVER_USUAL_LIMIT});
  auto& exemption = *household.mutable_terms()->add_exemptions();
  exemption.add_child_ids("C-4");
  exemption.set_from_date("2026-01-01");
  EXPECT_EQ(CodesOf(household), Codes{});
  exemption.set_until_date("2026-11-21");
  EXPECT_EQ(CodesOf(household), Codes{Code::CODE_OVER_USUAL_LIMIT});
}

TEST(TermsTest, BrothersAndSistersCountAsOne) {
  v1::Household household = Approved(5);
  household.mutable_terms()->mutable_terms(0)->set_max_children(6);
  auto& exemption = *household.mutable_terms()->add_exemptions();
  exemption.set_siblings(true);
  exemption.set_from_date("2026-01-01");
  for (const char* id : {"C-1", "C-2", "C-3"}) exemption.add_child_ids(id);
  EXPECT_EQ(CodesOf(household), Codes{});
  *household.add_residents() = Resident("C-6");
  EXPECT_EQ(CodesOf(household), Codes{Code::CODE_OVER_USUAL_LIMIT});
}

// Schedule 7 of the Children Act 1989 speaks of the usual limit alone.
TEST(TermsTest, AnExemptionDoesNotLiftTheTerms) {
  v1::Household household = Approved(4);
  household.mutable_terms()->mutable_terms(0)->set_max_children(5);
  auto& exemption = *household.mutable_terms()->add_exemptions();
  exemption.set_siblings(true);
  exemption.set_from_date("2026-01-01");
  for (const char* id : {"C-1", "C-2", "C-3", "C-4"}) exemption.add_child_ids(id);
  EXPECT_EQ(CodesOf(household), Codes{});
  EXPECT_EQ(Vacancies(household, kToday), 1) << "the terms say five";
  for (const char* id : {"C-5", "C-6"}) *household.add_residents() = Resident(id);
  EXPECT_EQ(CodesOf(household), Codes{Code::CODE_TOO_MANY_CHILDREN});
  EXPECT_EQ(Vacancies(household, kToday), 0);
}

TEST(TermsTest, AgesAreThoseOfTheDay) {
  v1::Household household = Approved(0);
  *household.add_residents() = Resident("C-1", "2021-11-23");
  EXPECT_EQ(CodesOf(household, "2026-11-22"), Codes{Code::CODE_TOO_YOUNG});
  EXPECT_EQ(CodesOf(household, "2026-11-23"), Codes{});
  EXPECT_EQ(CodesOf(household, "2034-11-22"), Codes{});
  EXPECT_EQ(CodesOf(household, "2034-11-23"), Codes{Code::CODE_TOO_OLD});
  household.mutable_residents(0)->clear_birth_date();
  EXPECT_EQ(CodesOf(household, "2034-11-23"), Codes{});
}

TEST(TermsTest, ABirthdayOn29FebruaryIs1MarchInOtherYears) {
  v1::Household household = Approved(0);
  *household.add_residents() = Resident("C-1", "2020-02-29");
  EXPECT_EQ(CodesOf(household, "2025-02-28"), Codes{Code::CODE_TOO_YOUNG});
  EXPECT_EQ(CodesOf(household, "2025-03-01"), Codes{});
}

TEST(TermsTest, KindsAndNamedChildren) {
  v1::Household household = Approved(1);
  household.mutable_residents(0)->set_kind("LONG_TERM");
  EXPECT_EQ(CodesOf(household), Codes{Code::CODE_OTHER_KIND});
  household.mutable_residents(0)->set_kind("SHORT_TERM");
  household.mutable_terms()->mutable_terms(0)->add_named_child_ids("C-9");
  EXPECT_EQ(CodesOf(household), Codes{Code::CODE_NOT_THE_NAMED_CHILD});
}

TEST(TermsTest, WhetherThereIsAnApproval) {
  v1::Household household = Approved(1);
  household.mutable_terms()->set_suspended(true);
  EXPECT_EQ(CodesOf(household), Codes{Code::CODE_SUSPENDED});
  household.mutable_terms()->set_ended_date("2026-11-22");
  EXPECT_EQ(CodesOf(household, "2026-11-22"), Codes{Code::CODE_SUSPENDED});
  EXPECT_EQ(CodesOf(household, "2026-11-23"), Codes{Code::CODE_APPROVAL_ENDED});
  household.clear_residents();
  EXPECT_EQ(CodesOf(household, "2026-11-23"), Codes{});
}

TEST(TermsTest, TheTermsOfTheDayHold) {
  v1::Household household = Approved(3);
  auto& later = *household.mutable_terms()->add_terms();
  later.set_effective_date("2027-01-01");
  later.set_max_children(2);
  EXPECT_EQ(CodesOf(household, "2026-12-31"), Codes{});
  EXPECT_EQ(CodesOf(household, "2027-01-01"), Codes{Code::CODE_TOO_MANY_CHILDREN});
  EXPECT_EQ(NextLook(household, "2026-12-31"), "2027-01-01");
}

TEST(TermsTest, VacanciesAreWhatTermsAndUsualLimitLeave) {
  EXPECT_EQ(Vacancies(Approved(1), kToday), 2);
  EXPECT_EQ(Vacancies(Approved(5), kToday), 0);
  v1::Household unsaid = Approved(1);
  unsaid.mutable_terms()->mutable_terms(0)->clear_max_children();
  EXPECT_EQ(Vacancies(unsaid, kToday), 2) << "the usual limit alone";
  v1::Household household = Approved(1);
  household.mutable_terms()->set_suspended(true);
  EXPECT_EQ(Vacancies(household, kToday), 0);
}

// A household with its clock and ids.
class HouseholdTest : public ::testing::Test {
 protected:
  Moment At(int year, int month, int day) {
    return {Noon(year, month, day), [this] { return "attention-" + std::to_string(++ids_); }};
  }
  void Take(const Facts& facts) {
    needed_.clear();
    settled_.clear();
    for (const v1::PlacementsFact& fact : facts) {
      if (fact.has_attention_needed()) needed_.push_back(fact.attention_needed());
      if (fact.has_attention_settled()) settled_.push_back(fact.attention_settled());
      EvolveHousehold(household_, fact, "F-1");
    }
  }
  v1::Household household_ = Approved(3);
  std::vector<type::v1::AttentionNeeded> needed_;
  std::vector<type::v1::AttentionSettled> settled_;
  int ids_ = 0;
};

TEST_F(HouseholdTest, AttentionIsNeededOnceAndSettledWhenItIsInsideAgain) {
  Take(SetResident(household_, "C-4", Resident("C-4"), At(2026, 11, 22)));
  ASSERT_EQ(needed_.size(), 1u);
  EXPECT_EQ(needed_[0].code(), "PLACEMENT_OUTSIDE_TERMS");
  EXPECT_EQ(needed_[0].subject_id(), "F-1");
  Take(SetResident(household_, "C-5", Resident("C-5"), At(2026, 11, 22)));
  EXPECT_TRUE(needed_.empty());
  Take(SetResident(household_, "C-5", std::nullopt, At(2026, 11, 22)));
  EXPECT_TRUE(settled_.empty());
  Take(SetResident(household_, "C-4", std::nullopt, At(2026, 11, 22)));
  ASSERT_EQ(settled_.size(), 1u);
  EXPECT_EQ(settled_[0].attention_id(), "attention-1");
  // Another episode is another attention.
  Take(SetResident(household_, "C-4", Resident("C-4"), At(2026, 11, 23)));
  ASSERT_EQ(needed_.size(), 1u);
  EXPECT_EQ(needed_[0].attention_id(), "attention-2");
}

TEST_F(HouseholdTest, AnExemptionSettlesIt) {
  household_.mutable_terms()->mutable_terms(0)->set_max_children(5);
  Take(SetResident(household_, "C-4", Resident("C-4"), At(2026, 11, 22)));
  ASSERT_EQ(needed_.size(), 1u);
  v1::HouseholdTerms terms = household_.terms();
  auto& exemption = *terms.add_exemptions();
  exemption.add_child_ids("C-4");
  exemption.set_from_date("2026-11-22");
  Take(NoteTerms(household_, terms, At(2026, 11, 22)));
  EXPECT_EQ(settled_.size(), 1u);
  EXPECT_TRUE(NoteTerms(household_, terms, At(2026, 11, 22)).empty());
}

TEST_F(HouseholdTest, ABirthdayIsJudgedOnItsDay) {
  Take(SetResident(household_, "C-3", Resident("C-3", "2013-12-01"), At(2026, 11, 22)));
  EXPECT_TRUE(needed_.empty());
  EXPECT_EQ(household_.next_look_date(), "2026-12-01");
  EXPECT_TRUE(Look(household_, At(2026, 11, 30)).empty());
  Take(Look(household_, At(2026, 12, 1)));
  ASSERT_EQ(needed_.size(), 1u);
  EXPECT_EQ(household_.breaches(0).code(), Code::CODE_TOO_OLD);
  EXPECT_GT(household_.next_look_date(), "2026-12-01");
}

TEST_F(HouseholdTest, WhatIsKnownAlreadyIsNoFact) {
  EXPECT_TRUE(SetResident(household_, "C-1", household_.residents(0), At(2026, 11, 22)).empty());
  EXPECT_TRUE(SetResident(household_, "C-7", std::nullopt, At(2026, 11, 22)).empty());
}

}  // namespace
}  // namespace fosterwatch::placements::domain
