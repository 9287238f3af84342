// Figures of the fostering set from the public facts of the registers, and how they are asked for.
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/kpis/figure_world.h"
#include "services/kpis/withheld.h"

namespace fosterwatch::kpis {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::IsOkAndHolds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(AppTest, TheFosteringFiguresOfCarersFollowFromTheFactsOfTheRegister) {
  const auto take = [&](const std::string& text, const char* recorded) {
    Take({kCarers, "F-1", text, At(recorded)});
  };
  EXPECT_EQ(Of("CR6").value(), 0);
  EXPECT_EQ(Of("CR1").status(), v1::STATUS_INCOMPLETE) << "nobody to visit is unknown, not fine";
  take(Standing("STATUS_APPROVED", "KIND_CONNECTED", 0), "2025-06-01T09:00:00Z");
  take(Duties(Duty("UNANNOUNCED_VISIT", "DUTY_KIND_UNANNOUNCED_VISIT", "2025-05-31T23:00:00Z",
                   "2026-06-01T23:00:00Z") +
              Duty("FIRST_REVIEW", "DUTY_KIND_FIRST_REVIEW", "2025-05-31T23:00:00Z",
                   "2026-06-01T23:00:00Z") +
              Duty("AGREEMENT_RETURN/a1", "DUTY_KIND_AGREEMENT_RETURN", "2026-11-02T00:00:00Z",
                   "2026-11-16T00:00:00Z") +
              Duty("TRAINING_STANDARDS", "DUTY_KIND_TRAINING_STANDARDS", "2025-05-31T23:00:00Z",
                   "2026-12-01T00:00:00Z") +
              Duty("DECISION/r1", "DUTY_KIND_DECISION", "2026-11-02T10:00:00Z",
                   "2026-11-12T00:00:00Z")),
       "2025-06-01T09:00:01Z");
  EXPECT_EQ(Of("CR6").value(), 1);
  ASSERT_EQ(Of("CR6").shares_size(), 1);
  EXPECT_EQ(Of("CR6").shares(0).title(), "Connected persons");
  EXPECT_EQ(Of("CR7").value(), 3) << "the terms set no number: the usual limit";
  EXPECT_EQ(Of("CR1", "2026-05").value(), 100) << "approved less than a year before";
  EXPECT_EQ(Of("CR1").value(), 0);
  EXPECT_EQ(Of("CR1").status(), v1::STATUS_RED);
  EXPECT_EQ(Of("CR2", "2026-06").value(), 0);
  EXPECT_EQ(Of("CR8").value(), 4) << "the training standards are not yet due";

  // The review was held in time; it is recorded late. The next one is due a year after it.
  take("review_held { carer_id: 'F-1' review { review_date: '2026-05-20' } }",
       "2026-11-20T10:00:00Z");
  take(Duties(Duty("ANNUAL_REVIEW", "DUTY_KIND_ANNUAL_REVIEW", "2026-05-19T23:00:00Z",
                   "2027-05-20T23:00:00Z", "2026-05-20"),
              {"FIRST_REVIEW"}),
       "2026-11-20T10:00:00Z");
  EXPECT_EQ(Of("CR2", "2026-06").value(), 100);
  v1::ListKpisRequest then;
  then.set_period("2026-06");
  *then.mutable_known_at_time() = clock::ToProto(At("2026-11-20T09:59:59Z"));
  EXPECT_EQ(Figures(then)["CR2"].value(), 0) << "what was known before";

  // An unannounced visit: what was owed since the approval ends by it, and is owed anew.
  take(Duties(Duty("UNANNOUNCED_VISIT", "DUTY_KIND_UNANNOUNCED_VISIT", "2026-11-10T00:00:00Z",
                   "2027-11-11T00:00:00Z", "2026-11-10")),
       "2026-11-20T10:00:00Z");
  EXPECT_EQ(Of("CR1").value(), 100);
  EXPECT_EQ(Of("CR1", "2026-10").value(), 0) << "late is late, though it was done since";

  // Due on the 12th and 16th: on the day itself it is too late, the day before it is not.
  take("decision_made { decision { recommendation_id: 'r1' decided_time " +
           Stamp("2026-11-12T00:00:00Z") + " } }",
       "2026-11-20T10:00:00Z");
  take(Duties("", {"DECISION/r1"}), "2026-11-20T10:00:00Z");
  EXPECT_EQ(Of("CR5").value(), 0);
  take(
      "agreement_set { agreement { agreement_id: 'a1' issued_date: '2026-11-02'"
      " returned_date: '2026-11-15' } }",
      "2026-11-20T10:00:00Z");
  take(Duties("", {"AGREEMENT_RETURN/a1"}), "2026-11-20T10:00:00Z");
  EXPECT_EQ(Of("CR3").value(), 100);
  take("check_recorded { check { kind: CHECK_KIND_TRAINING_STANDARDS done_date: '2026-11-18' } }",
       "2026-11-20T10:00:00Z");
  take(Duties("", {"TRAINING_STANDARDS"}), "2026-11-20T10:00:00Z");
  EXPECT_EQ(Of("CR4").value(), 100) << "due by the end of 30 November";
  EXPECT_EQ(Of("CR4", "2026-Q4").value(), 100);

  // Explained, with the calendar by which it was due.
  const auto explained = Explained("CR3");
  ASSERT_EQ(explained.evidence_size(), 1);
  EXPECT_EQ(explained.evidence(0).due_explanation().calendar_version(), "2026-11-01");
  EXPECT_EQ(explained.target().value(), 100);

  // Other terms from a day on; then the approval ends, at the end of its last day.
  take(
      "standing_changed { standing { kind: KIND_CONNECTED status: STATUS_APPROVED approved_date:"
      " '2025-06-01' usual_limit: 3 terms { effective_date: '2025-06-01' } terms {"
      " effective_date: '2026-11-15' terms { max_children: 1 } } } }",
      "2026-11-20T11:00:00Z");
  EXPECT_EQ(Of("CR7").value(), 1);
  EXPECT_EQ(Of("CR7", "2026-10").value(), 3);
  take(Standing("STATUS_ENDED", "KIND_CONNECTED", 1, "2026-11-21"), "2026-11-22T08:00:00Z");
  EXPECT_EQ(Of("CR6").value(), 0);
  EXPECT_EQ(Of("CR6", "2026-11-20").value(), 1);
  EXPECT_EQ(Of("CR7").value(), 0);
}

TEST_F(AppTest, TheFosteringFiguresOfPlacementsFollowFromWhereChildrenLive) {
  const auto start = [](const char* id, const char* kind, const char* from) {
    return absl::StrCat("placement_started { placement { placement_id: '", id, "' kind: '", kind,
                        "' start_date: '", from, "' } }");
  };
  const absl::Time recorded = At("2026-11-01T10:00:00Z");
  Take({kPlacements, "C-1", start("P-1", "SHORT_TERM", "2026-10-05"), recorded});
  Take({kPlacements, "C-2", start("P-2", "LONG_TERM", "2026-10-06"), recorded});
  Take({kPlacements, "C-3", start("P-3", "SHORT_TERM", "2026-10-07"), recorded});
  EXPECT_EQ(Of("PL1").value(), 3);
  ASSERT_EQ(Of("PL1").shares_size(), 2);
  EXPECT_EQ(Of("PL1").shares(0).title(), "Short term");
  EXPECT_EQ(Of("PL1").shares(0).count(), 2);
  const auto end = [](const char* id, const char* day, const char* ending) {
    return absl::StrCat("placement_ended { placement_id: '", id, "' end_date: '", day,
                        "' ending: ", ending, " }");
  };
  Take({kPlacements, "C-1", end("P-1", "2026-11-10", "ENDING_UNPLANNED"), recorded});
  Take({kPlacements, "C-2", end("P-2", "2026-11-11", "ENDING_PLANNED"), recorded});
  Take({kPlacements, "C-3", end("P-3", "2026-11-12", "ENDING_NOT_COUNTED"), recorded});
  EXPECT_EQ(Of("PL1").value(), 0);
  EXPECT_EQ(Of("PL1", "2026-10").value(), 3);
  EXPECT_EQ(Of("PL2").value(), 1);
  EXPECT_EQ(Of("PL3").value(), 50);
  // It had not ended at all.
  Take({kPlacements, "C-1",
        "placement_corrected { placement { placement_id: 'P-1' kind: 'EMERGENCY'"
        " start_date: '2026-10-05' } }",
        recorded});
  EXPECT_EQ(Of("PL1").value(), 1);
  EXPECT_EQ(Of("PL1").shares(0).title(), "Emergency");
  EXPECT_EQ(Of("PL2").value(), 0);
}

TEST_F(AppTest, TheFosteringFiguresOfComplaintsFollowFromTheirRegister) {
  const auto told = [](const char* id, const char* received) {
    return absl::StrCat("complaint_recorded { complaint_id: '", id,
                        "' report { kind: COMPLAINT_KIND_COMPLAINT category: 'DELAY'"
                        " received_time ",
                        Stamp(received), " } stage { number: 1 clock_start_time ", Stamp(received),
                        " } duties { duty_id: 'x' kind: DUTY_KIND_ACKNOWLEDGEMENT due_time ",
                        Stamp("2026-11-05T00:00:00Z"),
                        " } duties { duty_id: 'd' kind: DUTY_KIND_STEP stage_number: 1 due_time ",
                        Stamp("2026-11-16T00:00:00Z"), " } }");
  };
  const absl::Time recorded = At("2026-11-02T10:00:00Z");
  for (const char* id : {"c1", "c2", "c3", "c4"}) {
    Take({kComplaints, id, told(id, "2026-11-02T09:00:00Z"), recorded});
  }
  Take({kComplaints, "c5",
        "complaint_recorded { complaint_id: 'c5' report { kind: COMPLAINT_KIND_COMPLIMENT"
        " received_time " +
            Stamp("2026-11-03T09:00:00Z") + " } }",
        recorded});
  EXPECT_EQ(Of("CC3").value(), 4);
  EXPECT_EQ(Of("CC3").shares(0).title(), "Delay, or a service not given");
  EXPECT_EQ(Of("CC4").value(), 4);
  EXPECT_EQ(Of("CC5").value(), 1);
  EXPECT_EQ(Of("CC1").denominator(), 4);
  const auto answer = [](const char* id, const char* when) {
    return absl::StrCat("stage_answered { complaint_id: '", id,
                        "' stage_number: 1 step { done_time ", Stamp(when), " } }");
  };
  Take({kComplaints, "c1", answer("c1", "2026-11-15T23:59:59Z"), recorded});
  Take({kComplaints, "c2", answer("c2", "2026-11-16T00:00:00Z"), recorded});
  EXPECT_EQ(Of("CC1").numerator(), 1) << "at the end of the last day it is too late";
  Take({kComplaints, "c3",
        "stage_extended { stage_number: 1 duty { kind: DUTY_KIND_STEP stage_number: 1 due_time " +
            Stamp("2026-12-01T00:00:00Z") + " } }",
        recorded});
  EXPECT_EQ(Of("CC1").denominator(), 3);
  Take({kComplaints, "c4", "stage_paused { stage_number: 1 }", recorded});
  EXPECT_EQ(Of("CC1").denominator(), 2) << "its clock stands still";
  Take({kComplaints, "c4",
        "stage_resumed { stage_number: 1 duties { kind: DUTY_KIND_STEP stage_number: 1 due_time " +
            Stamp("2026-11-20T00:00:00Z") + " } }",
        recorded});
  EXPECT_EQ(Of("CC1").denominator(), 3);
  Take({kComplaints, "c4",
        "complaint_withdrawn { complaint_id: 'c4' withdrawal { withdrawn_time " +
            Stamp("2026-11-19T12:00:00Z") + " } }",
        recorded});
  EXPECT_EQ(Of("CC1").denominator(), 2) << "withdrawn before it was due";
  EXPECT_EQ(Of("CC4").value(), 3);
  Take({kComplaints, "c1",
        "complaint_closed { complaint_id: 'c1' closure { closed_time " +
            Stamp("2026-11-16T10:00:00Z") +
            " } duties { duty_id: 'l' kind: DUTY_KIND_LEARNING_REVIEW due_time " +
            Stamp("2026-11-21T00:00:00Z") + " } }",
        recorded});
  EXPECT_EQ(Of("CC4").value(), 2);
  EXPECT_EQ(Of("CC2").value(), 0) << "past its due time and not done";
  Take({kComplaints, "c1",
        "learning_review_closed { complaint_id: 'c1' review_id: 'r' closed_time " +
            Stamp("2026-11-20T10:00:00Z") + " }",
        recorded});
  EXPECT_EQ(Of("CC2").value(), 100);
}

TEST_F(AppTest, TheFosteringFiguresOfAllegationsFollowFromTheirRegister) {
  const absl::Time recorded = At("2026-11-02T10:00:00Z");
  const auto item = [](const char* id, const char* due) {
    return absl::StrCat("items { code: 'PANEL' action { action_id: '", id, "' due_time ",
                        Stamp(due), " } } ");
  };
  Take({kAllegations, "a1",
        "allegation_received { allegation_id: 'a1' report { became_aware_time " +
            Stamp("2026-11-01T10:00:00Z") + " } }",
        recorded});
  EXPECT_EQ(Of("AL2").value(), 1);
  EXPECT_EQ(Of("AL3").value(), 1);
  Take({kAllegations, "a1",
        "checklist_opened { allegation_id: 'a1' " + item("i1", "2026-11-10T00:00:00Z") +
            item("i2", "2026-11-11T00:00:00Z") + item("i3", "2026-11-12T00:00:00Z") + "}",
        recorded});
  EXPECT_EQ(Of("AL1").denominator(), 3);
  const auto close = [](const char* id, const char* state, const char* when) {
    return absl::StrCat("checklist_item_closed { action { action_id: '", id, "' state: ", state,
                        " closed_time ", Stamp(when), " } }");
  };
  Take({kAllegations, "a1", close("i1", "STATE_DONE", "2026-11-09T10:00:00Z"), recorded});
  Take({kAllegations, "a1", close("i2", "STATE_DROPPED", "2026-11-10T10:00:00Z"), recorded});
  EXPECT_EQ(Of("AL1").numerator(), 1);
  EXPECT_EQ(Of("AL1").denominator(), 2) << "dropped before it was due";
  Take({kAllegations, "a1",
        "allegation_due_times_moved { allegation_id: 'a1' items { action_id: 'i3' due_time " +
            Stamp("2026-12-02T00:00:00Z") + " } }",
        recorded});
  EXPECT_EQ(Of("AL1").denominator(), 1) << "a new bank holiday moved what was open";
  Take({kAllegations, "a1",
        "allegation_closed { allegation_id: 'a1' closure { closed_time " +
            Stamp("2026-11-20T10:00:00Z") + " } }",
        recorded});
  EXPECT_EQ(Of("AL2").value(), 0);
  Take({kAllegations, "a1", "allegation_reopened { allegation_id: 'a1' }", recorded});
  EXPECT_EQ(Of("AL2").value(), 1);

  const auto concluded = [](const char* when) {
    return absl::StrCat(" explanation { trigger_time ", Stamp(when), " } ");
  };
  EXPECT_FALSE(Of("AL1", "2026-09").has_value());
  Take({kAllegations, "a2",
        absl::StrCat("checklist_opened { allegation_id: 'a2' items { code: 'SUPPORT'"
                     " action { action_id: 'i4' due_time ",
                     Stamp("2026-09-08T00:00:00Z"), " }", concluded("2026-09-01T10:00:00Z"), "} }"),
        recorded});
  EXPECT_EQ(Of("AL1", "2026-09").denominator(), 1)
      << "a conclusion that is recorded after its actions were due";
  EXPECT_EQ(Of("AL1", "2026-09").value(), 0);
}

TEST_F(AppTest, NothingOnRecordIsANumberOnlySinceThereCouldBeSomething) {
  const auto status = [&](const char* code, const char* period) {
    const v1::Figure figure = Of(code, period);
    EXPECT_EQ(figure.has_value(), figure.status() != v1::STATUS_INCOMPLETE) << code << period;
    return figure.status();
  };
  EXPECT_EQ(status("CR8", "2026-11"), v1::STATUS_INCOMPLETE) << "nobody was ever heard of";
  EXPECT_FALSE(Of("CC4").has_value());
  // A register is taken over, with a visit that has been overdue since summer.
  Take({kCarers, "F-1", Standing("STATUS_APPROVED", "KIND_MAINSTREAM", 2),
        At("2026-11-20T10:00:00Z")});
  Take({kCarers, "F-1",
        Duties(Duty("UNANNOUNCED_VISIT", "DUTY_KIND_UNANNOUNCED_VISIT", "2025-05-31T23:00:00Z",
                    "2026-06-01T23:00:00Z")),
        At("2026-11-20T10:00:00Z")});
  EXPECT_EQ(status("CR8", "2025-05"), v1::STATUS_INCOMPLETE) << "before anything on record began";
  EXPECT_EQ(status("CR8", "2025-06"), v1::STATUS_GREEN);
  EXPECT_EQ(status("CR8", "2026-11"), v1::STATUS_RED)
      << "what was taken over says that it was overdue in each of these months";
  EXPECT_EQ(status("CR1", "2026-11"), v1::STATUS_RED);
  v1::ListKpisRequest then;
  then.set_period("2026-10");
  *then.mutable_known_at_time() = clock::ToProto(At("2026-11-20T09:59:59Z"));
  EXPECT_EQ(Figures(then)["CR1"].status(), v1::STATUS_INCOMPLETE) << "nobody knew";
  EXPECT_EQ(Figures(then)["CR8"].status(), v1::STATUS_INCOMPLETE);
  // No complaint was taken over: before, nobody knows of any; since, there is none.
  EXPECT_FALSE(Of("CC4", "2026-10").has_value());
  EXPECT_TRUE(Of("CC4", "2026-11").has_value());
  EXPECT_EQ(Of("CC4", "2026-11").value(), 0);
  EXPECT_EQ(Of("CC4", "2026-11").known_from_time().seconds(),
            absl::ToUnixSeconds(At("2026-11-20T10:00:00Z")));
  EXPECT_EQ(Judged({Explained("CR8", "2025-05"), Explained("CR8", "2025-06"), Explained("CR8"),
                    Explained("CC4", "2026-10"), Explained("CC4")}),
            std::pair(std::string("5 figures worked out again, 0 faults\n"), 0));
}

TEST_F(AppTest, SaferCaringPlansAreCurrentByWhatTheCaseSystemReports) {
  const auto reviewed = [&](const std::string& carer, const std::string& day,
                            const std::string& until) {
    Take({kOwn, carer,
          absl::StrCat("safer_caring_reviewed { carer_id: '", carer, "' reviewed_date: '", day,
                       "' current_until_time ", Stamp(until),
                       " explanation { rule: 'SAFER_CARING' } }"),
          At("2026-10-10T10:00:00Z")});
  };
  for (const char* carer : {"F-1", "F-2", "F-3"}) {
    Take({kCarers, carer, Standing("STATUS_APPROVED", "KIND_MAINSTREAM", 2),
          At("2026-06-01T10:00:00Z")});
  }
  EXPECT_EQ(Of("CR9").status(), v1::STATUS_INCOMPLETE) << "nobody has reported any plan";
  reviewed("F-1", "2026-09-01", "2027-09-02T00:00:00Z");
  EXPECT_NEAR(Of("CR9").value(), 100.0 / 3, 1e-9);
  EXPECT_EQ(Of("CR9", "2026-09").status(), v1::STATUS_INCOMPLETE) << "reports began in October";
  EXPECT_EQ(Of("CR9").status(), v1::STATUS_AMBER);
  EXPECT_TRUE(Of("CR9").red_not_ruled_out());
  reviewed("F-2", "2025-11-21", "2026-11-22T00:00:00Z");
  EXPECT_NEAR(Of("CR9").value(), 100.0 / 3, 1e-9) << "its last day was yesterday";
  EXPECT_NEAR(Of("CR9", "2026-10").value(), 200.0 / 3, 1e-9);
  reviewed("F-9", "2026-10-01", "2027-10-02T00:00:00Z");
  EXPECT_EQ(Of("CR9").denominator(), 3) << "nobody knows the household";
  // An earlier review that is told later changes nothing; the later one is taken back.
  reviewed("F-1", "2025-12-01", "2026-12-02T00:00:00Z");
  ASSERT_EQ(Explained("CR9").evidence_size(), 3);
  EXPECT_EQ(Explained("CR9").evidence(0).cover().key(), "2026-09-01");
  EXPECT_EQ(Explained("CR9").evidence(0).cover().due_explanation().rule(), "SAFER_CARING");
  Take({kOwn, "F-1",
        "safer_caring_review_withdrawn { carer_id: 'F-1' reviewed_date: '2026-09-01' }",
        At("2026-11-01T10:00:00Z")});
  EXPECT_EQ(Explained("CR9").evidence(0).cover().key(), "2025-12-01");
  EXPECT_EQ(Judged({Explained("CR9"), Explained("CR9", "2026-10"), Explained("CR9", "2026-09"),
                    Explained("CR9", "2026-W44")}),
            std::pair(std::string("4 figures worked out again, 0 faults\n"), 0));
  // A review on the first of November is none of October, whether that is asked for alone or on the
  // way to now.
  reviewed("F-3", "2026-11-01", "2027-11-02T00:00:00Z");
  v1::ListKpisRequest both;
  both.add_codes("CR9");
  both.set_history_months(1);
  const auto listed = app_->ListKpis("northern", both);
  ASSERT_THAT(listed, IsOk());
  EXPECT_EQ(listed->kpis(0).history(0).numerator(), 2);
  EXPECT_EQ(Of("CR9", "2026-10").numerator(), 2);
}

TEST_F(AppTest, AgenciesAreComparedEachByItselfAndRolledUpByTheirParts) {
  const auto overdue = [&](const std::string& agency, const std::string& carer, bool late) {
    Take({kCarers, carer,
          Duties(Duty("UNANNOUNCED_VISIT", "DUTY_KIND_UNANNOUNCED_VISIT", "2025-05-31T23:00:00Z",
                      late ? "2026-06-01T23:00:00Z" : "2026-12-01T00:00:00Z")),
          At("2026-06-01T10:00:00Z")},
         agency);
  };
  overdue("northern", "F-1", false);
  for (const char* carer : {"F-1", "F-2", "F-3"}) overdue("eastern", carer, true);
  v1::CompareAgenciesRequest request;
  request.set_set("fostering");
  const auto of = [&](const std::vector<std::string>& agencies, const std::string& code) {
    const auto compared = app_->CompareAgencies(agencies, request);
    EXPECT_THAT(compared, IsOk());
    for (const v1::ComparedKpi& kpi : compared->kpis()) {
      if (kpi.definition().code() == code) return kpi;
    }
    ADD_FAILURE() << code;
    return v1::ComparedKpi();
  };
  const v1::ComparedKpi visits = of({"northern", "eastern"}, "CR1");
  EXPECT_EQ(visits.figures(0).status(), v1::STATUS_GREEN);
  EXPECT_EQ(visits.figures(1).status(), v1::STATUS_RED);
  EXPECT_EQ(visits.roll_up().figure().value(), 25);
  EXPECT_EQ(visits.roll_up().figure().target(), 100);
  EXPECT_EQ(visits.roll_up().figure().status(), v1::STATUS_RED)
      << "by the roll-ups of the two months before";
  EXPECT_EQ(of({"northern", "eastern"}, "CR8").roll_up().figure().value(), 3);
  EXPECT_EQ(of({"northern", "nobody"}, "CR1").roll_up().not_rolled_up(),
            v1::RollUp::REASON_INCOMPLETE);
  EXPECT_EQ(of({"northern"}, "CR1").roll_up().figure().value(), 100);
  request.set_set("nothing");
  EXPECT_THAT(app_->CompareAgencies({"northern"}, request), HasReason("UNKNOWN_SET"));
}

TEST_F(AppTest, EvidenceComesInPagesAndSeriesInOneCall) {
  for (int i = 0; i < 25; ++i) {
    Take({kPlacements, absl::StrCat("C-", i),
          absl::StrCat("placement_started { placement { placement_id: 'P-", i,
                       "' start_date: '2026-10-", 10 + i % 15, "' } }"),
          At("2026-11-01T10:00:00Z")});
  }
  v1::ExplainKpiRequest request;
  request.set_code("PL1");
  request.set_page_size(10);
  std::vector<std::string> keys;
  do {
    const auto page = app_->ExplainKpi("northern", request);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(page->figure().value(), 25) << "over all of it";
    for (const auto& each : page->evidence()) keys.push_back(each.key());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(keys.size(), 25u);
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 25u);
  request.set_page_token("nonsense");
  EXPECT_THAT(app_->ExplainKpi("northern", request), HasReason("INVALID_PAGE_TOKEN"));

  v1::GetSeriesRequest series;
  series.set_code("PL1");
  series.set_periods(36);
  const auto figures = app_->GetSeries("northern", series);
  ASSERT_THAT(figures, IsOk());
  ASSERT_EQ(figures->figures_size(), 36);
  EXPECT_EQ(figures->figures(0).period(), "2023-12");
  EXPECT_EQ(figures->figures(34).value(), 25);
  EXPECT_EQ(figures->figures(33).value(), 0);

  v1::GetServiceDataRequest data;
  *data.mutable_as_at_time() = clock::ToProto(At("2026-10-12T12:00:00Z"));
  const auto then = app_->GetServiceData("northern", data);
  ASSERT_THAT(then, IsOk());
  std::map<std::string, double> values;
  for (const auto& kpi : then->kpis()) values[kpi.definition().code()] = kpi.current().value();
  EXPECT_EQ(values["PL1"], 6) << "two that began on each of the 10th to the 12th";
  EXPECT_THAT(values, ::testing::SizeIs(8));
}

TEST_F(AppTest, WhatCannotBeAskedIsRefusedByItsField) {
  v1::ListKpisRequest list;
  list.set_set("nothing");
  EXPECT_THAT(app_->ListKpis("northern", list), HasReason("UNKNOWN_SET"));
  list = {};
  list.add_codes("SC99");
  EXPECT_THAT(app_->ListKpis("northern", list), HasReason("UNKNOWN_KPI"));
  list = {};
  list.set_history_months(25);
  EXPECT_THAT(app_->ListKpis("northern", list), HasReason("OUT_OF_RANGE"));
  list = {};
  list.set_period("2026-13");
  EXPECT_THAT(app_->ListKpis("northern", list), HasReason("INVALID_PERIOD"));
  list = {};
  *list.mutable_as_at_time() = clock::ToProto(now_ + absl::Seconds(1));
  EXPECT_THAT(app_->ListKpis("northern", list), HasReason("IN_THE_FUTURE"));
  list = {};
  list.mutable_known_at_time()->set_nanos(-1);
  EXPECT_THAT(app_->ListKpis("northern", list), HasReason("INVALID_TIME"));
  v1::GetSeriesRequest series;
  series.set_code("PL1");
  series.set_periods(61);
  EXPECT_THAT(app_->GetSeries("northern", series), HasReason("OUT_OF_RANGE"));
  series.set_code("none");
  EXPECT_THAT(app_->GetSeries("northern", series), HasReason("UNKNOWN_KPI"));
}

TEST_F(AppTest, WhatIsBehindAFigureIsKeptFromWhomItIsAboutAndFromNobodyElse) {
  const auto note = [&](const char* topic, const std::string& id, const std::string& text) {
    bus::Record record;
    record.topic = topic;
    record.key = "northern/" + id;
    record.value = MessageOf({topic, id, text, now_})->SerializeAsString();
    record.headers = {{"ce_id", id + "-fact"},
                      {"ce_agencyid", "northern"},
                      {"ce_subject", id},
                      {"ce_sequence", "0000000001"},
                      {"ce_type", absl::StrCat(topic, ".fact")},
                      {"ce_time", "2026-11-20T09:00:00Z"}};
    auto unit = NoteSubject(record);
    ASSERT_THAT(unit, IsOk()) << unit.status();
    if (!*unit) return;
    ASSERT_THAT(ledger_->SubmitAndWait(**std::move(unit)), IsOk());
  };
  const auto complaint = [&](const std::string& id, const std::string& rest) {
    note(kComplaints, id,
         absl::StrCat("complaint_recorded { complaint_id: '", id, "' report { subject { ", rest));
  };
  const std::string staff = "kind: SUBJECT_KIND_STAFF staff_id: 'manager-1' } } ";
  complaint("c-1", staff + "}");
  complaint("c-2", staff + "other_route { hidden_from_subject: true } }");
  complaint("c-3", staff + "other_route { } }");
  complaint("c-4", "kind: SUBJECT_KIND_SERVICE } } }");
  note(kAllegations, "a-1",
       "allegation_received { allegation_id: 'a-1' report { person_id: 'manager-1' } }");
  note(kAllegations, "a-2",
       "allegation_received { allegation_id: 'a-2' report { carer_id: 'manager-1' } }");

  const auto shown = [&](const std::string& person, const std::string& agency = "northern") {
    v1::ExplainKpiResponse response;
    for (const char* id : {"c-1", "c-2", "c-3", "c-4", "a-1", "a-2"}) {
      response.add_evidence()->set_aggregate_id(id);
    }
    EXPECT_THAT(Withhold(*ledger_, agency, person, response), IsOk());
    EXPECT_EQ(response.evidence_size() + response.withheld_count(), 6);
    std::string ids;
    for (const auto& evidence : response.evidence()) ids += evidence.aggregate_id() + " ";
    return ids;
  };
  EXPECT_EQ(shown("manager-1"), "c-3 c-4 a-2 ");
  EXPECT_EQ(shown("manager-2"), "c-1 c-2 c-3 c-4 a-1 a-2 ");
  EXPECT_EQ(shown(""), "c-1 c-2 c-3 c-4 a-1 a-2 ");
  EXPECT_EQ(shown("manager-1", "eastern"), "c-1 c-2 c-3 c-4 a-1 a-2 ");

  // Nor does that person learn of them by who has looked at what is behind a figure.
  const auto kept = [&](const std::string& person) {
    return RecordsAbout(*ledger_, "northern", person);
  };
  EXPECT_THAT(kept("manager-1"),
              IsOkAndHolds(ElementsAre("record:a-1", "record:c-1", "record:c-2")));
  EXPECT_THAT(kept("manager-2"), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(kept(""), IsOkAndHolds(IsEmpty()));
}

}  // namespace
}  // namespace fosterwatch::kpis
