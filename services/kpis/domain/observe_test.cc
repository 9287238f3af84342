#include "services/kpis/domain/observe.h"

#include <gtest/gtest.h>

#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/json/to_message.h"

namespace fosterwatch::kpis::domain {
namespace {

using notifiable_events::v1::NotifiableEventFact;

constexpr char kTopic[] = "fosterwatch.notifiable-events.v1";
const absl::Time kRecorded = absl::FromUnixSeconds(1'800'000'000);

v1::Catalogue Catalogue() {
  v1::Catalogue catalogue;
  const absl::Status read = json::TextToMessage(R"({"streams": [{
      "stream": "notice",
      "begins": [{"topic": "fosterwatch.notifiable-events.v1", "fact": "notices_owed",
                  "each": "notices", "key": "notice_id", "due": "due_time",
                  "where_field": "recipient", "where_value": "RECIPIENT_POLICE"}],
      "ends": [{"topic": "fosterwatch.notifiable-events.v1", "fact": "notice_given",
                "key": "notice_id", "time": "notice.given_time"}]}]})",
                                                catalogue);
  EXPECT_TRUE(read.ok()) << read;
  return catalogue;
}

TEST(ObserveTest, TakesEachElementThatTheMarkAsksFor) {
  NotifiableEventFact fact;
  for (const char* id : {"n1", "n2"}) {
    auto* notice = fact.mutable_notices_owed()->add_notices();
    notice->set_notice_id(id);
    notice->set_recipient(notifiable_events::v1::RECIPIENT_POLICE);
    *notice->mutable_due_time() = clock::ToProto(kRecorded + absl::Hours(24));
  }
  fact.mutable_notices_owed()->mutable_notices(0)->set_recipient(
      notifiable_events::v1::RECIPIENT_AREA_AUTHORITY);
  const auto observations = Observe(Catalogue(), kTopic, fact, kRecorded);
  ASSERT_EQ(observations.size(), 1u);
  EXPECT_EQ(observations[0].stream, "notice");
  EXPECT_EQ(observations[0].key, "n2");
  EXPECT_EQ(observations[0].kind, Observation::Kind::kBegins);
  EXPECT_EQ(observations[0].time, kRecorded) << "no time is named: when it was recorded";
  EXPECT_EQ(observations[0].due, kRecorded + absl::Hours(24));
}

TEST(ObserveTest, AnEndCarriesTheMomentThatTheFactNames) {
  NotifiableEventFact fact;
  fact.mutable_notice_given()->set_notice_id("n2");
  *fact.mutable_notice_given()->mutable_notice()->mutable_given_time() =
      clock::ToProto(kRecorded - absl::Minutes(5));
  const auto observations = Observe(Catalogue(), kTopic, fact, kRecorded);
  ASSERT_EQ(observations.size(), 1u);
  EXPECT_EQ(observations[0].kind, Observation::Kind::kEnds);
  EXPECT_EQ(observations[0].time, kRecorded - absl::Minutes(5));
}

TEST(ObserveTest, WhatUndoesAnEndSaysSo) {
  v1::Catalogue catalogue = Catalogue();
  auto* reopens = catalogue.mutable_streams(0)->add_reopens();
  reopens->set_topic(kTopic);
  reopens->set_fact("notice_returned");
  reopens->set_key("notice_id");
  NotifiableEventFact fact;
  fact.mutable_notice_returned()->set_notice_id("n2");
  const auto observations = Observe(catalogue, kTopic, fact, kRecorded);
  ASSERT_EQ(observations.size(), 1u);
  EXPECT_EQ(observations[0].kind, Observation::Kind::kReopens);
  EXPECT_EQ(observations[0].key, "n2");
}

TEST(ObserveTest, AnotherFactOrTopicSaysNothing) {
  NotifiableEventFact fact;
  fact.mutable_signed_off()->set_event_id("e1");
  EXPECT_TRUE(Observe(Catalogue(), kTopic, fact, kRecorded).empty());
  fact.mutable_notice_given()->set_notice_id("n2");
  EXPECT_TRUE(Observe(Catalogue(), "fosterwatch.carers.v1", fact, kRecorded).empty());
}

TEST(ObserveTest, WhatIsWithdrawnResetsWhatItsRecordIsIn) {
  v1::Catalogue catalogue = Catalogue();
  NotifiableEventFact withdrawn;
  withdrawn.mutable_event_withdrawn()->set_event_id("e1");
  EXPECT_TRUE(Observe(catalogue, kTopic, withdrawn, kRecorded).empty());
  auto* taken_back = catalogue.add_taken_back();
  taken_back->set_topic(kTopic);
  taken_back->set_fact("event_withdrawn");
  const auto observations = Observe(catalogue, kTopic, withdrawn, kRecorded);
  ASSERT_EQ(observations.size(), 1u);
  EXPECT_EQ(observations[0].stream, "notice");
  EXPECT_EQ(observations[0].kind, Observation::Kind::kResets);
  EXPECT_EQ(observations[0].key, "") << "all of the record";
  EXPECT_TRUE(Observe(catalogue, "fosterwatch.carers.v1", withdrawn, kRecorded).empty());
}

}  // namespace
}  // namespace fosterwatch::kpis::domain
