#include "services/packs/wording.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::packs {

std::string Words(absl::string_view code, absl::string_view prefix) {
  const absl::string_view bare = absl::StripPrefix(code, prefix);
  if (bare.empty() || bare == "UNSPECIFIED" || absl::EndsWith(bare, "_UNSPECIFIED")) {
    return "Not known";
  }
  std::string words =
      absl::AsciiStrToLower(absl::StrReplaceAll(bare, {{"_", " "}, {"-", " "}, {"/", ", "}}));
  words[0] = absl::ascii_toupper(static_cast<unsigned char>(words[0]));
  return words;
}

std::string ShowMoment(absl::Time time) {
  return absl::FormatTime("%-d %B %Y, %H:%M", time, clock::London());
}

std::string ShowMoment(const google::protobuf::Timestamp& time, bool present) {
  return present ? ShowMoment(clock::FromProto(time)) : "";
}

std::string ShowDay(absl::string_view iso_day) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(iso_day, &day)) return std::string(iso_day);
  return absl::FormatTime("%-d %B %Y", absl::FromCivil(day, absl::UTCTimeZone()),
                          absl::UTCTimeZone());
}

document::Cell MomentCell(absl::Time time) {
  return document::Cell::Of(absl::ToCivilMinute(time, clock::London()));
}

document::Cell MomentCell(const google::protobuf::Timestamp& time, bool present) {
  return present ? MomentCell(clock::FromProto(time)) : document::Cell();
}

document::Cell DayCell(absl::string_view iso_day) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(iso_day, &day)) return document::Cell(std::string(iso_day));
  return document::Cell::Of(day);
}

std::string ShortDay(absl::string_view iso_day) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(iso_day, &day)) return std::string(iso_day);
  return absl::FormatTime("%-d %b %Y", absl::FromCivil(day, absl::UTCTimeZone()),
                          absl::UTCTimeZone());
}

std::string IsoDay(absl::Time time) { return absl::FormatCivilTime(clock::LondonDay(time)); }

std::string AgencyWords(const std::string& name, const std::string& agency_id) {
  return name.empty() ? agency_id : absl::StrCat(name, " (", agency_id, ")");
}

}  // namespace fosterwatch::packs
