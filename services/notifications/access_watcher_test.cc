// Unusual looks at records, from what a service reports to the mail and the comment of whoever
// looked.
#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "libs/clock/working_calendar.h"
#include "services/notifications/testing/delivery_fixture.h"

namespace fosterwatch::notifications {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr int kServices = 8;

class AccessWatcherTest : public DeliveryTest {
 protected:
  // The directory says that somebody holds a role; done once every service is watched.
  void Begin() {
    directory::v1::DirectoryFact fact;
    fact.mutable_holder_appointed()->mutable_holder()->set_person_id("rm1");
    PublishOn(kDirectoryTopic, "fosterwatch.directory.v1.holder_appointed", fact, "rm1");
    ASSERT_TRUE(AwaitLooked());
  }
  // Waits until no look is due.
  bool AwaitLooked() {
    return AwaitTrue([&] { return Watched(">") == kServices; });
  }
  // How many services are looked at later than now (>), or should be by now (<=).
  int64_t Watched(const std::string& when) {
    const auto connection = fosterwatch::testing::Connect(database_.admin());
    const auto rows = connection->Query(
        absl::StrCat("SELECT count(*) FROM view.timer WHERE kind = 'access' AND due_at ", when,
                     " $1"),
        {Now()});
    EXPECT_THAT(rows, IsOk());
    return rows->Int(0, 0);
  }
  // To the hour at which the days before are looked at.
  void PassTheNight() {
    const absl::CivilHour tomorrow(clock::LondonDay(Now()) + 1);
    const absl::Time at = absl::FromCivil(tomorrow + 6, clock::London());
    Pass(absl::Ceil(at - Now(), absl::Seconds(1)) + absl::Seconds(1));
  }
  std::vector<v1::Alert> Unusual(const runtime::Call& call = CallOf()) {
    const auto response = running_->app().ListAlerts(call, {});
    EXPECT_THAT(response, IsOk());
    std::vector<v1::Alert> alerts;
    for (const v1::Alert& alert : response->alerts()) {
      if (alert.kind() == v1::Alert::KIND_UNUSUAL_ACCESS) alerts.push_back(alert);
    }
    EXPECT_GE(response->open_count(), 0);
    return alerts;
  }
  static runtime::Call CallBy(const std::string& person_id, options::v1::Role role) {
    runtime::Call call = CallOf();
    call.caller.person_id = person_id;
    call.caller.roles = {role};
    return call;
  }
};

TEST_F(AccessWatcherTest, IsAlertedOnceInTheMorningAfterAndSettledByAComment) {
  Begin();
  EXPECT_THAT(owners_.AskedForUnusual("carers"), IsEmpty());  // no day is over
  const absl::Time hour = Now();
  owners_.AddUnusual("carers", "cw1", hour);
  PassTheNight();
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
  EXPECT_THAT(MailsTo("rm1@agency.example")[0].Header("Subject"), Not(HasSubstr("cw1")));
  ASSERT_THAT(Unusual(), SizeIs(1));
  const v1::Alert alert = Unusual()[0];
  EXPECT_EQ(alert.in_register(), "carers");
  EXPECT_EQ(alert.record_id(), "cw1");
  EXPECT_THAT(alert.findings(), ElementsAre(HasSubstr("MANY_RECORDS ")));
  ASSERT_TRUE(AwaitLooked());
  ASSERT_THAT(owners_.AskedForUnusual("carers"), SizeIs(1));
  EXPECT_LE(owners_.AskedForUnusual("carers")[0].first, hour);
  EXPECT_GT(owners_.AskedForUnusual("carers")[0].second, hour);

  EXPECT_THAT(Acknowledge(alert.alert_id()), HasReason("REQUIRED"));
  EXPECT_THAT(Acknowledge(alert.alert_id(), "She prepared the inspection."), IsOk());
  EXPECT_EQ(Unusual()[0].state(), v1::Alert::STATE_ACKNOWLEDGED);

  // The next morning looks at the next day alone.
  PassTheNight();
  ASSERT_TRUE(AwaitTrue([&] { return owners_.AskedForUnusual("carers").size() == 2; }));
  ASSERT_TRUE(AwaitLooked());
  EXPECT_EQ(owners_.AskedForUnusual("carers")[1].first,
            owners_.AskedForUnusual("carers")[0].second);
  EXPECT_THAT(Unusual(), SizeIs(1));
}

TEST_F(AccessWatcherTest, IsAlertedOnceAlsoOverRestartsAndWithReplicas) {
  Begin();
  owners_.AddUnusual("carers", "cw1", Now());
  owners_.AddUnusual("complaints", "cw1", Now());
  owners_.AddUnusual("complaints", "cw2", Now());
  Halt();
  PassTheNight();
  Pass(absl::Hours(48));  // nothing ran for two days more
  const auto replica = Process();
  Start();
  ASSERT_TRUE(AwaitTrue([&] { return Unusual().size() == 3; }));
  ASSERT_TRUE(AwaitLooked());
  Halt();
  Start();
  PassTheNight();
  ASSERT_TRUE(AwaitTrue([&] { return owners_.AskedForUnusual("complaints").size() == 2; }));
  ASSERT_TRUE(AwaitLooked());
  EXPECT_THAT(Unusual(), SizeIs(3));
}

TEST_F(AccessWatcherTest, ThatPersonIsToldNothingAndNobodyBesideThoseWhoAnswerForIt) {
  owners_.SetHolder("ri1", options::v1::ROLE_RESPONSIBLE_INDIVIDUAL, "ri1@agency.example");
  Begin();
  owners_.AddUnusual("carers", "rm1", Now());
  PassTheNight();
  ASSERT_TRUE(AwaitMails("ri1@agency.example", 1));
  ASSERT_TRUE(AwaitLooked());
  EXPECT_THAT(MailsTo("rm1@agency.example"), IsEmpty());
  EXPECT_THAT(MailsTo("dm1@agency.example"), IsEmpty());
  const runtime::Call by_ri = CallBy("ri1", options::v1::ROLE_RESPONSIBLE_INDIVIDUAL);
  ASSERT_THAT(Unusual(by_ri), SizeIs(1));
  for (const runtime::Call& other : {CallOf(), CallBy("dm1", options::v1::ROLE_DEPUTY_MANAGER),
                                     CallBy("cw9", options::v1::ROLE_CASEWORKER)}) {
    EXPECT_THAT(Unusual(other), IsEmpty());
    EXPECT_EQ(running_->app().ListAlerts(other, {})->open_count(), 0);
    EXPECT_THAT(running_->app().ListSends(other, {})->sends(), IsEmpty());
    v1::AcknowledgeAlertRequest request;
    request.set_alert_id(Unusual(by_ri)[0].alert_id());
    request.set_comment("It was nothing.");
    EXPECT_THAT(running_->app().AcknowledgeAlert(other, request),
                StatusIs(absl::StatusCode::kNotFound));
    v1::GetSendRequest send;
    send.set_send_id(running_->app().ListSends(by_ri, {})->sends(0).send_id());
    EXPECT_THAT(running_->app().GetSend(other, send), StatusIs(absl::StatusCode::kNotFound));
  }
  EXPECT_THAT(running_->app().ListSends(by_ri, {})->sends(), SizeIs(1));
}

TEST_F(AccessWatcherTest, AServiceThatIsAwayIsMadeUpForAndKeepsNoOtherWaiting) {
  Begin();
  owners_.AddUnusual("carers", "cw1", Now());
  owners_.AddUnusual("kpis", "cw2", Now());
  owners_.SetAccessAway("carers", true);
  PassTheNight();
  ASSERT_TRUE(AwaitTrue([&] { return Watched(">") == kServices - 1; }));
  EXPECT_EQ(Watched("<="), 1);
  ASSERT_THAT(Unusual(), SizeIs(1));
  EXPECT_EQ(Unusual()[0].record_id(), "cw2");
  owners_.SetAccessAway("carers", false);
  Halt();
  Start();
  ASSERT_TRUE(AwaitLooked());
  EXPECT_THAT(Unusual(), SizeIs(2));
}

}  // namespace
}  // namespace fosterwatch::notifications
