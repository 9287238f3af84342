// Two reports of one moment: neither sees the other when it is made, so each is looked at once more
// when it is recorded. On a real PostgreSQL; the order of things is the test's own.
#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/ledger/id.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "services/notifiable_events/app.h"
#include "services/notifiable_events/domain/test_support.h"
#include "services/notifiable_events/module.h"
#include "services/notifiable_events/views.h"

namespace fosterwatch::notifiable_events {
namespace {

using ::fosterwatch::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SimilarTest : public ::testing::Test {
 protected:
  SimilarTest() : database_("fosterwatch_notifiable_events", MakeModule()->migrations()) {
    ledger::Ledger::Options options;
    options.conninfo = database_.service();
    options.relay_conninfo = database_.relay();
    options.fact = &fact_;
    options.aggregates = Aggregates();
    ledger_ =
        *ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(std::string(64, 'a')));
    auto forms =
        domain::FormBook::Parse(domain::ReadSource("services/notifiable_events/law/forms.json"));
    app_ = std::make_unique<App>(ledger_.get(), domain::OurLaw(), *std::move(forms),
                                 domain::OurCalendar(), domain::OurPolicies(),
                                 domain::OurNoticeWords(), [] { return domain::kNow; });
    ledger::Unit child;
    child.agency_id = "northern";
    child.effects.push_back({"INSERT INTO reference.child VALUES ($1, $2, $3, $4, $5)",
                             {"northern", "C-1", "home", "home", ""}});
    EXPECT_THAT(ledger_->SubmitAndWait(std::move(child)), IsOk());
  }

  static Origin Caseworker() {
    Origin origin;
    origin.agency_id = "northern";
    origin.actor = {"caseworker", {options::v1::ROLE_CASEWORKER}};
    origin.request_id = ledger::NewId();
    return origin;
  }
  // What the report asks for, with what it is compared with read already.
  absl::StatusOr<ledger::Unit> Begin() {
    v1::ReportEventRequest request = domain::ReportRequest({v1::EVENT_KIND_CHILD_MISSING});
    request.mutable_report()->set_child_id("C-1");
    request.mutable_report()->clear_carer_id();
    return app_->ReportEvent(Caseworker(), request);
  }
  std::string Commit(absl::StatusOr<ledger::Unit> unit) {
    EXPECT_THAT(unit, IsOk());
    const auto outcome = ledger_->SubmitAndWait(*std::move(unit));
    EXPECT_THAT(outcome, IsOk());
    return outcome.ok() ? outcome->As<v1::NotifiableEvent>(0).event_id() : "";
  }
  v1::NotifiableEvent EventOf(const std::string& event_id) {
    return app_->GetEvent("northern", event_id).value();
  }
  // As when the fact that it was reported comes by.
  void LookAgain(const std::string& event_id) {
    v1::EventReported reported;
    reported.set_event_id(event_id);
    *reported.mutable_report() = EventOf(event_id).report();
    Origin origin;
    origin.agency_id = "northern";
    origin.actor = {"service:notifiable_events", {options::v1::ROLE_SERVICE}};
    auto unit = app_->LookAgain(origin, reported);
    ASSERT_THAT(unit, IsOk());
    if (unit->has_value()) {
      EXPECT_THAT(ledger_->SubmitAndWait(**std::move(unit)), IsOk());
    }
  }

  const v1::NotifiableEventFact fact_;
  fosterwatch::testing::Database database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<App> app_;
};

TEST_F(SimilarTest, OfTwoReportsOfOneMomentOneIsAskedAboutTheOther) {
  auto first = Begin();
  auto second = Begin();  // nothing of the first is there yet
  const std::string a = Commit(std::move(first));
  const std::string b = Commit(std::move(second));
  EXPECT_THAT(EventOf(a).possible_repeats().event_ids(), IsEmpty());
  EXPECT_THAT(EventOf(b).possible_repeats().event_ids(), IsEmpty());

  LookAgain(b);
  EXPECT_THAT(EventOf(b).possible_repeats().event_ids(), ElementsAre(a));
  LookAgain(a);
  EXPECT_THAT(EventOf(a).possible_repeats().event_ids(), IsEmpty()) << "it is asked about already";
  LookAgain(b);
  EXPECT_EQ(EventOf(b).timeline().rbegin()->fact(), "repeat_suspected");
  EXPECT_EQ(EventOf(b).version(), EventOf(b).timeline_size());

  v1::DecideRepeatRequest decide;
  decide.set_event_id(b);
  decide.set_answer(v1::RepeatQuestion::ANSWER_SAME);
  decide.set_same_as_event_id(a);
  decide.set_reason("Two of us wrote it down.");
  Commit(app_->DecideRepeat(Caseworker(), decide));
  EXPECT_EQ(EventOf(b).state(), v1::NotifiableEvent::STATE_WITHDRAWN);
  LookAgain(a);
  EXPECT_THAT(EventOf(a).possible_repeats().event_ids(), IsEmpty());
}

TEST_F(SimilarTest, WhatAPersonSaidAtOnceIsNotAskedAgain) {
  const std::string a = Commit(Begin());
  EXPECT_EQ(ReasonOf(ledger_->SubmitAndWait(*Begin()).status()), "SIMILAR_EVENT");
  v1::ReportEventRequest request = domain::ReportRequest({v1::EVENT_KIND_CHILD_MISSING});
  request.mutable_report()->set_child_id("C-1");
  request.mutable_report()->clear_carer_id();
  request.add_new_besides_event_ids(a);
  const std::string b = Commit(app_->ReportEvent(Caseworker(), request));
  LookAgain(a);
  LookAgain(b);
  EXPECT_THAT(EventOf(a).possible_repeats().event_ids(), IsEmpty());
  EXPECT_EQ(EventOf(b).possible_repeats().answer(), v1::RepeatQuestion::ANSWER_NEW);
}

}  // namespace
}  // namespace fosterwatch::notifiable_events
