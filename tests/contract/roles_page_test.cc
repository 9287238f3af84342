// Holds docs/roles.md to the protos and to policy/sections.json, in both directions: who may call
// which method, which fields are sealed and to whom, is decided on that page, and what has no row
// there, or another one, is not built.
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/options/v1/options.pb.h"
#include "libs/runtime/data_file.h"
#include "libs/runtime/sections.h"
#include "tests/support/services.h"

namespace fosterwatch::testing {
namespace {

// The page's columns, in their order.
std::vector<options::v1::Role> Columns() {
  return {options::v1::ROLE_CASEWORKER,
          options::v1::ROLE_SUPERVISING_SOCIAL_WORKER,
          options::v1::ROLE_TEAM_MANAGER,
          options::v1::ROLE_DEPUTY_MANAGER,
          options::v1::ROLE_REGISTERED_MANAGER,
          options::v1::ROLE_RESPONSIBLE_INDIVIDUAL,
          options::v1::ROLE_ADMINISTRATOR,
          options::v1::ROLE_PUBLISHER,
          options::v1::ROLE_SERVICE};
}

// "| CarersService.GetCarer | yes | own | ..."
std::string RowOf(const google::protobuf::MethodDescriptor& method) {
  const auto& access = method.options().GetExtension(options::v1::access);
  std::string row = absl::StrCat("| ", method.service()->name(), ".", method.name(), " |");
  for (const options::v1::Role role : Columns()) {
    const bool own = absl::c_linear_search(access.own_caseload(), role);
    const bool all = absl::c_linear_search(access.roles(), role);
    absl::StrAppend(&row, all ? " yes |" : own ? " own |" : " |");
  }
  return row;
}

// The rows of the page whose first cell is such a one.
template <typename Mine>
std::set<std::string> Decided(Mine mine) {
  std::ifstream page(std::string(std::getenv("FOSTERWATCH_SOURCE_DIR")) + "/docs/roles.md");
  std::set<std::string> rows;
  for (std::string line; std::getline(page, line);) {
    const std::vector<std::string> cells = absl::StrSplit(line, '|');
    if (cells.size() > 2 && mine(absl::StripAsciiWhitespace(cells[1]))) rows.insert(line);
  }
  return rows;
}

// "panel"
std::string WordOf(options::v1::Section section) {
  return absl::AsciiStrToLower(absl::StripPrefix(options::v1::Section_Name(section), "SECTION_"));
}

// Without those that are sealed to nobody.
std::vector<options::v1::Section> SealedSections() {
  std::vector<options::v1::Section> sections;
  for (int i = 0; i < options::v1::Section_ARRAYSIZE; ++i) {
    const auto section = static_cast<options::v1::Section>(i);
    if (i > options::v1::SECTION_RECORD && options::v1::Section_IsValid(i)) {
      sections.push_back(section);
    }
  }
  return sections;
}

// "| panel | yes | yes | ...", by the rules in force.
std::string RowOf(options::v1::Section section) {
  const auto rules = runtime::ReadDataFile(std::string(std::getenv("FOSTERWATCH_SHARE_DIR")) +
                                           "/policy/sections.json");
  const auto table = runtime::SectionTable::Parse(rules.value_or(""));
  EXPECT_TRUE(table.ok()) << table.status();
  std::string row = absl::StrCat("| ", WordOf(section), " |");
  if (!table.ok()) return row;
  for (const options::v1::Role role : Columns()) {
    const bool open =
        role == options::v1::ROLE_SERVICE || (*table)->Opens(section, {role}, absl::Now());
    absl::StrAppend(&row, open ? " yes |" : " |");
  }
  return row;
}

// "| carers.Review | panel | report |" of each message that an answer may hold.
void AddSealedRows(const google::protobuf::Descriptor* type,
                   std::set<const google::protobuf::Descriptor*>* seen,
                   std::set<std::string>* rows) {
  if (!seen->insert(type).second) return;
  std::map<options::v1::Section, std::vector<std::string>> fields;
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    const auto section = field->options().GetExtension(options::v1::section);
    if (section > options::v1::SECTION_RECORD) fields[section].push_back(field->name());
    if (field->message_type() != nullptr) AddSealedRows(field->message_type(), seen, rows);
  }
  const std::vector<std::string> package = absl::StrSplit(type->file()->package(), '.');
  for (const auto& [section, names] : fields) {
    rows->insert(absl::StrCat("| ", package[1], ".", type->name(), " | ", WordOf(section), " | ",
                              absl::StrJoin(names, ", "), " |"));
  }
}

void ExpectSame(const std::set<std::string>& decided, const std::set<std::string>& built) {
  for (const std::string& row : built) {
    EXPECT_TRUE(decided.contains(row)) << "docs/roles.md has not:\n" << row;
  }
  for (const std::string& row : decided) {
    EXPECT_TRUE(built.contains(row)) << "only docs/roles.md has:\n" << row;
  }
}

// Fills the message, each text with the name of the section that it is sealed by: its own, or of a
// personal text that of what it is in.
void Fill(google::protobuf::Message& message, options::v1::Section outer, int depth) {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto* field = message.GetDescriptor()->field(i);
    if (field->is_map()) continue;
    const auto own = field->options().GetExtension(options::v1::section);
    if (field->message_type() != nullptr) {
      if (depth == 0) continue;
      Fill(field->is_repeated() ? *reflection->AddMessage(&message, field)
                                : *reflection->MutableMessage(&message, field),
           own == options::v1::SECTION_UNSPECIFIED ? outer : own, depth - 1);
      continue;
    }
    if (field->type() != google::protobuf::FieldDescriptor::TYPE_STRING) continue;
    const bool personal = field->options().GetExtension(options::v1::field_class) ==
                          options::v1::FIELD_CLASS_PERSONAL;
    const auto section = own != options::v1::SECTION_UNSPECIFIED ? own : personal ? outer : own;
    const std::string text = absl::StrCat("<", options::v1::Section_Name(section), ">");
    if (field->is_repeated()) {
      reflection->AddString(&message, field, text);
    } else {
      reflection->SetString(&message, field, text);
    }
  }
}

TEST(RolesPageTest, SaysOfEveryMethodWhoMayCallItAndOfNoOther) {
  std::set<std::string> built;
  for (const auto* service : EveryService()) {
    for (int i = 0; i < service->method_count(); ++i) built.insert(RowOf(*service->method(i)));
  }
  ExpectSame(Decided([](absl::string_view cell) { return absl::StrContains(cell, "Service."); }),
             built);
  EXPECT_GT(built.size(), 200u);
}

TEST(RolesPageTest, SaysOfEverySealedSectionWhoseRolesOpenIt) {
  std::set<std::string> words, built;
  for (const options::v1::Section section : SealedSections()) {
    words.insert(WordOf(section));
    built.insert(RowOf(section));
  }
  ExpectSame(Decided([&](absl::string_view cell) { return words.contains(std::string(cell)); }),
             built);
  EXPECT_EQ(built.size(), 3u);
}

TEST(RolesPageTest, SaysOfEverySealedFieldToWhichSectionItBelongs) {
  std::set<const google::protobuf::Descriptor*> seen;
  std::set<std::string> built;
  std::vector<const google::protobuf::Descriptor*> answers;
  for (const auto* method : EveryUnaryMethod()) {
    AddSealedRows(method->output_type(), &seen, &built);
    answers.push_back(method->output_type());
  }
  // A message of ours that is none of a service, such as "carers.Review".
  ExpectSame(Decided([](absl::string_view cell) {
               return absl::StrContains(cell, ".") && !absl::StrContains(cell, "Service.");
             }),
             built);
  EXPECT_GT(built.size(), 15u);
  EXPECT_TRUE(runtime::SectionProblems(answers).empty());
}

// Every answer of every method, filled, in each role: what the role opens is all there, and of the
// rest nothing.
TEST(RolesPageTest, OfEveryAnswerEachRoleReadsWhatThePageSaysAndNothingElse) {
  const auto rules = runtime::ReadDataFile(std::string(std::getenv("FOSTERWATCH_SHARE_DIR")) +
                                           "/policy/sections.json");
  const auto table = runtime::SectionTable::Parse(rules.value_or(""));
  ASSERT_TRUE(table.ok()) << table.status();
  int sealed = 0, shown = 0;
  for (const auto* method : EveryUnaryMethod()) {
    const std::unique_ptr<google::protobuf::Message> whole(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(method->output_type())
            ->New());
    Fill(*whole, options::v1::SECTION_UNSPECIFIED, 7);
    const std::string all = whole->DebugString();
    for (const options::v1::Role role : Columns()) {
      const std::unique_ptr<google::protobuf::Message> answer(whole->New());
      answer->CopyFrom(*whole);
      runtime::Sight(table->get(), {role}, absl::Now()).Mask(*answer);
      const std::string left = answer->DebugString();
      for (const options::v1::Section section : SealedSections()) {
        const std::string text = absl::StrCat("<", options::v1::Section_Name(section), ">");
        const bool open =
            role == options::v1::ROLE_SERVICE || (*table)->Opens(section, {role}, absl::Now());
        const size_t there = std::vector<std::string>(absl::StrSplit(all, text)).size();
        const size_t stays = std::vector<std::string>(absl::StrSplit(left, text)).size();
        EXPECT_EQ(stays, open ? there : 1u)
            << method->full_name() << " to " << options::v1::Role_Name(role);
        (open ? shown : sealed) += static_cast<int>(there) - 1;
      }
    }
  }
  EXPECT_GT(sealed, 1000);
  EXPECT_GT(shown, 1000);
}

TEST(RolesPageTest, HasAColumnForEveryRole) {
  EXPECT_EQ(static_cast<int>(Columns().size()) + 1, options::v1::Role_descriptor()->value_count());
}

}  // namespace
}  // namespace fosterwatch::testing
