// The whole of Schedule 7 as a table written by hand from the Regulations' text as the project's
// fact sheet of the law restates it, section 1.2; not from the data file that it is held against.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::UnorderedElementsAreArray;

struct Row {
  v1::EventKind kind;
  // Chief Inspector, Secretary of State, responsible authority, area authority, police, health
  // body.
  const char* told;
  // high, medium or low for each cell.
  const char* confidence;
};

const Row kMatrix[] = {
    {v1::EVENT_KIND_CHILD_DEATH, "YYYY-Y", "hhhhhh"},
    {v1::EVENT_KIND_DBS_REFERRAL, "Y-Y---", "hhhhhh"},
    {v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT, "Y-Y---", "hhhhhh"},
    {v1::EVENT_KIND_INFECTIOUS_DISEASE, "Y-Y--Y", "hhhhhh"},
    {v1::EVENT_KIND_CHILD_SERIOUS_OFFENCE, "--Y-Y-", "hmmmmm"},
    {v1::EVENT_KIND_SEXUAL_EXPLOITATION, "Y-YYY-", "hmmmmm"},
    {v1::EVENT_KIND_POLICE_CALLED_SERIOUS_INCIDENT, "Y-Y---", "hmmmmm"},
    {v1::EVENT_KIND_CHILD_MISSING, "--Y---", "hmmmmm"},
    {v1::EVENT_KIND_SERIOUS_COMPLAINT, "Y-Y---", "hmmmmm"},
    {v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY, "Y-YY--", "hmmmmm"},
};

const v1::Recipient kColumns[] = {
    v1::RECIPIENT_CHIEF_INSPECTOR,
    v1::RECIPIENT_SECRETARY_OF_STATE,
    v1::RECIPIENT_RESPONSIBLE_AUTHORITY,
    v1::RECIPIENT_AREA_AUTHORITY,
    v1::RECIPIENT_POLICE,
    v1::RECIPIENT_HEALTH_BODY,
};

TEST(Matrix, HasARowForEachKindAndAColumnForEachRecipient) {
  // Beside the ten: a concern about mental health (NMS 29.3), the absence of the registered manager
  // (regulation 38). Beside the six: the designated officer, whom only policy has told.
  EXPECT_EQ(std::size(kMatrix) + 2, static_cast<size_t>(v1::EventKind_MAX));
  EXPECT_EQ(std::size(kColumns) + 1, static_cast<size_t>(v1::Recipient_MAX));
}

TEST(Matrix, TellsThoseAndOnlyThoseWhomSchedule7Names) {
  for (const Row& row : kMatrix) {
    std::vector<v1::Recipient> expected;
    for (int i = 0; i < 6; ++i) {
      if (row.told[i] == 'Y') expected.push_back(kColumns[i]);
    }
    EXPECT_EQ(OurLaw().RecipientsOf(row.kind, kAware), expected) << Name(row.kind);
  }
}

TEST(Matrix, IsAllOfItStatutory) {
  for (const Row& row : kMatrix) {
    for (const Told& told : OurLaw().ToldOf(row.kind, kAware)) {
      const bool named = row.told[told.recipient - 1] == 'Y';
      EXPECT_EQ(told.basis, named ? v1::BASIS_STATUTORY : v1::BASIS_POLICY)
          << Name(row.kind) << " " << Name(told.recipient);
    }
  }
}

TEST(Matrix, SaysHowSureWeAreOfEachCell) {
  for (const Row& row : kMatrix) {
    const auto told = OurLaw().ToldOf(row.kind, kAware);
    for (int i = 0; i < 6; ++i) {
      // Policy says for itself how sure it is.
      if (std::count(told.begin(), told.end(), Told{kColumns[i], v1::BASIS_POLICY}) > 0) continue;
      const auto times = OurLaw().TimesOf(row.kind, kColumns[i], "became_aware_time", kAware);
      ASSERT_TRUE(times.ok()) << times.status();
      EXPECT_EQ(times->explanation.confidence(), row.confidence[i] == 'h' ? "high" : "medium")
          << Name(row.kind) << " " << Name(kColumns[i]);
    }
  }
}

// The child is Northshire's, the foster home is in Southshire.
TEST(Matrix, BecomesOneNoticeForEachBodyOfAChildPlacedOutsideItsAuthority) {
  const std::vector<std::string> kBodies = {"inspector",  "state",        "northshire",
                                            "southshire", "south-police", "south-health"};
  for (const Row& row : kMatrix) {
    std::vector<std::string> expected;
    for (int i = 0; i < 6; ++i) {
      if (row.told[i] != 'Y') continue;
      expected.push_back(absl::StrCat(Name(row.kind), " ", Name(kColumns[i]), " ", kBodies[i]));
    }
    auto world = World(kAway);
    world.placed_with_carer = {kAway};
    EXPECT_THAT(ShowNotices(WithoutPolicy(Reported({row.kind}, world))),
                UnorderedElementsAreArray(expected));
  }
}

TEST(Matrix, LeavesOutTheAreaAuthorityWhereItIsTheResponsibleOne) {
  const std::vector<std::string> kBodies = {"inspector", "state",        "northshire",
                                            "",          "north-police", "north-health"};
  for (const Row& row : kMatrix) {
    std::vector<std::string> expected;
    for (int i = 0; i < 6; ++i) {
      if (row.told[i] != 'Y' || kColumns[i] == v1::RECIPIENT_AREA_AUTHORITY) continue;
      expected.push_back(absl::StrCat(Name(row.kind), " ", Name(kColumns[i]), " ", kBodies[i]));
    }
    auto world = World(kHome);
    world.placed_with_carer = {kHome};
    EXPECT_THAT(ShowNotices(WithoutPolicy(Reported({row.kind}, world))),
                UnorderedElementsAreArray(expected));
  }
}

TEST(Matrix, IsDue24HoursFromAwarenessAndADeathAtAwareness) {
  for (const Row& row : kMatrix) {
    const v1::NotifiableEvent event = Reported({row.kind});
    ASSERT_FALSE(event.notices().empty());
    for (const auto& notice : event.notices()) {
      EXPECT_EQ(Show(notice.due_time()), row.kind == v1::EVENT_KIND_CHILD_DEATH
                                             ? "2026-11-18T14:00:00Z"
                                             : "2026-11-19T14:00:00Z")
          << Name(row.kind);
      EXPECT_EQ(Show(notice.in_time_until()), "2026-11-19T14:00:00Z") << Name(row.kind);
    }
  }
}

// NMS 29.3: the responsible authority is told; not in Schedule 7, so by the standard only.
TEST(Matrix, HasBesideItTheConcernAboutMentalHealthThatTheStandardNames) {
  EXPECT_EQ(OurLaw().ToldOf(v1::EVENT_KIND_MENTAL_HEALTH_CONCERN, kAware),
            (std::vector<Told>{{v1::RECIPIENT_RESPONSIBLE_AUTHORITY, v1::BASIS_STANDARD}}));
  const v1::NotifiableEvent event = Reported({v1::EVENT_KIND_MENTAL_HEALTH_CONCERN});
  ASSERT_EQ(event.notices_size(), 1);
  const v1::Notice& notice = event.notices(0);
  EXPECT_EQ(notice.body_id(), "northshire");
  EXPECT_EQ(notice.basis(), v1::BASIS_STANDARD);
  EXPECT_EQ(Show(notice.due_time()), "2026-11-19T14:00:00Z");
  EXPECT_THAT(notice.explanation().source(), testing::HasSubstr("NMS 29.3"));
  EXPECT_THAT(notice.explanation().source(), testing::Not(testing::HasSubstr("reg 36")));
  EXPECT_EQ(OurLaw().WordsFor(v1::EVENT_KIND_MENTAL_HEALTH_CONCERN)->item(), 0);
}

TEST(Matrix, Counts24HoursThroughBothNightsOnWhichTheClocksChange) {
  struct Night {
    const char* aware;
    const char* due;
  };
  const Night nights[] = {
      // Sunday 29 March 2026: 01:00 in London becomes 02:00. From 18:00 on Saturday (GMT) to 19:00
      // on Sunday (BST) is 24 hours.
      {"2026-03-28T18:00:00Z", "2026-03-29T18:00:00Z"},
      {"2026-03-29T00:59:59Z", "2026-03-30T00:59:59Z"},
      {"2026-03-29T01:00:00Z", "2026-03-30T01:00:00Z"},
      // Sunday 25 October 2026: 02:00 in London becomes 01:00, so half past one comes twice. From
      // 18:00 on Saturday (BST) to 17:00 on Sunday (GMT) is 24 hours.
      {"2026-10-24T17:00:00Z", "2026-10-25T17:00:00Z"},
      {"2026-10-25T00:30:00Z", "2026-10-26T00:30:00Z"},
      {"2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"},
  };
  for (const Night& night : nights) {
    for (const Row& row : kMatrix) {
      auto request = ReportRequest({row.kind});
      const absl::Time aware = Utc(night.aware);
      *request.mutable_report()->mutable_occurred_time() = clock::ToProto(aware);
      *request.mutable_report()->mutable_became_aware_time() = clock::ToProto(aware);
      const auto facts = DecideReport(request, World(kAway), aware + absl::Hours(30));
      ASSERT_TRUE(facts.ok()) << facts.status();
      for (const auto& notice : (*facts)[1].notices_owed().notices()) {
        EXPECT_EQ(Show(notice.in_time_until()), night.due) << Name(row.kind);
        EXPECT_EQ(Show(notice.due_time()),
                  row.kind == v1::EVENT_KIND_CHILD_DEATH ? night.aware : night.due)
            << Name(row.kind);
      }
    }
  }
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
