// Trying a law: what it says would differ is exactly what applying it then does. Random events are
// recorded under the shipped law, a random edition is tried on them, and then the same reports are
// made again under it.
#include "services/notifiable_events/domain/what_if.h"

#include <map>
#include <tuple>

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/notifiable_events/domain/follow_up.h"
#include "services/notifiable_events/domain/notices.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

// All that a law decides of a notice.
using Terms = std::tuple<std::string, std::string, v1::Basis>;  // due, in time until, basis
using Notices = std::map<NoticeKey, Terms>;

Notices NoticesOf(const v1::NotifiableEvent& event) {
  Notices notices;
  for (const auto& notice : event.notices()) {
    notices[KeyOf(notice)] = {notice.due_time().DebugString(), notice.in_time_until().DebugString(),
                              BasisOf(notice)};
  }
  return notices;
}

// The event's notices with the differences laid over them.
Notices Applied(Notices notices, const v1::EventDifference& difference) {
  for (const auto& one : difference.notices()) {
    const NoticeKey key{one.kind(), one.recipient(), one.body_id(), one.moment()};
    if (one.change() != v1::NoticeDifference::CHANGE_ADDED) {
      const Terms before = {one.due_time_before().DebugString(),
                            one.in_time_until_before().DebugString(), one.basis_before()};
      RC_ASSERT(notices.count(key) == 1u);
      RC_ASSERT(notices[key] == before);
      notices.erase(key);
    }
    if (one.change() != v1::NoticeDifference::CHANGE_DROPPED) {
      RC_ASSERT(notices.count(key) == 0u);
      notices[key] = {one.due_time_after().DebugString(), one.in_time_until_after().DebugString(),
                      one.basis_after()};
    }
  }
  return notices;
}

v1::Law Shipped() {
  v1::Law law;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(LawText(), &law).ok());
  return law;
}

std::string Json(const v1::Law& law) {
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(law, &json).ok());
  return json;
}

// Some cells of the matrix and lines of the policy turned, some limits moved; nobody left untold.
std::string GenLaw() {
  v1::Law law = Shipped();
  law.set_version("tried");
  for (auto& row : *law.mutable_rows()) {
    if (row.recipient() == v1::RECIPIENT_RESPONSIBLE_AUTHORITY ||
        row.kind() == v1::EVENT_KIND_MANAGER_ABSENCE) {
      continue;
    }
    if (*rc::gen::inRange(0, 4) == 0) row.set_required(!row.required());
  }
  for (auto& row : *law.mutable_policy_rows()) {
    if (*rc::gen::arbitrary<bool>()) row.set_on(!row.on());
  }
  for (auto& rule : *law.mutable_time_rules()) {
    if (rule.limit_case() == v1::TimeRule::kElapsedHours && *rc::gen::inRange(0, 3) == 0) {
      rule.set_elapsed_hours(*rc::gen::inRange(0, 72));
    }
  }
  return Json(law);
}

std::vector<v1::EventKind> GenKinds() {
  const auto numbers =
      *rc::gen::suchThat(rc::gen::unique<std::vector<int>>(rc::gen::inRange(1, 12)),
                         [](const std::vector<int>& kinds) { return !kinds.empty(); });
  std::vector<v1::EventKind> kinds;
  for (const int number : numbers) kinds.push_back(static_cast<v1::EventKind>(number));
  return kinds;
}

struct Story {
  v1::ReportEventRequest report;
  Circumstances world;
  bool with_outcome;
};

v1::NotifiableEvent Play(const Story& story, const Law& law) {
  Ids ids;
  v1::NotifiableEvent event;
  const auto reported = Report({}, story.report, "event", kCaseworker, "", law, OurCalendar(),
                               story.world, kNow, ids);
  RC_ASSERT(reported.ok());
  ApplyAll(event, *reported, kCaseworker);
  if (!story.with_outcome) return event;
  v1::RecordEnquiryOutcomeRequest request;
  *request.mutable_outcome_time() = clock::ToProto(kNow);
  *request.mutable_became_aware_time() = clock::ToProto(kNow);
  request.set_outcome("no further action");
  const auto ended = RecordEnquiryOutcome(event, request, kCaseworker, law, story.world, kNow, ids);
  RC_ASSERT(ended.ok());
  ApplyAll(event, *ended, kCaseworker);
  return event;
}

RC_GTEST_PROP(WhatIf, ListsExactlyWhatApplyingTheLawThenDoes, ()) {
  const auto authority = rc::gen::element<std::string>("northshire", "southshire", "westshire", "");
  const PlacedChild child = {"away", *authority, *authority, "carer"};
  Story story{ReportRequest(GenKinds()), World(child), false};
  story.with_outcome =
      *rc::gen::arbitrary<bool>() &&
      std::count(story.report.report().kinds().begin(), story.report.report().kinds().end(),
                 v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY) > 0;
  const v1::NotifiableEvent event = Play(story, OurLaw());

  const std::string json = GenLaw();
  const auto proposed = Edition::Parse(json);
  RC_ASSERT(proposed.ok());
  const auto difference =
      DifferenceUnder(event, OurLaw().AsIfInForce(*proposed, clock::LondonDay(kNow)), story.world);
  RC_ASSERT(difference.ok());

  v1::AgencyLaw agency;
  auto* adoption = agency.add_adoptions();
  adoption->set_law_json(json);
  adoption->set_effective_from("2026-11-18");
  const auto adopted = OurLaw().For(agency);
  RC_ASSERT(adopted.ok());
  const v1::NotifiableEvent again = Play(story, *adopted);
  RC_ASSERT(Applied(NoticesOf(event), *difference) == NoticesOf(again));
  RC_ASSERT(again.matrix_version() == "tried");
  RC_ASSERT(event.matrix_version() == OurLaw().version());
}

// From Monday on the police are told of an incident for which they were called, by law.
std::string WithPoliceFrom(const std::string& day) {
  v1::Law law = Shipped();
  law.set_version("police told");
  for (auto& row : *law.mutable_rows()) {
    if (row.kind() != v1::EVENT_KIND_POLICE_CALLED_SERIOUS_INCIDENT ||
        row.recipient() != v1::RECIPIENT_POLICE) {
      continue;
    }
    row.set_effective_until(day);
    v1::MatrixRow later = row;
    later.set_required(true);
    later.set_effective_from(day);
    later.clear_effective_until();
    *law.add_rows() = later;
    break;
  }
  return Json(law);
}

TEST(WhatIf, TriesTheLinesOfTheDayOnWhichTheLawIsToBegin) {
  const auto proposed = Edition::Parse(WithPoliceFrom("2026-11-23"));
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  const auto event = Reported({v1::EVENT_KIND_POLICE_CALLED_SERIOUS_INCIDENT});
  const auto before = DifferenceUnder(
      event, OurLaw().AsIfInForce(*proposed, absl::CivilDay(2026, 11, 22)), World(kAway));
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_EQ(before->notices_size(), 0);
  const auto after = DifferenceUnder(
      event, OurLaw().AsIfInForce(*proposed, absl::CivilDay(2026, 11, 23)), World(kAway));
  ASSERT_TRUE(after.ok()) << after.status();
  ASSERT_EQ(after->notices_size(), 1);
  EXPECT_EQ(after->notices(0).change(), v1::NoticeDifference::CHANGE_ADDED);
  EXPECT_EQ(after->notices(0).recipient(), v1::RECIPIENT_POLICE);
  EXPECT_EQ(after->notices(0).body_id(), "south-police");
  EXPECT_EQ(Show(after->notices(0).due_time_after()), "2026-11-19T14:00:00Z");
  EXPECT_EQ(after->notices(0).basis_after(), v1::BASIS_STATUTORY);
}

TEST(WhatIf, SaysThatPolicyBecomesLaw) {
  v1::Law law = Shipped();
  law.set_version("missing children to the police");
  for (auto& row : *law.mutable_rows()) {
    if (row.kind() == v1::EVENT_KIND_CHILD_MISSING && row.recipient() == v1::RECIPIENT_POLICE) {
      row.set_required(true);
    }
  }
  const auto proposed = Edition::Parse(Json(law));
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  const auto difference =
      DifferenceUnder(Reported({v1::EVENT_KIND_CHILD_MISSING}),
                      OurLaw().AsIfInForce(*proposed, clock::LondonDay(kNow)), World(kAway));
  ASSERT_TRUE(difference.ok()) << difference.status();
  ASSERT_EQ(difference->notices_size(), 1);
  EXPECT_EQ(difference->notices(0).change(), v1::NoticeDifference::CHANGE_CHANGED);
  EXPECT_EQ(difference->notices(0).basis_before(), v1::BASIS_POLICY);
  EXPECT_EQ(difference->notices(0).basis_after(), v1::BASIS_STATUTORY);
}

TEST(WhatIf, TakesNoMoveOfTheChildForTheLaws) {
  const auto proposed = Edition::Parse(LawText());
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  const PlacedChild moved = {"away", "northshire", "westshire", "carer"};
  const auto difference =
      DifferenceUnder(Reported({v1::EVENT_KIND_CHILD_DEATH}),
                      OurLaw().AsIfInForce(*proposed, clock::LondonDay(kNow)), World(moved));
  ASSERT_TRUE(difference.ok()) << difference.status();
  EXPECT_EQ(difference->notices_size(), 0);
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
