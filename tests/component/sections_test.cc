#include "libs/runtime/sections.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "libs/status/error.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::runtime {
namespace {

using allegations::v1::Allegation;
using options::v1::Role;
using options::v1::Section;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::IsOk;

constexpr char kRules[] = R"({"editions": [
  {"version": "a", "fromTime": "2026-01-01T00:00:00Z", "rules": [
    {"section": "SECTION_ALLEGATION", "roles": ["ROLE_CASEWORKER"], "source": "s", "grade": "M"},
    {"section": "SECTION_PANEL", "roles": ["ROLE_CASEWORKER"], "source": "s", "grade": "M"},
    {"section": "SECTION_ADOPTION", "source": "s", "grade": "M"}]},
  {"version": "b", "fromTime": "2026-07-01T00:00:00Z", "rules": [
    {"section": "SECTION_ALLEGATION", "roles": ["ROLE_TEAM_MANAGER"], "source": "s", "grade": "M"},
    {"section": "SECTION_PANEL", "source": "s", "grade": "M"},
    {"section": "SECTION_ADOPTION", "source": "s", "grade": "M"}]}]})";

absl::Time At(int month) {
  return absl::FromCivil(absl::CivilMonth(2026, month), absl::UTCTimeZone());
}

std::shared_ptr<const SectionTable> Table() { return *SectionTable::Parse(kRules); }

Sight SightOf(std::vector<Role> roles, int month = 3) {
  static const auto* const table = new std::shared_ptr<const SectionTable>(Table());
  return Sight(table->get(), roles, At(month));
}

Allegation Whole() {
  Allegation allegation;
  allegation.set_allegation_id("A-1");
  allegation.mutable_report()->set_carer_id("F-1");
  allegation.mutable_report()->set_summary("what was said");
  allegation.mutable_referral()->set_officer_name("an officer");
  allegation.add_strategy_meetings()->set_meeting_id("m-1");  // nothing is written of it
  allegation.mutable_conclusion()->set_outcome(allegations::v1::OUTCOME_FALSE);
  allegation.mutable_conclusion()->set_reasons("why");
  auto* item = allegation.add_checklist();
  item->set_code("PANEL");
  item->mutable_action()->set_action_id("a-1");
  item->mutable_action()->set_description("what to do");
  *allegation.add_reopenings()->mutable_conclusion() = allegation.conclusion();
  return allegation;
}

TEST(SightTest, TakesOutWhatIsSealedAtAnyDepthAndSaysWhereIt) {
  Allegation sealed = Whole();
  SightOf({options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}).Mask(sealed);
  Allegation left;
  left.set_allegation_id("A-1");
  left.mutable_report()->set_carer_id("F-1");
  left.mutable_report()->add_sealed_sections(options::v1::SECTION_ALLEGATION);
  left.mutable_referral()->add_sealed_sections(options::v1::SECTION_ALLEGATION);
  left.add_strategy_meetings()->set_meeting_id("m-1");  // there was nothing, and it says nothing
  left.mutable_conclusion()->set_outcome(allegations::v1::OUTCOME_FALSE);
  left.mutable_conclusion()->add_sealed_sections(options::v1::SECTION_ALLEGATION);
  auto* item = left.add_checklist();
  item->set_code("PANEL");
  // Of a message of another package, by the field that holds it.
  item->mutable_action()->set_action_id("a-1");
  item->mutable_action()->add_sealed_sections(options::v1::SECTION_ALLEGATION);
  *left.add_reopenings()->mutable_conclusion() = left.conclusion();
  EXPECT_EQ(sealed.DebugString(), left.DebugString());
}

TEST(SightTest, OneRoleOfSeveralOpensAndServicesReadEverything) {
  for (const std::vector<Role>& roles :
       {std::vector<Role>{options::v1::ROLE_CASEWORKER},
        {options::v1::ROLE_RESPONSIBLE_INDIVIDUAL, options::v1::ROLE_CASEWORKER},
        {options::v1::ROLE_SERVICE}}) {
    Allegation allegation = Whole();
    SightOf(roles).Mask(allegation);
    EXPECT_EQ(allegation.DebugString(), Whole().DebugString());
  }
  Allegation of_service = Whole();
  Sight(nullptr, {options::v1::ROLE_SERVICE}, At(3)).Mask(of_service);
  EXPECT_EQ(of_service.report().summary(), "what was said");
}

TEST(SightTest, WithoutATableAndBeforeItsFirstEditionNothingIsOpen) {
  const Sight sights[] = {
      Sight(nullptr, {options::v1::ROLE_CASEWORKER}, At(3)),
      Sight(Table().get(), {options::v1::ROLE_CASEWORKER}, At(1) - absl::Seconds(1)),
      Sight(Table().get(), {}, At(3))};
  for (const Sight& sight : sights) {
    Allegation allegation = Whole();
    sight.Mask(allegation);
    EXPECT_EQ(allegation.report().summary(), "");
    EXPECT_THAT(allegation.report().sealed_sections(),
                ElementsAre(options::v1::SECTION_ALLEGATION));
  }
}

TEST(SightTest, TheEditionInForceDecides) {
  EXPECT_TRUE(
      Table()->Opens(options::v1::SECTION_ALLEGATION, {options::v1::ROLE_CASEWORKER}, At(6)));
  EXPECT_FALSE(
      Table()->Opens(options::v1::SECTION_ALLEGATION, {options::v1::ROLE_CASEWORKER}, At(7)));
  EXPECT_TRUE(
      Table()->Opens(options::v1::SECTION_ALLEGATION, {options::v1::ROLE_TEAM_MANAGER}, At(7)));
}

TEST(SightTest, NobodyElseSaysThatSomethingIsSealed) {
  Allegation allegation = Whole();
  allegation.mutable_report()->add_sealed_sections(options::v1::SECTION_PANEL);
  for (const Role role : {options::v1::ROLE_CASEWORKER, options::v1::ROLE_SERVICE}) {
    Allegation shown = allegation;
    SightOf({role}).Mask(shown);
    EXPECT_THAT(shown.report().sealed_sections(), IsEmpty());
  }
}

TEST(SightTest, TellsWhatIsShownAndWhatIsWithheld) {
  std::set<std::string> shown, withheld, nothing;
  SightOf({options::v1::ROLE_CASEWORKER}).AddSectionsOf(Whole(), &shown);
  EXPECT_THAT(shown, ElementsAre("section:allegation"));
  SightOf({options::v1::ROLE_ADMINISTRATOR}).AddSectionsOf(Whole(), &withheld);
  EXPECT_THAT(withheld, ElementsAre("sealed:allegation"));
  SightOf({options::v1::ROLE_ADMINISTRATOR}).AddSectionsOf(Allegation(), &nothing);
  EXPECT_THAT(nothing, IsEmpty()) << "nothing was there";
}

TEST(CheckNothingSealedTest, NamesWhereARequestSaysThatSomethingIsSealed) {
  allegations::v1::ReceiveAllegationRequest request;
  request.mutable_report()->set_summary("what was said");
  EXPECT_THAT(CheckNothingSealed(request), IsOk());
  request.mutable_report()->add_sealed_sections(options::v1::SECTION_ALLEGATION);
  const absl::Status refused = CheckNothingSealed(request);
  EXPECT_THAT(refused, HasReason("SEALED_IN_REQUEST"));
  EXPECT_THAT(ViolationsOf(refused),
              ElementsAre(::testing::Field(&Violation::field, "report.sealed_sections")));
}

// A package that seals something, a message that holds itself, and one of another package.
constexpr char kFiles[] = R"pb(
  file {
    name: "other.proto"
    package: "other"
    syntax: "proto3"
    dependency: "fosterwatch/options/v1/options.proto"
    message_type {
      name: "Note"
      field {
        name: "text"
        number: 1
        type: TYPE_STRING
        label: LABEL_OPTIONAL
        options {
          [fosterwatch.options.v1.field_class]: FIELD_CLASS_PERSONAL
        }
      }
    }
  }
  file {
    name: "t.proto"
    package: "t"
    syntax: "proto3"
    dependency: "fosterwatch/options/v1/options.proto"
    dependency: "other.proto"
    message_type {
      name: "Minutes"
      field {
        name: "text"
        number: 1
        type: TYPE_STRING
        label: LABEL_OPTIONAL
        options {
          [fosterwatch.options.v1.field_class]: FIELD_CLASS_PERSONAL
          [fosterwatch.options.v1.section]: SECTION_PANEL
        }
      }
      field {
        name: "sealed_sections"
        number: 2
        type: TYPE_ENUM
        label: LABEL_REPEATED
        type_name: ".fosterwatch.options.v1.Section"
      }
      field {
        name: "before"
        number: 3
        type: TYPE_MESSAGE
        label: LABEL_OPTIONAL
        type_name: ".t.Minutes"
      }
      field {
        name: "note"
        number: 4
        type: TYPE_MESSAGE
        label: LABEL_REPEATED
        type_name: ".other.Note"
        options {
          [fosterwatch.options.v1.section]: SECTION_RECORD
        }
      }
      field {
        name: "name"
        number: 5
        type: TYPE_STRING
        label: LABEL_OPTIONAL
        options {
          [fosterwatch.options.v1.field_class]: FIELD_CLASS_PERSONAL
          [fosterwatch.options.v1.section]: SECTION_RECORD
        }
      }
    }
  }
)pb";

class SectionProblemsTest : public ::testing::Test {
 protected:
  // Of the files above once `from` in them is `to`.
  std::set<std::string> ProblemsWhere(const std::string& from, const std::string& to) {
    std::string text =
        absl::StrJoin(absl::StrSplit(kFiles, absl::ByAnyChar(" \n"), absl::SkipEmpty()), " ");
    EXPECT_TRUE(from.empty() || absl::StrContains(text, from)) << from;
    text = absl::StrReplaceAll(text, {{from, to}});
    google::protobuf::FileDescriptorSet files;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &files)) << text;
    // Kept: what is known of a type is known by its address.
    static auto* const pools = new std::vector<std::unique_ptr<google::protobuf::DescriptorPool>>;
    pool_ = pools
                ->emplace_back(std::make_unique<google::protobuf::DescriptorPool>(
                    google::protobuf::DescriptorPool::generated_pool()))
                .get();
    for (const auto& file : files.file()) EXPECT_NE(pool_->BuildFile(file), nullptr);
    return SectionProblems({pool_->FindMessageTypeByName("t.Minutes")});
  }
  google::protobuf::DescriptorPool* pool_ = nullptr;
};

TEST_F(SectionProblemsTest, NamesWhatIsPersonalAndSaysNothingOfItself) {
  EXPECT_THAT(ProblemsWhere("", ""), IsEmpty());
  EXPECT_THAT(ProblemsWhere("FIELD_CLASS_PERSONAL [fosterwatch.options.v1.section]: "
                            "SECTION_RECORD",
                            "FIELD_CLASS_PERSONAL"),
              ElementsAre("t.Minutes.name is personal and names no section"));
  EXPECT_THAT(ProblemsWhere("options { [fosterwatch.options.v1.section]: SECTION_RECORD }", ""),
              ElementsAre("t.Minutes.note is personal and names no section"));
}

TEST_F(SectionProblemsTest, NamesWhatIsSealedWhereNothingCouldSaySo) {
  EXPECT_THAT(ProblemsWhere("sealed_sections", "seals"),
              ElementsAre("t.Minutes is sealed in part and has no sealed_sections to say so"));
  EXPECT_THAT(ProblemsWhere("options { [fosterwatch.options.v1.section]: SECTION_RECORD }",
                            "options { [fosterwatch.options.v1.section]: SECTION_PANEL }"),
              ElementsAre("other.Note is sealed in part and has no sealed_sections to say so"));
}

TEST_F(SectionProblemsTest, APackageThatSealsNothingNamesNone) {
  EXPECT_THAT(ProblemsWhere("[fosterwatch.options.v1.section]: SECTION_PANEL", ""), IsEmpty());
}

TEST_F(SectionProblemsTest, WhatHoldsItselfIsMaskedAllTheWayDown) {
  ProblemsWhere("", "");
  google::protobuf::DynamicMessageFactory factory(pool_);
  const auto* type = pool_->FindMessageTypeByName("t.Minutes");
  const std::unique_ptr<google::protobuf::Message> minutes(factory.GetPrototype(type)->New());
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      "text: 'a' name: 'n' before { name: 'o' before { text: 'c' note { text: 'd' } } }",
      minutes.get()));
  SightOf({options::v1::ROLE_ADMINISTRATOR}).Mask(*minutes);
  EXPECT_EQ(minutes->ShortDebugString(),
            "sealed_sections: SECTION_PANEL before { before { sealed_sections: SECTION_PANEL "
            "note { text: \"d\" } } name: \"o\" } name: \"n\"");
}

TEST(SectionTableTest, TakesTheInstalledRulesAndNamesWhatIsWrong) {
  std::ostringstream installed;
  installed << std::ifstream(
                   absl::StrCat(std::getenv("FOSTERWATCH_SHARE_DIR"), "/policy/sections.json"))
                   .rdbuf();
  EXPECT_THAT(SectionTable::Parse(installed.str()), IsOk());
  const struct {
    const char* from;
    const char* to;
    const char* field;
  } cases[] = {
      {R"("version": "b", )", "", "editions[1].version"},
      {R"("fromTime": "2026-07-01T00:00:00Z", )", "", "editions[1].from_time"},
      {"2026-07-01", "2026-01-01", "editions[1].from_time"},
      {R"(,
    {"section": "SECTION_ADOPTION", "source": "s", "grade": "M"}]}]})",
       "]}]}", "editions[1].rules"},
      {R"("SECTION_PANEL", "source")", R"("SECTION_ALLEGATION", "source")",
       "editions[1].rules[1].section"},
      {R"("SECTION_PANEL", "source")", R"("SECTION_RECORD", "source")",
       "editions[1].rules[1].section"},
      {"ROLE_TEAM_MANAGER", "ROLE_SERVICE", "editions[1].rules[0].roles"},
      {"ROLE_TEAM_MANAGER", "ROLE_UNSPECIFIED", "editions[1].rules[0].roles"},
      {R"(["ROLE_TEAM_MANAGER"], "source": "s")", R"(["ROLE_TEAM_MANAGER"])",
       "editions[1].rules[0].source"},
      {R"(["ROLE_TEAM_MANAGER"], "source": "s", "grade": "M")",
       R"(["ROLE_TEAM_MANAGER"], "source": "s")", "editions[1].rules[0].grade"},
  };
  for (const auto& [from, to, field] : cases) {
    const std::string json = absl::StrReplaceAll(kRules, {{from, to}});
    ASSERT_NE(json, kRules) << from;
    const absl::Status status = SectionTable::Parse(json).status();
    EXPECT_THAT(status, HasReason("INVALID_SECTIONS")) << field;
    EXPECT_THAT(ViolationsOf(status), ElementsAre(::testing::Field(&Violation::field, field)));
  }
  EXPECT_THAT(SectionTable::Parse(R"({"editions": []})").status(), HasReason("INVALID_SECTIONS"));
}

}  // namespace
}  // namespace fosterwatch::runtime
