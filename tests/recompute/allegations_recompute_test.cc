// Every due time of an allegation (its duties, the items of its checklist, who is to be told) is
// what recompute.py works out from its explanation alone, at random moments of five years; and it
// finds the ones that are wrong by a second.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "services/allegations/domain/test_support.h"

namespace fosterwatch::allegations::domain {
namespace {

namespace fs = std::filesystem;

fs::path Source(const std::string& path) {
  const char* root = std::getenv("FOSTERWATCH_SOURCE_DIR");
  return fs::path(root == nullptr ? "." : root) / path;
}

// The exit code of the program over these allegations.
int Recompute(const std::vector<v1::Allegation>& allegations) {
  const fs::path file =
      fs::path(testing::TempDir()) / absl::StrCat("recompute-allegations-", getpid(), ".jsonl");
  {
    std::ofstream out(file);
    for (const auto& allegation : allegations) {
      std::string json;
      EXPECT_TRUE(google::protobuf::util::MessageToJsonString(allegation, &json).ok());
      out << json << "\n";
    }
  }
  const int status = std::system(
      absl::StrCat("'", PYTHON, "' '", Source("tests/recompute/recompute.py").string(),
                   "' --holidays '",
                   Source("libs/clock/data/bank_holidays_england_and_wales.json").string(),
                   "' --files '", file.string(), "'")
          .c_str());
  fs::remove(file);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// At every step of the pathway, each step within two weeks of the one before.
std::vector<v1::Allegation> Allegations() {
  std::mt19937_64 random(22);
  std::vector<v1::Allegation> all;
  Ids ids;
  // Any microsecond of 2024 to 2027.
  std::uniform_int_distribution<int64_t> micros(1'704'067'200'000'000, 1'830'000'000'000'000);
  for (int i = 0; i < 200; ++i) {
    absl::Time now = absl::FromUnixMicros(micros(random));
    const auto later = [&] { now += absl::Microseconds(random() % 1'209'600'000'000); };
    v1::Allegation allegation;
    auto told = Told();
    *told.mutable_report()->mutable_became_aware_time() = clock::ToProto(now);
    Apply(allegation,
          Receive(told, "A", "caseworker", Everybody(), OurPeople(), OurRules(), now, ids));
    later();
    auto refer = Referring();
    *refer.mutable_referred_time() = clock::ToProto(now);
    refer.set_late_reason("so");
    Apply(allegation, Refer(allegation, refer, "manager", false, OurRules(), now, ids));
    later();
    auto meeting = Meeting();
    *meeting.mutable_held_time() = clock::ToProto(now);
    Apply(allegation, RecordStrategyMeeting(allegation, meeting, "manager", OurRules(), now, ids));
    later();
    auto investigate = Investigating();
    *investigate.mutable_started_time() = clock::ToProto(now);
    Apply(allegation, StartInvestigation(allegation, investigate, "manager", OurRules(), now, ids));
    later();
    auto conclude = Concluding(static_cast<v1::Outcome>(i % 5 + 1));
    *conclude.mutable_concluded_time() = clock::ToProto(now);
    Apply(allegation, RecordOfficerConclusion(allegation, conclude, "manager", OurPeople(),
                                              OurRules(), now, ids));
    later();
    Apply(allegation, StartAgencyReview(allegation, "manager", OurRules(), now, ids));
    all.push_back(std::move(allegation));
  }
  return all;
}

TEST(AllegationsRecompute, AgreesWithEveryDueTime) { EXPECT_EQ(Recompute(Allegations()), 0); }

TEST(AllegationsRecompute, FindsADueTimeThatIsWrongByASecond) {
  const v1::Allegation right = Allegations()[0];
  const auto wrong = [&](const std::function<void(v1::Allegation&)>& spoil) {
    v1::Allegation spoiled = right;
    spoil(spoiled);
    EXPECT_EQ(Recompute({spoiled}), 1);
  };
  const auto later = [](google::protobuf::Timestamp* time) {
    time->set_seconds(time->seconds() + 1);
  };
  wrong([&](auto& a) { later(a.mutable_duties(0)->mutable_due_time()); });
  wrong([&](auto& a) { later(a.mutable_checklist(2)->mutable_action()->mutable_due_time()); });
  wrong([&](auto& a) { later(a.mutable_tellings(1)->mutable_due_time()); });
}

}  // namespace
}  // namespace fosterwatch::allegations::domain
