#include "libs/privacy/privacy.h"

#include <memory>
#include <set>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"

namespace fosterwatch::privacy {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;
using options::v1::FieldClass;

// The class of the field itself, or UNSPECIFIED where its leaves decide (or nobody does).
FieldClass ClassOf(const FieldDescriptor* field) {
  const FieldClass own = field->options().GetExtension(options::v1::field_class);
  if (own != options::v1::FIELD_CLASS_UNSPECIFIED) return own;
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    const std::string& type = field->message_type()->full_name();
    if (type == "google.protobuf.Timestamp" || type == "google.protobuf.Duration") {
      return options::v1::FIELD_CLASS_PUBLIC;
    }
  }
  return options::v1::FIELD_CLASS_UNSPECIFIED;
}

bool LeavesDecide(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_map() &&
         ClassOf(field) == options::v1::FIELD_CLASS_UNSPECIFIED;
}

// A set of classes, one bit each.
constexpr unsigned int Bit(FieldClass c) { return 1u << c; }
constexpr unsigned int kPublic = Bit(options::v1::FIELD_CLASS_PUBLIC);
constexpr unsigned int kClear = kPublic | Bit(options::v1::FIELD_CLASS_INTERNAL);
constexpr unsigned int kPersonal = Bit(options::v1::FIELD_CLASS_PERSONAL);

unsigned int ClassesBelow(const Descriptor* descriptor, std::set<const Descriptor*>* seen) {
  unsigned int classes = 0;
  if (!seen->insert(descriptor).second) return classes;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    classes |=
        LeavesDecide(field) ? ClassesBelow(field->message_type(), seen) : Bit(ClassOf(field));
  }
  return classes;
}

// The classes that a message of this type can hold anywhere. Most types hold one or two, so that
// most of a fact need not be walked.
unsigned int ClassesIn(const Descriptor* descriptor) {
  static thread_local absl::flat_hash_map<const Descriptor*, unsigned int> known;
  const auto [entry, is_new] = known.try_emplace(descriptor, 0);
  if (is_new) {
    std::set<const Descriptor*> seen;
    entry->second = ClassesBelow(descriptor, &seen);
  }
  return entry->second;
}

std::vector<const FieldDescriptor*> SetFields(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return fields;
}

// `drop_empty`: clears what holds nothing after this.
void Keep(unsigned int classes, bool drop_empty, Message* message) {
  const Reflection* reflection = message->GetReflection();
  for (const FieldDescriptor* field : SetFields(*message)) {
    if (!LeavesDecide(field)) {
      if ((Bit(ClassOf(field)) & classes) == 0) reflection->ClearField(message, field);
      continue;
    }
    const unsigned int there = ClassesIn(field->message_type());
    if (drop_empty && (there & classes) == 0) {
      reflection->ClearField(message, field);
      continue;
    }
    if (!drop_empty && (there & ~classes) == 0) continue;
    bool empty = true;
    if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
        Message* element = reflection->MutableRepeatedMessage(message, field, i);
        Keep(classes, drop_empty, element);
        empty = empty && SetFields(*element).empty();
      }
    } else {
      Message* element = reflection->MutableMessage(message, field);
      Keep(classes, drop_empty, element);
      empty = SetFields(*element).empty();
    }
    if (drop_empty && empty) reflection->ClearField(message, field);
  }
}

absl::Status Check(const Descriptor* descriptor, std::set<const Descriptor*>* seen) {
  if (!seen->insert(descriptor).second) return absl::OkStatus();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (ClassOf(field) != options::v1::FIELD_CLASS_UNSPECIFIED) continue;
    if (!LeavesDecide(field)) {
      return absl::InternalError(
          absl::StrCat("field ", field->full_name(), " has no privacy class"));
    }
    if (absl::Status inner = Check(field->message_type(), seen); !inner.ok()) return inner;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckClassified(const Descriptor* descriptor) {
  std::set<const Descriptor*> seen;
  return Check(descriptor, &seen);
}

void KeepPublic(Message* message) {
  message->DiscardUnknownFields();
  Keep(kPublic, /*drop_empty=*/false, message);
}

void KeepClear(Message* message) {
  message->DiscardUnknownFields();
  Keep(kClear, /*drop_empty=*/false, message);
}

void KeepPersonal(Message* message) {
  message->DiscardUnknownFields();
  Keep(kPersonal, /*drop_empty=*/true, message);
}

bool HasPersonal(const Message& message) {
  const Reflection* reflection = message.GetReflection();
  for (const FieldDescriptor* field : SetFields(message)) {
    if (ClassOf(field) == options::v1::FIELD_CLASS_PERSONAL) return true;
    if (!LeavesDecide(field) || (ClassesIn(field->message_type()) & kPersonal) == 0) continue;
    if (!field->is_repeated()) {
      if (HasPersonal(reflection->GetMessage(message, field))) return true;
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      if (HasPersonal(reflection->GetRepeatedMessage(message, field, i))) return true;
    }
  }
  return false;
}

void MergePersonal(const Message& personal, Message* clear) {
  const Reflection* reflection = personal.GetReflection();
  std::vector<const FieldDescriptor*> whole;
  for (const FieldDescriptor* field : SetFields(personal)) {
    if (ClassOf(field) == options::v1::FIELD_CLASS_PERSONAL) {
      whole.push_back(field);
    } else if (LeavesDecide(field) && !field->is_repeated()) {
      MergePersonal(reflection->GetMessage(personal, field),
                    reflection->MutableMessage(clear, field));
    } else if (LeavesDecide(field)) {
      for (int i = 0; i < reflection->FieldSize(personal, field); ++i) {
        Message* element = i < reflection->FieldSize(*clear, field)
                               ? reflection->MutableRepeatedMessage(clear, field, i)
                               : reflection->AddMessage(clear, field);
        MergePersonal(reflection->GetRepeatedMessage(personal, field, i), element);
      }
    }
  }
  if (whole.empty()) return;
  const std::unique_ptr<Message> copy(personal.New());
  copy->CopyFrom(personal);
  reflection->SwapFields(copy.get(), clear, whole);
}

}  // namespace fosterwatch::privacy
