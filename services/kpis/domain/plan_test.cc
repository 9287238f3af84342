#include "services/kpis/domain/plan.h"

#include <functional>
#include <set>
#include <utility>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "services/kpis/domain/period.h"
#include "services/kpis/domain/test_support.h"

namespace fosterwatch::kpis::domain {
namespace {

using v1::ActionPlan;
using v1::ActionPlanFile;
using Duty = ActionPlan::Duty;

constexpr absl::CivilMonth kFirst(2026, 1);

// Months by their letters from January 2026: green, amber, red, incomplete; the last one runs.
std::vector<MonthStanding> Months(const std::string& letters) {
  std::vector<MonthStanding> months;
  for (size_t i = 0; i < letters.size(); ++i) {
    const v1::Status status = letters[i] == 'G'   ? v1::STATUS_GREEN
                              : letters[i] == 'A' ? v1::STATUS_AMBER
                              : letters[i] == 'R' ? v1::STATUS_RED
                                                  : v1::STATUS_INCOMPLETE;
    months.push_back({kFirst + static_cast<int>(i), status, i + 1 < letters.size(), 1.5, 2.5});
  }
  return months;
}

using Judging = std::function<Facts(const ActionPlanFile&, const std::string& letters)>;

Facts Right(const ActionPlanFile& file, const std::string& letters) {
  return Judge(file, "SC5", "1", Months(letters), GivenAt(At(2026, 10, 5)));
}

void Apply(const Facts& facts, ActionPlanFile& file) {
  for (const v1::KpiFact& fact : facts) Evolve(file, fact);
}

// Said another way: between greens that are over, each stretch with a red month is one episode.
struct Told {
  size_t episodes = 0;
  bool open = false;
};
Told Tell(const std::string& letters) {
  std::string over = letters;
  if (over.back() == 'G') over.back() = 'A';  // it runs
  Told told;
  for (const std::string& stretch : std::vector<std::string>(absl::StrSplit(over, 'G'))) {
    told.open = stretch.find('R') != std::string::npos;
    told.episodes += told.open ? 1 : 0;
  }
  return told;
}

bool IsOpen(const ActionPlan& plan) { return plan.state() == ActionPlan::STATE_OPEN; }

// What must hold of the plans of any months; "" where it does.
std::string Wrong(const ActionPlanFile& file, bool open) {
  std::string last_red;
  for (int i = 0; i < file.plans_size(); ++i) {
    const ActionPlan& plan = file.plans(i);
    if (plan.plan_id() != absl::StrCat("SC5-", i + 1)) return "plans are not numbered";
    if (IsOpen(plan) && i + 1 < file.plans_size()) return "an earlier plan is open";
    if (plan.first_red_period() <= last_red) return "two plans for one episode";
    if (plan.attention_open() != IsOpen(plan)) return "attention to a red that is none";
    last_red = plan.first_red_period();
  }
  const bool is_open = file.plans_size() > 0 && IsOpen(file.plans(file.plans_size() - 1));
  if (is_open != open) return open ? "no plan for a red KPI" : "a plan for what is not red";
  return "";
}

// Every row of months, one month after the other; what is wrong first.
std::string WalkMonths(const Judging& judge, int length) {
  std::vector<std::pair<std::string, ActionPlanFile>> here = {{"", {}}};
  for (int i = 0; i < length; ++i) {
    std::vector<std::pair<std::string, ActionPlanFile>> next;
    for (const auto& [before, file] : here) {
      for (const char letter : {'G', 'A', 'R', 'I'}) {
        const std::string letters = before + letter;
        ActionPlanFile after = file;
        Apply(judge(after, letters), after);
        const Told told = Tell(letters);
        std::string wrong = Wrong(after, told.open);
        if (wrong.empty() && static_cast<size_t>(after.plans_size()) != told.episodes) {
          wrong = absl::StrCat(after.plans_size(), " plans for ", told.episodes, " episodes");
        }
        if (wrong.empty() && !judge(after, letters).empty()) wrong = "asked again it says more";
        if (!wrong.empty()) return absl::StrCat(letters, ": ", wrong);
        next.emplace_back(letters, std::move(after));
      }
    }
    here = std::move(next);
  }
  return "";
}

// Every row of months of which each one is then corrected to each other status, and back.
std::string WalkCorrections(const Judging& judge, int length) {
  std::vector<std::string> rows = {""};
  for (int i = 0; i < length; ++i) {
    std::vector<std::string> longer;
    for (const std::string& row : rows) {
      for (const char letter : {'G', 'A', 'R', 'I'}) longer.push_back(row + letter);
    }
    rows = std::move(longer);
  }
  for (const std::string& row : rows) {
    ActionPlanFile known;
    for (size_t i = 1; i <= row.size(); ++i) Apply(judge(known, row.substr(0, i)), known);
    for (size_t place = 0; place < row.size(); ++place) {
      for (const char letter : {'G', 'A', 'R', 'I'}) {
        ActionPlanFile file = known;
        std::string corrected = row;
        corrected[place] = letter;
        for (const std::string& letters : {corrected, row}) {
          Apply(judge(file, letters), file);
          std::string wrong = Wrong(file, Tell(letters).open);
          if (wrong.empty() && !judge(file, letters).empty()) wrong = "asked again it says more";
          if (!wrong.empty()) return absl::StrCat(row, " -> ", letters, ": ", wrong);
        }
      }
    }
  }
  return "";
}

TEST(EpisodeTest, EveryRowOfMonthsHasOnePlanForEachEpisode) { EXPECT_EQ(WalkMonths(Right, 7), ""); }

TEST(EpisodeTest, EveryCorrectionKeepsOnePlanForEachEpisode) {
  EXPECT_EQ(WalkCorrections(Right, 5), "");
}

TEST(EpisodeTest, TheWalksSeeWhatIsWrong) {
  const auto with = [](char from, char to) {
    return [from, to](const ActionPlanFile& file, std::string letters) {
      std::replace(letters.begin(), letters.end(), from, to);
      return Right(file, letters);
    };
  };
  EXPECT_NE(WalkMonths(with('A', 'G'), 4), "") << "amber ends it";
  EXPECT_NE(WalkMonths(with('I', 'R'), 4), "") << "unknown is red";
  EXPECT_NE(WalkMonths(with('I', 'G'), 4), "") << "unknown is fine";
  EXPECT_NE(WalkMonths(with('G', 'A'), 4), "") << "nothing ends it";
  EXPECT_NE(
      WalkMonths(
          [](const ActionPlanFile&, const std::string& letters) { return Right({}, letters); }, 4),
      "")
      << "it forgets that there is a plan";
  EXPECT_NE(WalkMonths([](const ActionPlanFile& file,
                          const std::string& letters) { return Right(file, letters + "I"); },
                       4),
            "")
      << "the running month's green ends it";
  EXPECT_NE(WalkMonths(
                [](const ActionPlanFile& file, const std::string& letters) {
                  Facts facts = Right(file, letters);
                  if (!facts.empty() && facts.back().has_attention_settled()) facts.pop_back();
                  return facts;
                },
                4),
            "")
      << "attention is not settled";
  EXPECT_NE(WalkCorrections(
                [](const ActionPlanFile& file, const std::string& letters) {
                  // A second plan instead of the first one again.
                  ActionPlanFile forgotten = file;
                  for (ActionPlan& plan : *forgotten.mutable_plans()) {
                    if (!IsOpen(plan)) plan.set_ended_period("2000-01");
                  }
                  return Right(forgotten, letters);
                },
                4),
            "")
      << "a plan that has ended is not taken up again";
}

TEST(EpisodeTest, APlanSaysWhatMadeItRedAndWhenItIsDue) {
  ActionPlanFile file;
  Apply(Right(file, "GAAR"), file);
  ASSERT_EQ(file.plans_size(), 1);
  const ActionPlan& plan = file.plans(0);
  EXPECT_EQ(plan.plan_id(), "SC5-1");
  EXPECT_EQ(plan.first_red_period(), "2026-04");
  ASSERT_EQ(plan.months_size(), 3);
  EXPECT_EQ(plan.months(0).period(), "2026-02");
  EXPECT_EQ(plan.months(2).status(), v1::STATUS_RED);
  EXPECT_EQ(plan.months(2).value(), 1.5);
  // Ten working days from Monday 5 October; a calendar month.
  ASSERT_EQ(plan.duties_size(), 2);
  EXPECT_EQ(clock::FromProto(plan.duties(0).due_time()), At(2026, 10, 20, 0));
  EXPECT_EQ(clock::FromProto(plan.duties(1).due_time()), At(2026, 11, 6, 0));
  EXPECT_EQ(plan.duties(0).explanation().rule_version(), "kpis t");
}

TEST(EpisodeTest, AnEpisodeThatBeganBeforeTheMonthsLookedAtGoesOnUntilAGreenOne) {
  ActionPlanFile file;
  Apply(Right(file, "GAAR"), file);
  const auto later = [&](const std::string& letters) {
    std::vector<MonthStanding> months = Months("GAAR" + letters);
    months.erase(months.begin(), months.begin() + 4);
    return Judge(file, "SC5", "1", months, GivenAt(At(2026, 10, 5)));
  };
  EXPECT_TRUE(later("IIAI").empty());
  const Facts ended = later("IIGA");
  ASSERT_FALSE(ended.empty());
  EXPECT_EQ(ended[0].red_ended().period(), "2026-07");
  EXPECT_EQ(ended[0].red_ended().ending(), ActionPlan::ENDING_GREEN_MONTH);
}

TEST(EpisodeTest, WhatIsOverBeforeItWasSeenOpensNoPlan) {
  EXPECT_TRUE(Right({}, "AARGAG").empty());
  EXPECT_TRUE(Right({}, "").empty());
}

// One KPI's plans, by acts.
class Story {
 public:
  // "" where it was taken, or the reason why not.
  std::string Do(char act) {
    absl::StatusOr<Facts> facts = Decide(act);
    if (!facts.ok()) return ReasonOf(facts.status());
    for (const v1::KpiFact& fact : *facts) {
      if (fact.has_attention_needed() &&
          !needed_.insert(fact.attention_needed().attention_id()).second) {
        return "attention is called twice under one id";
      }
    }
    Apply(*facts, file_);
    return "";
  }

  // What must hold at any time; "" where it does.
  std::string Wrong() const {
    for (const ActionPlan& plan : file_.plans()) {
      const bool set_out = !plan.owner_id().empty() && plan.actions_size() > 0;
      if (plan.has_set_out_time() != set_out && IsOpen(plan)) return "it is not known as set out";
      if (plan.attention_open() != (IsOpen(plan) && !set_out)) return "attention to its being red";
      int reviews = 0;
      for (const Duty& duty : plan.duties()) {
        const bool late = clock::FromProto(duty.due_time()) <= now_;
        if (duty.attention_open() && (!IsOpen(plan) || duty.done() || !late)) {
          return absl::StrCat("attention to ", duty.duty_id(), ", which needs none");
        }
        if (ticked_ && IsOpen(plan) && !duty.done() && late && !duty.attention_open()) {
          return absl::StrCat("no attention to ", duty.duty_id());
        }
        if (duty.kind() == Duty::KIND_REVIEW && !duty.done()) ++reviews;
      }
      if (IsOpen(plan) && reviews != 1) return "not one review is next";
    }
    const auto next = NextOverdue(file_);
    if (ticked_ && next && *next <= now_) return "what is overdue is still to be looked at";
    return "";
  }

  const ActionPlanFile& file() const { return file_; }
  const std::set<std::string>& needed() const { return needed_; }
  absl::Time now() const { return now_; }

 private:
  absl::StatusOr<Facts> Decide(char act) {
    ticked_ = false;
    const std::string plan_id =
        file_.plans().empty() ? "SC5-1" : file_.plans(file_.plans_size() - 1).plan_id();
    const Given given = GivenAt(now_);
    switch (act) {
      case 'G':
      case 'R':
        letters_ += act;
        return Judge(file_, "SC5", "1", Months(letters_ + "I"), given);
      case 'o': {
        v1::NamePlanOwnerRequest request;
        request.set_plan_id(plan_id);
        request.set_owner_id(absl::StrCat("person-", ++ids_));
        return NameOwner(file_, request, "manager-1", given);
      }
      case 'a': {
        v1::AddActionRequest request;
        request.set_plan_id(plan_id);
        request.set_description("see to it");
        request.set_owner_id("person-1");
        *request.mutable_due_time() = clock::ToProto(now_ + absl::Hours(24 * 15));
        return AddAction(file_, request, absl::StrCat("act-", ++ids_), given);
      }
      case 'f': {
        v1::FinishActionRequest request;
        request.set_plan_id(plan_id);
        request.set_action_id(absl::StrCat("act-", ids_));
        request.set_evidence("seen");
        return FinishAction(file_, request, "person-1", given);
      }
      case 'v': {
        v1::ReviewPlanRequest request;
        request.set_plan_id(plan_id);
        request.set_note("it gets better");
        return Review(file_, request, absl::StrCat("rev-", ++ids_), "manager-1", given);
      }
      default:
        now_ += absl::Hours(24 * 20);
        ticked_ = true;
        return RecordOverdue(file_, now_);
    }
  }

  ActionPlanFile file_;
  std::string letters_;
  absl::Time now_ = At(2026, 3, 2);
  bool ticked_ = false;
  int ids_ = 0;
  std::set<std::string> needed_;
};

TEST(ActionPlanTest, EveryStoryCallsAttentionToWhatIsLateAndToNothingElse) {
  const std::string acts = "GRoafv.";
  std::vector<std::pair<std::string, Story>> here = {{"", {}}};
  int64_t taken = 0;
  for (int depth = 0; depth < 6; ++depth) {
    std::vector<std::pair<std::string, Story>> next;
    for (const auto& [told, story] : here) {
      for (const char act : acts) {
        Story after = story;
        const std::string refused = after.Do(act);
        if (!refused.empty()) {
          const bool ended = !after.file().plans().empty() &&
                             !IsOpen(after.file().plans(after.file().plans_size() - 1));
          if (refused == "PLAN_ENDED") {
            ASSERT_TRUE(ended) << told << act;
          } else {
            ASSERT_TRUE(refused == "NOT_FOUND" || refused == "ACTION_CLOSED")
                << told << act << ": " << refused;
          }
          continue;
        }
        ASSERT_EQ(after.Wrong(), "") << told << act;
        ++taken;
        // Of stories without a plan only those that go on to one.
        if (depth < 5) next.emplace_back(told + act, std::move(after));
      }
    }
    here = std::move(next);
  }
  EXPECT_GT(taken, 10'000);
}

TEST(ActionPlanTest, BadInputIsRefusedWithTheFieldAtFault) {
  Story story;
  ASSERT_EQ(story.Do('R'), "");
  const Given given = GivenAt(story.now());
  v1::NamePlanOwnerRequest owner;
  owner.set_plan_id("SC5-1");
  EXPECT_EQ(ReasonOf(NameOwner(story.file(), owner, "m", given).status()), "REQUIRED");
  owner.set_owner_id(std::string(201, 'x'));
  EXPECT_EQ(ReasonOf(NameOwner(story.file(), owner, "m", given).status()), "TEXT_TOO_LONG");
  owner.set_owner_id("p");
  owner.set_plan_id("SC5-2");
  EXPECT_EQ(ReasonOf(NameOwner(story.file(), owner, "m", given).status()), "NOT_FOUND");

  v1::AddActionRequest action;
  action.set_plan_id("SC5-1");
  EXPECT_EQ(ViolationsOf(AddAction(story.file(), action, "a", given).status()).size(), 3u);
  action.set_description("see to it");
  action.set_owner_id("p");
  *action.mutable_due_time() = clock::ToProto(story.now() - absl::Hours(1));
  EXPECT_EQ(ReasonOf(AddAction(story.file(), action, "a", given).status()), "DUE_IN_THE_PAST");
  action.mutable_due_time()->set_nanos(-1);
  EXPECT_EQ(ReasonOf(AddAction(story.file(), action, "a", given).status()), "INVALID_TIME");

  v1::ReviewPlanRequest review;
  review.set_plan_id("SC5-1");
  EXPECT_EQ(ReasonOf(Review(story.file(), review, "r", "m", given).status()), "REQUIRED");
  review.set_note("n");
  *review.mutable_next_review_time() = clock::ToProto(story.now());
  EXPECT_EQ(ReasonOf(Review(story.file(), review, "r", "m", given).status()), "DUE_IN_THE_PAST");
  *review.mutable_next_review_time() = clock::ToProto(story.now() + absl::Hours(1));
  auto reviewed = Review(story.file(), review, "r", "m", given);
  ASSERT_TRUE(reviewed.ok());
  EXPECT_FALSE((*reviewed)[0].plan_reviewed().next_review().has_explanation())
      << "a person has set it";

  v1::FinishActionRequest finish;
  finish.set_plan_id("SC5-1");
  finish.set_action_id("none");
  EXPECT_EQ(ReasonOf(FinishAction(story.file(), finish, "m", given).status()), "NOT_FOUND");

  EXPECT_EQ(CodeOfPlan("SC5-12"), "SC5");
  EXPECT_EQ(CodeOfPlan("SC5"), "");
  EXPECT_EQ(CodeOfPlan("SC5-x"), "");
}

TEST(KpiPolicyTest, WhatIsShippedIsReadAndWhatIsWrongIsNamed) {
  std::ifstream file(std::string(std::getenv("FOSTERWATCH_SHARE_DIR")) + "/policy/kpis.json");
  std::ostringstream text;
  text << file.rdbuf();
  auto policies = ParseKpiPolicies(text.str());
  ASSERT_TRUE(policies.ok()) << policies.status();
  const auto without = [&](const std::string& what, const std::string& with) {
    std::string changed = text.str();
    const size_t at = changed.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    if (at != std::string::npos) changed.replace(at, what.size(), with);
    return ReasonOf(ParseKpiPolicies(changed).status());
  };
  EXPECT_EQ(ReasonOf(ParseKpiPolicies("{}").status()), "POLICY_INVALID");
  EXPECT_EQ(ReasonOf(ParseKpiPolicies("{\"colour\": 1}").status()), "POLICY_INVALID");
  EXPECT_EQ(without("\"version\": \"2026-11-22\"", "\"version\": \"\""), "POLICY_INVALID");
  EXPECT_EQ(without("\"2011-04-01\"", "\"2011-4-1\""), "POLICY_INVALID");
  EXPECT_EQ(without("\"working_days\": 10", "\"working_days\": 1001"), "POLICY_INVALID");
  EXPECT_EQ(without("\"working_days\": 10", "\"working_days\": 1, \"calendar_days\": 1"),
            "POLICY_INVALID");
  EXPECT_EQ(without("\"grade\": \"M\"", "\"grade\": \"X\""), "POLICY_INVALID");
  EXPECT_EQ(without("\"repeated_month_from\": 20", "\"repeated_month_from\": 0"), "POLICY_INVALID");
}

}  // namespace
}  // namespace fosterwatch::kpis::domain
