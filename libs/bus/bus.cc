#include "libs/bus/bus.h"

#include "absl/strings/str_cat.h"

namespace fosterwatch::bus {

std::string HeaderOf(const Record& record, absl::string_view name) {
  for (const auto& [key, value] : record.headers) {
    if (key == name) return value;
  }
  return "";
}

absl::Status CheckRecord(const Record& record) {
  if (record.topic.empty()) return absl::InvalidArgumentError("the record names no topic");
  size_t size = record.key.size() + record.value.size();
  for (const auto& [name, value] : record.headers) {
    if (name.empty() || name.find('\0') != std::string::npos) {
      return absl::InvalidArgumentError("a header's name is empty or holds a NUL");
    }
    size += name.size() + value.size();
  }
  if (size > kMaxRecordBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the record has ", size, " bytes, over the limit of ", kMaxRecordBytes));
  }
  return absl::OkStatus();
}

}  // namespace fosterwatch::bus
