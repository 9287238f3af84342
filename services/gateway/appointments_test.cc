#include "services/gateway/appointments.h"

#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/clock/proto_time.h"

namespace fosterwatch::gateway {
namespace {

using directory::v1::RoleHolder;
using options::v1::ROLE_CASEWORKER;
using options::v1::ROLE_REGISTERED_MANAGER;
using options::v1::ROLE_TEAM_MANAGER;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AppointmentsTest : public ::testing::Test {
 protected:
  static RoleHolder Holder(const std::string& person, options::v1::Role role, absl::Time from,
                           absl::Time until = absl::InfiniteFuture()) {
    RoleHolder holder;
    holder.set_person_id(person);
    holder.set_role(role);
    *holder.mutable_from_time() = clock::ToProto(from);
    if (until != absl::InfiniteFuture()) *holder.mutable_until_time() = clock::ToProto(until);
    return holder;
  }
  std::vector<options::v1::Role> Lost(const std::string& person,
                                      std::vector<options::v1::Role> roles) {
    return appointments_.LostBy({person, "northern", std::move(roles), absl::InfiniteFuture()},
                                now_);
  }
  void Look() { appointments_.Look(now_, absl::Minutes(10)); }

  absl::Time now_ = absl::FromUnixSeconds(1'795'435'200);
  // All that the directory has ever had.
  std::vector<RoleHolder> holders_;
  absl::Status away_;
  int asked_ = 0;
  std::function<void()> meanwhile_ = [] {};
  Appointments appointments_{
      [this](const std::string& agency_id) -> absl::StatusOr<std::vector<RoleHolder>> {
        EXPECT_EQ(agency_id, "northern");
        ++asked_;
        if (!away_.ok()) return away_;
        std::vector<RoleHolder> answer = holders_;
        meanwhile_();
        return answer;
      }};
};

TEST_F(AppointmentsTest, WhoeverWasNeverAppointedHasWhatTheTokenSays) {
  EXPECT_THAT(Lost("anna", {ROLE_CASEWORKER}), IsEmpty());
  Look();
  EXPECT_THAT(Lost("anna", {ROLE_CASEWORKER}), IsEmpty());
}

TEST_F(AppointmentsTest, ARoleIsLostAtTheMomentThatItsAppointmentNames) {
  holders_ = {Holder("anna", ROLE_TEAM_MANAGER, now_ - absl::Hours(100), now_ + absl::Minutes(5)),
              Holder("anna", ROLE_CASEWORKER, now_ - absl::Hours(100))};
  Lost("anna", {});
  Look();
  EXPECT_THAT(Lost("anna", {ROLE_TEAM_MANAGER, ROLE_CASEWORKER}), IsEmpty());
  now_ += absl::Minutes(5) - absl::Seconds(1);
  EXPECT_THAT(Lost("anna", {ROLE_TEAM_MANAGER, ROLE_CASEWORKER}), IsEmpty());
  // Nobody has to be asked for that.
  now_ += absl::Seconds(1);
  EXPECT_THAT(Lost("anna", {ROLE_TEAM_MANAGER, ROLE_CASEWORKER}), ElementsAre(ROLE_TEAM_MANAGER));
  EXPECT_THAT(Lost("ben", {ROLE_TEAM_MANAGER}), IsEmpty());
}

TEST_F(AppointmentsTest, AnEndThatIsRecordedNowCountsAtTheNextLook) {
  holders_ = {Holder("anna", ROLE_REGISTERED_MANAGER, now_ - absl::Hours(100))};
  Lost("anna", {});
  Look();
  now_ += absl::Seconds(10);
  holders_ = {Holder("anna", ROLE_REGISTERED_MANAGER, now_ - absl::Hours(100), now_)};
  Look();
  // Not asked again before its time, unless something has changed.
  EXPECT_THAT(Lost("anna", {ROLE_REGISTERED_MANAGER}), IsEmpty());
  appointments_.Changed("northern");
  Look();
  EXPECT_THAT(Lost("anna", {ROLE_REGISTERED_MANAGER}), ElementsAre(ROLE_REGISTERED_MANAGER));
  // Appointed anew.
  holders_.push_back(Holder("anna", ROLE_REGISTERED_MANAGER, now_ + absl::Seconds(5)));
  now_ += absl::Seconds(10);
  appointments_.Changed("northern");
  Look();
  EXPECT_THAT(Lost("anna", {ROLE_REGISTERED_MANAGER}), IsEmpty());
}

TEST_F(AppointmentsTest, WhatEndedBeforeThisProcessBeganIsKnownHoweverLongAgo) {
  holders_ = {Holder("anna", ROLE_CASEWORKER, now_ - absl::Hours(100), now_ - absl::Hours(1)),
              Holder("ben", ROLE_CASEWORKER, now_ - absl::Hours(90'000), now_ - absl::Hours(9'000)),
              // Begun and ended between two looks.
              Holder("cara", ROLE_CASEWORKER, now_ - absl::Seconds(2), now_ - absl::Seconds(1))};
  Lost("anna", {});
  Look();
  EXPECT_THAT(Lost("anna", {ROLE_CASEWORKER}), ElementsAre(ROLE_CASEWORKER));
  EXPECT_THAT(Lost("ben", {ROLE_CASEWORKER}), ElementsAre(ROLE_CASEWORKER));
  EXPECT_THAT(Lost("cara", {ROLE_CASEWORKER}), ElementsAre(ROLE_CASEWORKER));
}

TEST_F(AppointmentsTest, WhatChangesWhileTheDirectoryAnswersIsAskedAboutAgain) {
  holders_ = {Holder("anna", ROLE_CASEWORKER, now_ - absl::Hours(100))};
  Lost("anna", {});
  meanwhile_ = [this] {
    holders_ = {Holder("anna", ROLE_CASEWORKER, now_ - absl::Hours(100), now_)};
    appointments_.Changed("northern");
    meanwhile_ = [] {};
  };
  Look();
  EXPECT_THAT(Lost("anna", {ROLE_CASEWORKER}), IsEmpty());
  Look();
  EXPECT_THAT(Lost("anna", {ROLE_CASEWORKER}), ElementsAre(ROLE_CASEWORKER));
}

TEST_F(AppointmentsTest, WhereChangesMayHaveBeenMissedEveryAgencyIsAskedAbout) {
  Lost("anna", {});
  Look();
  Look();
  EXPECT_EQ(asked_, 1);
  appointments_.Changed("");
  Look();
  EXPECT_EQ(asked_, 2);
}

TEST_F(AppointmentsTest, ADirectoryThatIsAwayChangesNothingAndIsAskedAgain) {
  holders_ = {Holder("anna", ROLE_CASEWORKER, now_ - absl::Hours(100))};
  Lost("anna", {});
  Look();
  holders_ = {Holder("anna", ROLE_CASEWORKER, now_ - absl::Hours(100), now_)};
  away_ = absl::UnavailableError("away");
  appointments_.Changed("northern");
  Look();
  EXPECT_THAT(Lost("anna", {ROLE_CASEWORKER}), IsEmpty());
  away_ = absl::OkStatus();
  now_ += absl::Seconds(2);
  Look();
  EXPECT_THAT(Lost("anna", {ROLE_CASEWORKER}), ElementsAre(ROLE_CASEWORKER));
  const int asked = asked_;
  Look();
  EXPECT_EQ(asked_, asked);
}

}  // namespace
}  // namespace fosterwatch::gateway
