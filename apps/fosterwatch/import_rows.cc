#include "apps/fosterwatch/import_rows.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace fosterwatch::app {

std::string Bare(absl::string_view text) {
  std::string bare;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || (c & 0x80) != 0) {
      bare += absl::ascii_tolower(static_cast<unsigned char>(c));
    }
  }
  return bare;
}

void Fill(const Header& header, const CsvRow& row, google::protobuf::Message& message) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto* field = message.GetDescriptor()->field(i);
    if (field->is_repeated() || field->type() != google::protobuf::FieldDescriptor::TYPE_STRING) {
      continue;
    }
    if (const std::string& value = header.Get(row, field->name()); !value.empty()) {
      message.GetReflection()->SetString(&message, field, value);
    }
  }
}

RowResult Rejected(const std::string& reason, const std::string& field,
                   const std::string& description) {
  return {RowResult::kRejected, reason, field, description};
}

std::string ColumnOf(const std::string& field) {
  const std::string last = field.substr(field.rfind('.') + 1);
  if (absl::StrContains(field, "foster_parents[0]")) return absl::StrCat("person_1_", last);
  if (absl::StrContains(field, "foster_parents[1]")) return absl::StrCat("person_2_", last);
  return last;
}

}  // namespace fosterwatch::app
