#include "libs/bus/kafka_properties.h"

#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/status/status_macros.h"

namespace fosterwatch::bus::kafka {

absl::Status CheckProperty(absl::string_view name) {
  for (const absl::string_view prefix : {"ssl.", "sasl."}) {
    if (absl::StartsWith(name, prefix)) return absl::OkStatus();
  }
  for (const absl::string_view one :
       {"security.protocol", "broker.address.family", "client.rack", "socket.keepalive.enable"}) {
    if (name == one) return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the kafka property ", name,
      " is not one that may be set: security.protocol, ssl.*, sasl.*, broker.address.family, "
      "client.rack and socket.keepalive.enable are"));
}

absl::StatusOr<Properties> ParseProperties(absl::string_view text) {
  Properties properties;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    const size_t equals = line.find('=');
    if (equals == absl::string_view::npos || equals == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, " of the kafka properties is not name=value"));
    }
    const absl::string_view name = absl::StripAsciiWhitespace(line.substr(0, equals));
    RETURN_IF_ERROR(CheckProperty(name));
    properties.emplace_back(name, absl::StripAsciiWhitespace(line.substr(equals + 1)));
  }
  return properties;
}

absl::StatusOr<std::string> ReadPropertiesFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read the kafka properties ", path));
  return text.str();
}

}  // namespace fosterwatch::bus::kafka
