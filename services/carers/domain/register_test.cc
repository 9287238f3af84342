// The register by two times: by tables, and against a register kept by hand over random histories.
#include "services/carers/domain/register.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rapidcheck/gtest.h"
#include "services/carers/domain/test_support.h"

namespace fosterwatch::carers::domain {
namespace {

v1::ChangeTermsRequest NewTerms(int children, const std::string& from, const World& world) {
  v1::ChangeTermsRequest request;
  *request.mutable_terms() = SomeTerms(children);
  request.set_agreed_date(world.carer.approved_date());
  request.set_effective_date(from);
  return request;
}

TEST(RegisterTest, SaysWhatWasTrueAndWhatWasKnown) {
  World world;
  world.Approve();  // 2026-11-22, two children
  const absl::Time first = world.now;
  world.Pass(absl::Hours(24 * 30));
  world.Do(ChangeTerms(world.carer, NewTerms(1, "2026-12-01", world), world.At(), NextId));
  const absl::CivilDay before(2026, 11, 30), after(2026, 12, 1);
  EXPECT_EQ(world.Entry(before).terms().max_children(), 2);
  EXPECT_EQ(world.Entry(after).terms().max_children(), 1);
  EXPECT_EQ(world.Entry(after, first).terms().max_children(), 2) << "nobody knew then";
  EXPECT_EQ(world.Entry(after).terms_since_date(), "2026-12-01");
  EXPECT_FALSE(world.Entry(absl::CivilDay(2026, 11, 21)).has_terms());
}

TEST(RegisterTest, ACorrectionShowsWhatItReplacedAndLeavesWhatWasKnown) {
  World world;
  world.Approve();
  world.Do(ChangeTerms(world.carer, NewTerms(1, "2026-11-25", world), world.At(), NextId));
  const absl::Time known = world.now;
  const std::string wrong = ChangesShown(world.carer)[0].change().change_id();
  EXPECT_EQ(ChangesShown(world.carer)[0].before().terms().max_children(), 2);
  world.Pass(absl::Hours(24));
  v1::CorrectRegisterRequest correct;
  correct.set_change_id(wrong);
  *correct.mutable_terms() = SomeTerms(4);
  correct.set_reason("misread");
  world.Do(CorrectRegister(world.carer, correct, world.At(), NextId));
  const absl::CivilDay day(2026, 11, 25);
  EXPECT_EQ(world.Entry(day).terms().max_children(), 4);
  EXPECT_EQ(world.Entry(day, known).terms().max_children(), 1);
  const auto shown = ChangesShown(world.carer);
  EXPECT_EQ(shown[0].before().terms().max_children(), 1);
  EXPECT_EQ(shown[0].change().reason(), "misread");
  EXPECT_EQ(shown[1].replaced_by_change_id(), shown[0].change().change_id());
  EXPECT_EQ(ReasonOf(CorrectRegister(world.carer, correct, world.At(), NextId).status()),
            "REPLACED_BEFORE");
  v1::CorrectRegisterRequest strike;
  strike.set_change_id(shown[0].change().change_id());
  strike.set_strike(true);
  strike.set_reason("never agreed");
  world.Do(CorrectRegister(world.carer, strike, world.At(), NextId));
  EXPECT_EQ(world.Entry(day).terms().max_children(), 2);
}

TEST(RegisterTest, TheKindIsKnownByBothTimesAndPutRightAsALine) {
  World world;
  world.Approve();
  const absl::Time known = world.now;
  const absl::CivilDay day(2026, 11, 22);
  EXPECT_EQ(world.Entry(day).kind(), v1::Carer::KIND_MAINSTREAM);
  EXPECT_EQ(world.Entry(day - 1).kind(), v1::Carer::KIND_UNSPECIFIED) << "nobody was there";
  world.Pass(absl::Hours(24));
  v1::CorrectRegisterRequest correct;
  for (const auto& change : world.carer.register_changes()) {
    if (change.has_carer_kind()) correct.set_change_id(change.change_id());
  }
  correct.set_reason("approved for a child whom they knew");
  correct.mutable_carer_kind()->set_connected(true);
  world.Do(CorrectRegister(world.carer, correct, world.At(), NextId));
  EXPECT_EQ(world.carer.kind(), v1::Carer::KIND_CONNECTED);
  EXPECT_EQ(world.carer.standing().kind(), v1::Carer::KIND_CONNECTED);
  EXPECT_EQ(world.Entry(day).kind(), v1::Carer::KIND_CONNECTED);
  EXPECT_EQ(world.Entry(day, known).kind(), v1::Carer::KIND_MAINSTREAM);
  const auto shown = ChangesShown(world.carer)[0];
  EXPECT_FALSE(shown.before().carer_kind().connected());
  EXPECT_TRUE(shown.change().carer_kind().connected());
  v1::CorrectRegisterRequest strike;
  strike.set_change_id(shown.change().change_id());
  strike.set_strike(true);
  strike.set_reason("never");
  EXPECT_EQ(ReasonOf(CorrectRegister(world.carer, strike, world.At(), NextId).status()),
            "KIND_STANDS");
}

TEST(RegisterTest, RefusesCorrectionsThatSayNothingOrSomethingElse) {
  World world;
  world.Approve();
  std::map<v1::RegisterChange::ValueCase, std::string> ids;
  for (const auto& change : world.carer.register_changes()) {
    ids[change.value_case()] = change.change_id();
  }
  const auto reason = [&](const v1::CorrectRegisterRequest& request) {
    return ReasonOf(CorrectRegister(world.carer, request, world.At(), NextId).status());
  };
  v1::CorrectRegisterRequest request;
  EXPECT_EQ(reason(request), "UNKNOWN_CHANGE");
  request.set_change_id(ids[v1::RegisterChange::kTerms]);
  EXPECT_EQ(reason(request), "REQUIRED");
  request.set_reason("wrong");
  EXPECT_EQ(reason(request), "REQUIRED");
  *request.mutable_particulars() = Household();
  EXPECT_EQ(reason(request), "OTHER_KIND");
  request.mutable_terms()->set_max_age(99);
  EXPECT_EQ(reason(request), "INVALID_TERMS");
  request.clear_value();
  request.set_effective_date("2026-02-30");
  EXPECT_EQ(reason(request), "INVALID_DATE");
  request.set_effective_date("2026-11-20");
  request.set_strike(true);
  EXPECT_EQ(reason(request), "NOTHING_CHANGES");
  request.clear_effective_date();
  request.set_change_id(ids[v1::RegisterChange::kApprovalBegin]);
  EXPECT_EQ(reason(request), "APPROVAL_STANDS");
}

TEST(RegisterTest, ADayBeforeTheApplicationIsNotInTheRegister) {
  World world;
  world.Approve();
  v1::RecordParticularsRequest move;
  *move.mutable_particulars() = Household();
  move.set_effective_date("2026-11-21");
  EXPECT_EQ(ReasonOf(RecordParticulars(world.carer, move, world.At(), NextId).status()),
            "BEFORE_THE_REGISTER");
}

// Kept by hand: for each of 40 days what the register says, painted anew from the lines in force.
struct Kept {
  struct Line {
    std::string id;
    bool terms;
    int day;
    int value;  // 0: struck
  };
  std::vector<Line> lines;

  std::optional<int> At(bool terms, int day) const {
    std::vector<std::optional<int>> painted(41);
    // Earlier days first; of one day, the one written last on top.
    for (int from = 0; from <= 40; ++from) {
      for (const Line& line : lines) {
        if (line.terms != terms || line.day != from || line.value == 0) continue;
        for (int d = from; d <= 40; ++d) painted[d] = line.value;
      }
    }
    return painted[day];
  }
};

absl::CivilDay DayNo(int day) { return absl::CivilDay(2026, 11, 22) + day; }

std::optional<int> Told(const v1::RegisterEntry& entry, bool terms) {
  if (terms) return entry.has_terms() ? std::optional(entry.terms().max_children()) : std::nullopt;
  if (!entry.has_particulars()) return std::nullopt;
  int value = 0;
  if (!absl::SimpleAtoi(entry.particulars().name(), &value)) return std::nullopt;
  return value;
}

RC_GTEST_PROP(RegisterProperty, AnExtractAsAtAndAsKnownAtEqualsTheOneKeptThen, ()) {
  World world;
  world.Approve();
  // The lines of the approval itself.
  Kept kept;
  for (const auto& change : world.carer.register_changes()) {
    if (change.has_terms()) kept.lines.push_back({change.change_id(), true, 0, 2});
  }
  const std::string household = [&] {
    for (const auto& change : world.carer.register_changes()) {
      if (change.has_particulars()) return change.change_id();
    }
    return std::string();
  }();
  v1::CorrectRegisterRequest name_it;
  name_it.set_change_id(household);
  *name_it.mutable_particulars() = Household();
  name_it.mutable_particulars()->set_name("1");
  name_it.set_reason("so that it is a number");
  world.Do(CorrectRegister(world.carer, name_it, world.At(), NextId));
  kept.lines.push_back({world.carer.register_changes().rbegin()->change_id(), false, 0, 1});
  world.now = StartOf(DayNo(41));

  std::vector<std::pair<absl::Time, Kept>> history = {{world.now, kept}};
  const int steps = *rc::gen::inRange(1, 25);
  for (int step = 0; step < steps; ++step) {
    world.now += absl::Seconds(*rc::gen::inRange(1, 90'000));
    const bool terms = *rc::gen::arbitrary<bool>();
    const int day = *rc::gen::inRange(0, 41);
    const int value = *rc::gen::inRange(1, 20);
    v1::Particulars particulars = Household();
    particulars.set_name(absl::StrCat(value));
    const int act = *rc::gen::inRange(0, 4);
    absl::StatusOr<Facts> decided;
    if (act == 0) {  // from a day on
      if (terms) {
        decided = ChangeTerms(world.carer, NewTerms(value, ShowDay(DayNo(day)), world), world.At(),
                              NextId);
      } else {
        v1::RecordParticularsRequest request;
        *request.mutable_particulars() = particulars;
        request.set_effective_date(ShowDay(DayNo(day)));
        decided = RecordParticulars(world.carer, request, world.At(), NextId);
      }
    } else {  // a line was wrong: another value, another day, or all of it
      const auto& line = kept.lines[*rc::gen::inRange<size_t>(0, kept.lines.size())];
      v1::CorrectRegisterRequest request;
      request.set_change_id(line.id);
      request.set_reason("wrong");
      if (act == 1 && line.terms) *request.mutable_terms() = SomeTerms(value);
      if (act == 1 && !line.terms) *request.mutable_particulars() = particulars;
      if (act == 2) request.set_effective_date(ShowDay(DayNo(day)));
      if (act == 3) request.set_strike(true);
      decided = CorrectRegister(world.carer, request, world.At(), NextId);
    }
    RC_ASSERT(decided.ok() || !ReasonOf(decided.status()).empty());
    if (!decided.ok()) continue;
    world.Do(decided);
    const v1::RegisterChange& made = *world.carer.register_changes().rbegin();
    Kept::Line line{made.change_id(), made.has_terms(), day, value};
    if (act != 0) {
      for (auto it = kept.lines.begin(); it != kept.lines.end(); ++it) {
        if (it->id != made.replaces_change_id()) continue;
        line.terms = it->terms;
        if (act != 2) line.day = it->day;
        if (act == 2) line.value = it->value;
        kept.lines.erase(it);
        break;
      }
    }
    if (act != 3) kept.lines.push_back(line);
    if (kept.lines.empty()) break;
    history.emplace_back(world.now, kept);
  }
  RC_ASSERT(world.RegisterStandsAlone());
  for (const auto& [moment, then] : history) {
    for (int day = 0; day <= 40; day += 4) {
      const v1::RegisterEntry entry = world.Entry(DayNo(day), moment);
      for (const bool terms : {true, false}) {
        RC_ASSERT(Told(entry, terms) == then.At(terms, day));
      }
    }
  }
}

}  // namespace
}  // namespace fosterwatch::carers::domain
