// Figures of the fostering set are what SQL over the registers' facts says, which knows nothing of
// streams, observations or measures: tests/recompute/ledgers.py. The histories are such as the
// registers write them; those of a past moment, cut there.
#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/kpis/domain/period.h"
#include "services/kpis/figure_world.h"

namespace fosterwatch::kpis {
namespace {

using ::fosterwatch::testing::IsOk;
using ::testing::HasSubstr;

constexpr char kEvents[] = "fosterwatch.notifiable-events.v1";

// Facts of many records, each as it happened and as late as people write things down.
class Registers {
 public:
  explicit Registers(unsigned seed) : random_(seed) {}

  std::vector<Fact> Write() {
    for (int i = 0; i < 10; ++i) Carer(absl::StrCat("F-", i));
    for (int i = 0; i < 12; ++i) Child(absl::StrCat("C-", i));
    for (int i = 0; i < 14; ++i) Complaint(absl::StrCat("c-", i));
    for (int i = 0; i < 8; ++i) Allegation(absl::StrCat("a-", i));
    for (int i = 0; i < 16; ++i) Event(absl::StrCat("e-", i));
    std::stable_sort(facts_.begin(), facts_.end(),
                     [](const Fact& a, const Fact& b) { return a.recorded < b.recorded; });
    return std::move(facts_);
  }

 private:
  int Pick(int from, int to) { return from + static_cast<int>(random_() % (to - from)); }
  bool Sometimes(int of) { return random_() % of == 0; }
  static std::string Text(absl::CivilDay day) { return absl::FormatCivilTime(day); }
  static absl::Time Start(absl::CivilDay day) {
    return absl::FromCivil(absl::CivilSecond(day), clock::London());
  }
  static std::string Micros(absl::Time time) {
    const int64_t seconds = absl::ToUnixSeconds(time);
    return absl::StrCat("{seconds: ", seconds,
                        " nanos: ", absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds)),
                        "}");
  }
  static std::string StampOf(absl::CivilDay day) { return Micros(Start(day)); }

  // Of one record, one after the other, each recorded some days late.
  void Begin(const char* topic, const std::string& record) {
    topic_ = topic;
    record_ = record;
    recorded_ = absl::InfinitePast();
  }
  void Add(absl::CivilDay day, const std::string& text) {
    recorded_ = std::max(recorded_ + absl::Seconds(1),
                         Start(day) + absl::Hours(10) + absl::Minutes(Pick(0, 20'000)));
    facts_.push_back({topic_, record_, text, recorded_});
  }

  std::string Owed(const std::string& id, const std::string& kind, absl::CivilDay from,
                   absl::CivilDay due, const std::string& last = "") {
    return absl::StrCat("duties { duty_id: '", id, "' kind: DUTY_KIND_", kind, " last_done_date: '",
                        last, "' due_time ", StampOf(due), " explanation { trigger_time ",
                        StampOf(from), " } } ");
  }

  void Carer(const std::string& id) {
    Begin(kCarers, id);
    const absl::CivilDay approved = absl::CivilDay(2025, 1, 10) + Pick(0, 500);
    const std::string kind = Sometimes(3) ? "KIND_CONNECTED" : "KIND_MAINSTREAM";
    std::string terms = absl::StrCat("terms { effective_date: '", Text(approved),
                                     "' terms { max_children: ", Pick(0, 4), " } } ");
    const auto standing = [&](const char* status, const std::string& ended) {
      return absl::StrCat("standing_changed { standing { carer_id: '", id, "' kind: ", kind,
                          " status: ", status, " approved_date: '", Text(approved),
                          "' ended_date: '", ended, "' usual_limit: 3 ", terms, "} }");
    };
    Add(approved, standing("STATUS_APPROVED", ""));
    Add(approved, "duties_changed { " +
                      Owed("UNANNOUNCED_VISIT", "UNANNOUNCED_VISIT", approved, approved + 366) +
                      Owed("FIRST_REVIEW", "FIRST_REVIEW", approved, approved + 366) +
                      Owed("TRAINING_STANDARDS", "TRAINING_STANDARDS", approved, approved + 366) +
                      "}");
    struct Happening {
      absl::CivilDay day;
      std::string what;
    };
    std::vector<Happening> happenings;
    for (absl::CivilDay day = approved + Pick(150, 450); day < absl::CivilDay(2026, 11, 1);
         day += Pick(200, 430)) {
      happenings.push_back({day, "visit"});
    }
    for (absl::CivilDay day = approved + Pick(300, 400); day < absl::CivilDay(2026, 11, 1);
         day += Pick(320, 400)) {
      happenings.push_back({day, "review"});
    }
    if (!Sometimes(4)) happenings.push_back({approved + Pick(100, 420), "training"});
    if (Sometimes(2)) happenings.push_back({approved + Pick(30, 300), "terms"});
    happenings.push_back({approved + Pick(60, 500), "agreement"});
    happenings.push_back({approved + Pick(60, 500), "decision"});
    std::string open;  // of the agreement and the decision
    std::stable_sort(happenings.begin(), happenings.end(),
                     [](const Happening& a, const Happening& b) { return a.day < b.day; });
    bool reviewed = false, trained = false;
    for (const auto& [day, what] : happenings) {
      if (day > absl::CivilDay(2026, 10, 31)) break;
      if (what == "visit") {
        Add(day, "duties_changed { " +
                     Owed("UNANNOUNCED_VISIT", "UNANNOUNCED_VISIT", day, day + 366, Text(day)) +
                     "}");
      } else if (what == "review") {
        Add(day, absl::StrCat("review_held { carer_id: '", id, "' review { review_date: '",
                              Text(day), "' } }"));
        Add(day, "duties_changed { " +
                     Owed("ANNUAL_REVIEW", "ANNUAL_REVIEW", day, day + 366, Text(day)) +
                     (reviewed ? "}" : "gone_duty_ids: 'FIRST_REVIEW' }"));
        reviewed = true;
      } else if (what == "training") {
        Add(day, absl::StrCat("check_recorded { check { kind: CHECK_KIND_TRAINING_STANDARDS"
                              " done_date: '",
                              Text(day), "' } }"));
        Add(day, "duties_changed { gone_duty_ids: 'TRAINING_STANDARDS' }");
        trained = true;
      } else if (what == "agreement") {
        open += Agreement(id, day);
      } else if (what == "decision") {
        open += Decision(id, day);
      } else {
        absl::StrAppend(&terms, "terms { effective_date: '", Text(day),
                        "' terms { max_children: ", Pick(0, 3), " } } ");
        Add(day, standing("STATUS_APPROVED", ""));
      }
    }
    if (Sometimes(3)) {
      const absl::CivilDay end(2026, 11, 1 + Pick(0, 15));
      Add(end, standing("STATUS_ENDED", Text(end)));
      Add(end, absl::StrCat("duties_changed { gone_duty_ids: 'UNANNOUNCED_VISIT' gone_duty_ids: '",
                            reviewed ? "ANNUAL_REVIEW" : "FIRST_REVIEW", "' ",
                            trained ? "" : "gone_duty_ids: 'TRAINING_STANDARDS' ", open, "}"));
    }
    if (Sometimes(3)) return;
    Begin(kOwn, id);
    for (absl::CivilDay day = approved - 10 + Pick(0, 200); day < absl::CivilDay(2026, 11, 1);
         day += Pick(200, 450)) {
      Add(day, absl::StrCat("safer_caring_reviewed { carer_id: '", id, "' reviewed_date: '",
                            Text(day), "' current_until_time ", StampOf(day + 366), " }"));
      if (!Sometimes(5)) continue;
      Add(day + 5, absl::StrCat("safer_caring_review_withdrawn { carer_id: '", id,
                                "' reviewed_date: '", Text(day), "' }"));
    }
  }

  // What of it is still owed, as what is gone.
  std::string Agreement(const std::string& carer, absl::CivilDay from) {
    Add(from,
        "duties_changed { " + Owed("AGREEMENT_ISSUE", "AGREEMENT_ISSUE", from, from + 7) + "}");
    const absl::CivilDay issued = from + Pick(1, 14);
    const std::string set =
        absl::StrCat("agreement_set { carer_id: '", carer,
                     "' agreement { agreement_id: 'ag' issued_date: '", Text(issued), "' ");
    Add(issued, set + "} }");
    Add(issued, "duties_changed { gone_duty_ids: 'AGREEMENT_ISSUE' " +
                    Owed("AGREEMENT_RETURN/ag", "AGREEMENT_RETURN", issued, issued + 28) + "}");
    if (Sometimes(4)) return "gone_duty_ids: 'AGREEMENT_RETURN/ag' ";
    const absl::CivilDay returned = issued + Pick(5, 50);
    Add(returned, absl::StrCat(set, "returned_date: '", Text(returned), "' } }"));
    Add(returned, "duties_changed { gone_duty_ids: 'AGREEMENT_RETURN/ag' }");
    return "";
  }

  // Of a recommendation, or of what was proposed in a decision before.
  std::string Decision(const std::string& carer, absl::CivilDay from) {
    const std::string duty = "DECISION/r";
    Add(from, "duties_changed { " + Owed(duty, "DECISION", from, from + 10) + "}");
    if (Sometimes(4)) return absl::StrCat("gone_duty_ids: '", duty, "' ");
    const absl::CivilDay decided = from + Pick(1, 20);
    Add(decided,
        absl::StrCat("decision_made { carer_id: '", carer, "' decision { decided_time ",
                     StampOf(decided),
                     Sometimes(2) ? " recommendation_id" : " concludes_decision_id", ": 'r' } }"));
    Add(decided, absl::StrCat("duties_changed { gone_duty_ids: '", duty, "' }"));
    return "";
  }

  void Event(const std::string& id) {
    Begin(kEvents, id);
    const absl::CivilDay aware = absl::CivilDay(2026, 5, 20) + Pick(0, 170);
    Add(aware, absl::StrCat("event_reported { event_id: '", id, "' report { became_aware_time ",
                            StampOf(aware), " } sign_offs { sign_off_id: 's.1' due_time ",
                            StampOf(aware + 9), " } sign_offs { sign_off_id: 's.2' due_time ",
                            StampOf(aware + 20), " } }"));
    const auto notices = [&](const char* fact, absl::CivilDay since) {
      std::string text = absl::StrCat(fact, " { event_id: '", id, "' ");
      int number = 0;
      for (const char* basis : {"UNSPECIFIED", "STATUTORY", "STANDARD", "POLICY"}) {
        ++number;
        absl::StrAppend(&text, "notices { notice_id: 'n.", number, "' basis: BASIS_", basis,
                        " explanation { trigger_time ", StampOf(since), " } due_time ",
                        StampOf(since + (number % 2)), " in_time_until ", StampOf(since + 1),
                        " } ");
      }
      return text + "}";
    };
    Add(aware, notices("notices_owed", aware));
    // It turns out that somebody knew earlier.
    if (Sometimes(4)) Add(aware, notices("due_times_moved", aware - 1));
    for (int number = 1; number <= 4; ++number) {
      if (Sometimes(4)) continue;
      const absl::CivilDay day = aware + Pick(0, 5);
      const std::string of = absl::StrCat("event_id: '", id, "' notice_id: 'n.", number, "' ");
      const auto given = [&](absl::CivilDay then) {
        Add(then,
            absl::StrCat("notice_given { ", of, "notice { given_time ", StampOf(then), " } }"));
      };
      given(day);
      if (!Sometimes(5)) continue;
      Add(day, absl::StrCat("notice_returned { ", of, "}"));
      if (Sometimes(2)) given(day + 2);
    }
    for (const char* sign_off : {"s.1", "s.2"}) {
      if (Sometimes(3)) continue;
      const absl::CivilDay day = aware + Pick(3, 40);
      Add(day, absl::StrCat("signed_off { event_id: '", id, "' sign_off { sign_off_id: '", sign_off,
                            "' signed_time ", StampOf(day), " } }"));
    }
    if (Sometimes(8))
      return Add(aware + 30, absl::StrCat("event_withdrawn { event_id: '", id, "' }"));
    if (Sometimes(3)) return;
    const absl::CivilDay day = aware + Pick(20, 60);
    Add(day, absl::StrCat("event_concluded { event_id: '", id, "' conclusion { concluded_time ",
                          StampOf(day), " } }"));
  }

  void Child(const std::string& id) {
    Begin(kPlacements, id);
    absl::CivilDay day = absl::CivilDay(2026, 1, 1) + Pick(0, 200);
    for (int n = 0; day < absl::CivilDay(2026, 11, 10); ++n) {
      const std::string placement = absl::StrCat(id, ".", n);
      const char* kind = Sometimes(2) ? "SHORT_TERM" : "LONG_TERM";
      Add(day, absl::StrCat("placement_started { placement { placement_id: '", placement,
                            "' kind: '", kind, "' start_date: '", Text(day), "' } }"));
      if (Sometimes(4)) {
        day += Pick(0, 5);
        Add(day, absl::StrCat("placement_corrected { placement { placement_id: '", placement,
                              "' kind: 'RESPITE' start_date: '", Text(day), "' } }"));
      }
      day += Pick(1, 150);
      if (day >= absl::CivilDay(2026, 11, 10)) return;
      const char* ending[] = {"ENDING_PLANNED", "ENDING_UNPLANNED", "ENDING_NOT_COUNTED"};
      Add(day, absl::StrCat("placement_ended { placement_id: '", placement, "' end_date: '",
                            Text(day), "' ending: ", ending[Pick(0, 3)], " }"));
    }
  }

  void Complaint(const std::string& id) {
    Begin(kComplaints, id);
    const absl::CivilDay received = absl::CivilDay(2026, 6, 1) + Pick(0, 150);
    if (Sometimes(4)) {
      return Add(received, absl::StrCat("complaint_recorded { complaint_id: '", id,
                                        "' report { kind: COMPLAINT_KIND_COMPLIMENT received_time ",
                                        StampOf(received), " } }"));
    }
    Add(received,
        absl::StrCat("complaint_recorded { complaint_id: '", id,
                     "' report { kind: COMPLAINT_KIND_COMPLAINT category: 'DELAY' received_time ",
                     StampOf(received), " } stage { number: 1 clock_start_time ", StampOf(received),
                     " } duties { kind: DUTY_KIND_STEP stage_number: 1 due_time ",
                     StampOf(received + 15), " } }"));
    if (Sometimes(3)) {
      Add(received + 5, absl::StrCat("stage_extended { stage_number: 1 duty { kind: DUTY_KIND_STEP"
                                     " stage_number: 1 due_time ",
                                     StampOf(received + 25), " } }"));
    }
    if (Sometimes(5)) {
      const absl::CivilDay day = received + Pick(3, 30);
      return Add(day, absl::StrCat("complaint_withdrawn { complaint_id: '", id,
                                   "' withdrawal { withdrawn_time ", StampOf(day), " } }"));
    }
    if (Sometimes(5)) return;
    const absl::CivilDay answered = received + Pick(5, 30);
    Add(answered, absl::StrCat("stage_answered { complaint_id: '", id,
                               "' stage_number: 1 step { done_time ", StampOf(answered), " } }"));
    Add(answered + 1,
        absl::StrCat("complaint_closed { complaint_id: '", id, "' closure { closed_time ",
                     StampOf(answered + 1), " } duties { duty_id: 'l-", id,
                     "' kind: DUTY_KIND_LEARNING_REVIEW due_time ", StampOf(answered + 15),
                     " } }"));
    if (Sometimes(3)) return;
    const absl::CivilDay learnt = answered + Pick(2, 30);
    Add(learnt, absl::StrCat("learning_review_closed { complaint_id: '", id, "' closed_time ",
                             StampOf(learnt), " }"));
  }

  void Allegation(const std::string& id) {
    Begin(kAllegations, id);
    const absl::CivilDay aware = absl::CivilDay(2026, 5, 1) + Pick(0, 180);
    Add(aware, absl::StrCat("allegation_received { allegation_id: '", id,
                            "' report { became_aware_time ", StampOf(aware), " } }"));
    std::string items;
    for (int i = 0; i < 3; ++i) {
      absl::StrAppend(&items, "items { code: 'PANEL' action { action_id: '", id, ".", i,
                      "' due_time ", StampOf(aware + Pick(10, 40)),
                      " } explanation { trigger_time ", StampOf(aware + 2), " } } ");
    }
    Add(aware + 3, absl::StrCat("checklist_opened { allegation_id: '", id, "' ", items, "}"));
    for (int i = 0; i < 3; ++i) {
      if (Sometimes(3)) continue;
      const absl::CivilDay day = aware + Pick(8, 45);
      Add(day, absl::StrCat("checklist_item_closed { action { action_id: '", id, ".", i,
                            "' state: ", Sometimes(3) ? "STATE_DROPPED" : "STATE_DONE",
                            " closed_time ", StampOf(day), " } }"));
    }
    if (Sometimes(2)) return;
    const absl::CivilDay closed = aware + 50;
    Add(closed, absl::StrCat("allegation_closed { allegation_id: '", id, "' closure { closed_time ",
                             StampOf(closed), " } }"));
  }

  std::mt19937 random_;
  std::vector<Fact> facts_;
  const char* topic_ = "";
  std::string record_;
  absl::Time recorded_;
};

// What a ledger cut at that moment holds, as ledgers.py reads it.
std::string Lines(const std::vector<Fact>& facts, absl::Time cut) {
  std::string lines;
  for (const Fact& fact : facts) {
    if (fact.recorded > cut) continue;
    absl::StrAppend(&lines, "{\"topic\": \"", fact.topic, "\", \"record\": \"", fact.record,
                    "\", \"recorded\": ", absl::ToUnixMicros(fact.recorded),
                    ", \"fact\": ", FigureWorld::JsonOf(*FigureWorld::MessageOf(fact)), "}\n");
  }
  return lines;
}

TEST_F(AppTest, TheFosteringSetIsWhatSqlOverTheRegistersFactsSays) {
  now_ = At("2026-11-22T12:00:00Z");
  for (const unsigned seed : {3u, 4u}) {
    SCOPED_TRACE(seed);
    const std::string agency = absl::StrCat("agency-", seed);
    const std::vector<Fact> history = Registers(seed).Write();
    for (const Fact& fact : history) {
      if (fact.recorded <= now_) Take(fact, agency);
    }
    const auto figures = [&](const std::string& period, std::optional<absl::Time> cut) {
      v1::ListKpisRequest request;
      request.set_set("fostering");
      request.set_period(period);
      if (cut) {
        *request.mutable_as_at_time() = clock::ToProto(*cut);
        *request.mutable_known_at_time() = clock::ToProto(*cut);
      }
      const auto list = app_->ListKpis(agency, request);
      EXPECT_THAT(list, IsOk());
      std::string lines;
      for (const v1::Kpi& kpi : list->kpis()) lines += JsonOf(kpi.current()) + "\n";
      return lines;
    };
    std::string present;
    for (const char* period : {"2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11",
                               "2026-W45", "2026-Q3", "2026-11-10", "2025-12", "2024-12"}) {
      present += figures(period, std::nullopt);
    }
    auto [said, code] = Judged("ledgers.py", {Lines(history, now_), present});
    EXPECT_EQ(code, 0) << said;
    EXPECT_THAT(said, HasSubstr("275 figures, 0 faults"));
    // A figure that is wrong by one is found.
    const size_t place = present.find("\"numerator\":\"") + 13;
    present[place] = present[place] == '1' ? '2' : '1';
    EXPECT_EQ(Judged("ledgers.py", {Lines(history, now_), present}).second, 1);

    // Any moment of the past, whatever became known since: also where a month or the summer begins.
    std::mt19937 random(seed);
    std::vector<absl::Time> cuts = {At("2026-02-28T23:59:59Z"), At("2026-03-29T01:00:00Z"),
                                    At("2026-07-31T23:00:00Z"), At("2026-10-25T00:30:00Z")};
    for (int i = 0; i < 8; ++i) {
      cuts.push_back(At("2025-06-01T00:00:00Z") + absl::Minutes(random() % 700'000));
    }
    size_t changed = 0;
    for (const absl::Time cut : cuts) {
      SCOPED_TRACE(cut);
      std::string past;
      for (const auto cadence : {v1::CADENCE_DAY, v1::CADENCE_WEEK, v1::CADENCE_MONTH,
                                 v1::CADENCE_QUARTER, v1::CADENCE_YEAR}) {
        past += figures(FormatPeriod(domain::PeriodAt(cut, cadence)), cut);
      }
      past += figures(FormatPeriod(domain::PeriodAt(cut - absl::Hours(24 * 45), v1::CADENCE_MONTH)),
                      cut);
      const auto [then, exit] = Judged("ledgers.py", {Lines(history, cut), past});
      EXPECT_EQ(exit, 0) << then;
      EXPECT_THAT(then, HasSubstr("150 figures, 0 faults"));
      // What came later makes a difference, so it was left out.
      changed += Judged("ledgers.py", {Lines(history, now_), past}).second;
    }
    EXPECT_GT(changed, cuts.size() / 2);
  }
}

}  // namespace
}  // namespace fosterwatch::kpis
