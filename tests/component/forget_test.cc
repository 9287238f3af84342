// A household whose records need no longer be kept is forgotten: its key is destroyed, what was
// written of it is nowhere, the rest of the record stays. reliability.md S20.
#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

#include "tests/component/carers_fixture.h"

namespace fosterwatch::carers {
namespace {

using ::testing::HasSubstr;

constexpr char kName[] = "Quexandra Zbyszewska";
constexpr char kNote[] = "zbyszewski note about the household";
// All databases; the topics are in that of the bus.
constexpr const char* kDatabases[] = {"allegations",       "bus",           "carers",
                                      "complaints",        "directory",     "kpis",
                                      "notifiable_events", "notifications", "placements"};

class ForgetTest : public CarersTest {
 protected:
  // Approved in 2005, ended since.
  static void Ended(const std::string& id, const std::string& ended_date) {
    auto request = TakingOver(id);
    *request.mutable_particulars() = Household(kName);
    request.mutable_terms(0)->mutable_terms()->set_note(kNote);
    request.clear_review_dates();
    request.clear_last_unannounced_visit_date();
    request.clear_last_supervision_visit_date();
    request.clear_last_home_safety_date();
    request.set_approved_date("2005-01-01");
    request.set_ended_date(ended_date);
    Do(kCarers, "TakeOverCarer", request);
  }

  struct Told {
    int code = -1;
    std::string output;
  };
  static Told Run(std::vector<std::string> arguments,
                  const std::map<std::string, std::string>& settings = {}) {
    Told told;
    told.code =
        installation_->RunWith(std::move(arguments), settings, absl::Minutes(1), &told.output);
    return told;
  }
  static Told Forget(const std::string& id, const Person& one, const Person& other) {
    return Run({"forget", "carer", id},
               {{"FOSTERWATCH_TOKEN", installation_->TokenOf(one)},
                {"FOSTERWATCH_AGREED_TOKEN", installation_->TokenOf(other)}});
  }
  static Person Individual() {
    return {"agency-a", "individual-1", {options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}};
  }

  static int64_t Keys(const std::string& id, bool destroyed) {
    auto rows = installation_->Database("carers")->Query(
        "SELECT count(*) FROM privacy.subject_key WHERE subject_id = $1 AND "
        "(destroyed_time IS NOT NULL) = $2",
        {absl::StrCat("carer:", id), destroyed});
    EXPECT_THAT(rows.status(), IsOk());
    return rows.ok() ? rows->Int(0, 0) : -1;
  }

  // Every table of every database, topics among them, row for row; also as bytes are printed.
  static std::vector<std::string> TablesWith(const std::string& text) {
    std::vector<std::string> found;
    for (const char* service : kDatabases) {
      const auto database = installation_->Database(service);
      auto tables = database->Query(
          "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
          "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')");
      EXPECT_THAT(tables.status(), IsOk());
      for (int i = 0; tables.ok() && i < tables->rows(); ++i) {
        const std::string table = tables->Text(i, 0);
        auto rows = database->Query(
            absl::StrCat(
                "SELECT count(*) FROM ", table,
                " AS t WHERE t::text LIKE '%' || $1 || '%' OR t::text LIKE '%' || $2 || '%'"),
            {text, absl::BytesToHexString(text)});
        EXPECT_THAT(rows.status(), IsOk()) << table;
        if (rows.ok() && rows->Int(0, 0) > 0) found.push_back(absl::StrCat(service, " ", table));
      }
    }
    return found;
  }
};

TEST_F(ForgetTest, WhatIsToBeKeptIsKept) {
  TakeOver("K-current");
  Ended("K-recent", Day(-300));
  Ended("K-held", "2012-06-01");
  Ended("K-over", "2012-06-01");
  v1::PlaceLegalHoldRequest hold;
  hold.set_carer_id("K-held");
  hold.set_reason("a claim");
  Do(kCarers, "PlaceLegalHold", hold);
  const struct {
    const char* id;
    Person one, other;
    int code;
    const char* says;
  } cases[] = {
      {"K-current", Manager(), Individual(), 4, "current"},
      {"K-recent", Manager(), Individual(), 4, "to be kept until"},
      {"K-held", Manager(), Individual(), 4, "a legal hold is on the records"},
      {"K-nobody", Manager(), Individual(), 3, ""},
      {"K-over", Manager(), Manager(), 4, "two people of the agency"},
      {"K-over",
       Manager(),
       {"agency-b", "x", {options::v1::ROLE_REGISTERED_MANAGER}},
       4,
       "two people"},
      {"K-over", Manager(), Worker(), 5, "only a registered manager"},
      {"K-over", Worker(), Individual(), 5, "only a registered manager"},
      {"K-over",
       {"agency-a", "x", {options::v1::ROLE_ADMINISTRATOR}},
       Individual(),
       5,
       "only a registered manager"},
  };
  for (const auto& c : cases) {
    const Told told = Forget(c.id, c.one, c.other);
    EXPECT_EQ(told.code, c.code) << c.id << told.output;
    EXPECT_THAT(told.output, HasSubstr(c.says)) << c.id;
    EXPECT_EQ(Keys(c.id, /*destroyed=*/true), 0) << c.id;
  }
  EXPECT_EQ(Keys("K-over", /*destroyed=*/false), 1);
  EXPECT_EQ(Get("K-over").foster_parents(0).name(), kName);
}

TEST_F(ForgetTest, ItIsNowhereTheRestStaysAndARestoreIsForgottenAgain) {
  Ended("L-over", "2012-06-01");
  Ended("L-other", "2012-06-01");
  ASSERT_EQ(Get("L-over").terms(0).terms().note(), kNote);
  const auto database = installation_->Database("carers");
  // As a backup holds it.
  ASSERT_THAT(database->Script("CREATE TABLE public.backup AS SELECT * FROM privacy.subject_key "
                               "WHERE subject_id = 'carer:L-over'"),
              IsOk());
  const Told told = Forget("L-over", Manager(), Individual());
  ASSERT_EQ(told.code, 0) << told.output;
  EXPECT_EQ(Keys("L-over", /*destroyed=*/true), 1);
  // Once no process holds the key any more.
  ASSERT_TRUE(
      AwaitTrue([] { return Get("L-over").terms(0).terms().note().empty(); }, absl::Minutes(2)));
  const Carer carer = Get("L-over");
  EXPECT_EQ(carer.carer_id(), "L-over");
  EXPECT_EQ(carer.ended_date(), "2012-06-01");
  EXPECT_FALSE(absl::StrContains(carer.DebugString(), kName));
  EXPECT_FALSE(absl::StrContains(carer.DebugString(), "1980-02-03"));
  EXPECT_EQ(Get("L-other").terms(0).terms().note(), kNote);
  // It was in clear nowhere, so it is nowhere now; were it, this would find it.
  EXPECT_THAT(TablesWith(kName), ::testing::IsEmpty());
  EXPECT_THAT(TablesWith(kNote), ::testing::IsEmpty());
  EXPECT_THAT(TablesWith("L-over"), ::testing::Contains("carers ledger.fact"));
  EXPECT_FALSE(absl::StrContains(installation_->process().Output(), kName));
  // Nothing is written of it any more that nobody could read.
  v1::PlaceLegalHoldRequest hold;
  hold.set_carer_id("L-over");
  hold.set_reason("a claim");
  EXPECT_THAT(Call(kCarers, "PlaceLegalHold", hold).status(), HasReason("SUBJECT_SHREDDED"));
  EXPECT_EQ(Forget("L-over", Manager(), Individual()).code, 3) << "it was forgotten before";

  const Told list = Run({"forget", "list"});
  ASSERT_EQ(list.code, 0) << list.output;
  EXPECT_THAT(list.output, HasSubstr("agency-a\tcarers\tcarer:L-over\t"));
  EXPECT_FALSE(absl::StrContains(list.output, "L-other"));
  const std::string path = installation_->folder() + "/forgotten";
  std::ofstream(path) << list.output;

  // The backup has the key.
  ASSERT_THAT(database->Script("UPDATE privacy.subject_key AS k SET wrapped_key = b.wrapped_key, "
                               "destroyed_time = NULL FROM public.backup AS b "
                               "WHERE k.subject_id = b.subject_id"),
              IsOk());
  ASSERT_EQ(Keys("L-over", /*destroyed=*/false), 1);
  EXPECT_EQ(Run({"forget", "again", path + "-none"}).code, 2);
  std::ofstream(path + "-half") << list.output.substr(0, list.output.size() - 9);
  EXPECT_EQ(Run({"forget", "again", path + "-half"}).code, 2);
  EXPECT_EQ(Keys("L-over", /*destroyed=*/true), 0) << "half a list is none";
  const Told again = Run({"forget", "again", path});
  EXPECT_EQ(again.code, 0) << again.output;
  EXPECT_THAT(again.output, HasSubstr("1 of them were back"));
  EXPECT_EQ(Keys("L-over", /*destroyed=*/true), 1);
  EXPECT_EQ(Keys("L-other", /*destroyed=*/true), 0);
  EXPECT_THAT(Run({"forget", "again", path}).output, HasSubstr("0 of them were back"));
  EXPECT_TRUE(Get("L-over").terms(0).terms().note().empty());
}

}  // namespace
}  // namespace fosterwatch::carers
