#include "services/notifications/domain/templates.h"

#include <string>
#include <utility>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/status_matchers.h"
#include "services/notifications/domain/fixture.h"
#include "services/notifications/domain/words.h"

namespace fosterwatch::notifications::domain {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Shipped() {
  std::ifstream file(std::string(std::getenv("FOSTERWATCH_SHARE_DIR")) + "/policy/templates.json");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST(TemplatesTest, NothingButIdsCanComeIntoASubject) {
  const std::string good = Shipped();
  ASSERT_THAT(ParseTemplates(good), IsOk());
  const std::string subject = "\"Fosterwatch: {urgent}a notice could not be sent\"";
  ASSERT_THAT(good, HasSubstr(subject));
  for (const char* allowed : {"\"Fosterwatch: {event_id}\"", "\"{parked_id} is parked\""}) {
    EXPECT_THAT(ParseTemplates(absl::StrReplaceAll(good, {{subject, allowed}})), IsOk()) << allowed;
  }
  for (const char* refused : {"\"About {child_name}\"", "\"{details}\"", "\"{next}\"",
                              "\"{comment}\"", "\"{}\"", "\"{event_id\"", "\"event_id}\"",
                              "\"{{event_id}}\"", "\"\"", "\"two\\nlines\"", "\"caf\u00e9\""}) {
    EXPECT_THAT(ParseTemplates(absl::StrReplaceAll(good, {{subject, refused}})),
                HasReason("TEMPLATES_INVALID"))
        << refused;
  }
  EXPECT_THAT(
      ParseTemplates(absl::StrReplaceAll(good, {{subject, "\"" + std::string(151, 'a') + "\""}})),
      HasReason("TEMPLATES_INVALID"));
}

TEST(TemplatesTest, RefusesWhatItDoesNotUnderstand) {
  const std::string good = Shipped();
  const std::pair<const char*, const char*> faults[] = {
      {"\"version\": \"4\"", "\"version\": \"\""},
      {"\"effective_from\": \"2026-11-22\"", "\"effective_from\": \"soon\""},
      {"\"digest\"", "\"dijest\""},
      {"\"digest\"", "\"line_urgent\""},
      {"{items}", "{child}"},
      {"{items}", "items}"},
      {"\"text\"", "\"body\""},
  };
  for (const auto& [from, to] : faults) {
    const std::string bad = absl::StrReplaceAll(good, {{from, to}});
    ASSERT_NE(bad, good) << from;
    EXPECT_THAT(ParseTemplates(bad), HasReason("TEMPLATES_INVALID")) << to;
  }
  for (const char* bad : {"", "{", "{}", "[]"}) {
    EXPECT_THAT(ParseTemplates(bad), HasReason("TEMPLATES_INVALID"));
  }
}

TEST(TemplatesTest, AnEditionHoldsFromItsDayAndTheFormerOneStaysReadable) {
  v1::Templates templates = ShippedTemplates();
  v1::TemplateEdition* next = templates.add_editions();
  *next = templates.editions(0);
  next->set_version("5");
  next->set_effective_from("2026-12-01");
  const auto at = [&](int day, int hour) {
    return InForce(templates,
                   absl::FromCivil(absl::CivilHour(2026, 12, day, hour), absl::UTCTimeZone()) -
                       absl::Hours(1))
        .version();
  };
  EXPECT_EQ(at(1, 0), "4");
  EXPECT_EQ(at(1, 1), "5");
  ASSERT_NE(FindEdition(templates, "4"), nullptr);
  EXPECT_EQ(FindEdition(templates, "6"), nullptr);
}

TEST(TemplatesTest, EachMailCanBePreviewed) {
  const v1::Templates templates = ShippedTemplates();
  const v1::TemplateEdition& edition = templates.editions(0);
  int mails = 0;
  for (const v1::Template& entry : edition.templates()) {
    const auto words = SampleWords(edition, entry.name(), "http://x/");
    ASSERT_EQ(words.has_value(), !entry.subject().empty()) << entry.name();
    if (!words) continue;
    ++mails;
    EXPECT_EQ(words->template_name, entry.name());
    EXPECT_EQ(words->template_version, "4");
    EXPECT_THAT(words->subject, HasSubstr("Fosterwatch: "));
    EXPECT_THAT(words->text, HasSubstr("http://x/"));
    EXPECT_THAT(words->subject + words->text, Not(HasSubstr("{")));
  }
  EXPECT_EQ(mails, 10);
  EXPECT_FALSE(SampleWords(edition, "none", "http://x/"));
}

}  // namespace
}  // namespace fosterwatch::notifications::domain
