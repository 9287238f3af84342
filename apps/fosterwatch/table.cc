#include "apps/fosterwatch/table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::app {
namespace {

size_t Characters(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::string Table::Text() const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Characters(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&line, row[i], std::string(widths[i] - Characters(row[i]) + 2, ' '));
    }
    absl::StrAppend(&text, absl::StripTrailingAsciiWhitespace(line), "\n");
  }
  return text;
}

std::string ShowTime(const google::protobuf::Timestamp& time, bool present) {
  if (!present) return "-";
  return absl::FormatTime("%a %e %b %Y %H:%M", clock::FromProto(time), clock::London());
}

std::string IsoTime(const google::protobuf::Timestamp& time, bool present) {
  if (!present) return "";
  return absl::FormatTime(absl::RFC3339_sec, clock::FromProto(time), clock::London());
}

std::string Word(const std::string& enum_name, const std::string& prefix) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(absl::StripPrefix(enum_name, prefix)),
                             {{"_", "-"}});
}

}  // namespace fosterwatch::app
