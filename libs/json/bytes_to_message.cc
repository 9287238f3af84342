#include "libs/json/bytes_to_message.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/unknown_field_set.h"

#include "libs/status/error.h"

namespace fosterwatch::json {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kMostViolations = 20;

class Check {
 public:
  explicit Check(Unknown unknown) : strict_(unknown == Unknown::kRefuse) {}

  absl::Status Run(const Message& message) {
    CheckMessage(message, "");
    if (violations_.empty()) return absl::OkStatus();
    const std::string text = absl::StrCat(violations_[0].field, ": ", violations_[0].description);
    return Error(absl::StatusCode::kInvalidArgument, reason_, text, std::move(violations_));
  }

 private:
  void Refuse(const std::string& path, absl::string_view reason, absl::string_view description) {
    if (violations_.empty()) reason_ = std::string(reason);
    if (violations_.size() == kMostViolations) return;
    violations_.push_back({path, std::string(description)});
  }

  void CheckMessage(const Message& message, const std::string& path) {
    const Reflection& reflection = *message.GetReflection();
    const std::string prefix = path.empty() ? "" : path + ".";
    const auto& unknown = reflection.GetUnknownFields(message);
    for (int i = 0; strict_ && i < unknown.field_count(); ++i) {
      Refuse(absl::StrCat(prefix, unknown.field(i).number()), "UNKNOWN_FIELD",
             "is not a field of this message");
    }
    std::vector<const FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      const std::string field_path = prefix + field->name();
      if (!field->is_repeated()) {
        CheckField(message, *field, -1, field_path);
        continue;
      }
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        CheckField(message, *field, i, absl::StrCat(field_path, "[", i, "]"));
      }
    }
  }

  // `index` is -1 where the field is not repeated.
  void CheckField(const Message& message, const FieldDescriptor& field, int index,
                  const std::string& path) {
    const Reflection& reflection = *message.GetReflection();
    switch (field.type()) {
      case FieldDescriptor::TYPE_MESSAGE:
        return CheckMessage(index < 0 ? reflection.GetMessage(message, &field)
                                      : reflection.GetRepeatedMessage(message, &field, index),
                            path);
      case FieldDescriptor::TYPE_ENUM: {
        const int number = index < 0 ? reflection.GetEnumValue(message, &field)
                                     : reflection.GetRepeatedEnumValue(message, &field, index);
        if (!strict_ || field.enum_type()->FindValueByNumber(number) != nullptr) return;
        return Refuse(path, "UNKNOWN_ENUM_VALUE",
                      absl::StrCat("is no value of ", field.enum_type()->full_name()));
      }
      case FieldDescriptor::TYPE_STRING: {
        std::string scratch;
        const std::string& text =
            index < 0 ? reflection.GetStringReference(message, &field, &scratch)
                      : reflection.GetRepeatedStringReference(message, &field, index, &scratch);
        if (text.find('\0') == std::string::npos) return;
        return Refuse(path, "INVALID_TEXT", "holds the character U+0000");
      }
      default:
        return;
    }
  }

  const bool strict_;
  std::string reason_;
  std::vector<Violation> violations_;
};

}  // namespace

absl::Status BytesToMessage(absl::string_view bytes, Message& message, Unknown unknown) {
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Error(absl::StatusCode::kInvalidArgument, "MALFORMED_PROTOBUF",
                 absl::StrCat("the bytes are no ", message.GetDescriptor()->full_name()));
  }
  return Check(unknown).Run(message);
}

}  // namespace fosterwatch::json
