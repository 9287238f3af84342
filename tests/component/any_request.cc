#include "tests/component/any_request.h"

#include <algorithm>
#include <functional>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "google/protobuf/timestamp.pb.h"

#include "fosterwatch/options/v1/options.pb.h"
#include "libs/clock/proto_time.h"

namespace fosterwatch::testing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr int kDeepest = 4;

// "child_id" for child_ids; "" for what names nothing of an agency's.
std::string Kind(const FieldDescriptor& field) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING || field.is_map()) return "";
  std::string name = field.name();
  if (absl::EndsWith(name, "_ids")) name.pop_back();
  if (name == "page_token") return name;
  if (!absl::EndsWith(name, "_id") || name == "request_id" || name == "trace_id") return "";
  return name;
}

void Visit(Message& message, const std::string& path,
           const std::function<void(const IdField&)>& see) {
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_map()) continue;
    const std::string here = absl::StrCat(path, path.empty() ? "" : ".", field->name());
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) see({&message, field, here});
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      Visit(*reflection->MutableMessage(&message, field), here, see);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      Visit(*reflection->MutableRepeatedMessage(&message, field, i), here, see);
    }
  }
}

std::string NameIn(const std::string& path) {
  const size_t dot = path.rfind('.');
  return dot == std::string::npos ? path : path.substr(dot + 1);
}

std::string Singular(std::string name) {
  if (absl::EndsWith(name, "_ids")) name.pop_back();
  return name;
}

std::string ValueFor(const MethodDescriptor& method, const FieldDescriptor& field,
                     const std::vector<const Known*>& known) {
  static int requests = 0;
  const std::string& name = field.name();
  if (name == "request_id") return absl::StrCat("every-method-", ++requests);
  // Only where it is asked for: with anything else it is another list's.
  if (name == "page_token") return "x";
  for (const Known* each : known) {
    const std::string id = Kind(field).empty() ? "" : each->Of(method, name);
    if (!id.empty()) return id;
  }
  if (!Kind(field).empty()) return "";
  if (name == "birth_date") return "1980-03-02";
  if (absl::EndsWith(name, "_date") || absl::EndsWith(name, "_dates")) return "2026-03-02";
  if (name == "email" || name == "address") return "someone@example.invalid";
  if (name == "url") return "https://example.invalid/";
  if (name == "recorded_by") return "";
  if (name == "urn") return "SC123456";
  if (name == "month") return "2026-03";
  if (absl::EndsWith(name, "filter") || name == "order_by") return "";
  return "some text";
}

void Fill(const MethodDescriptor& method, Message& message, const std::vector<const Known*>& known,
          int depth) {
  const auto* reflection = message.GetReflection();
  const auto* type = message.GetDescriptor();
  if (type->full_name() == "google.protobuf.Timestamp") {
    static const absl::Time moment = absl::Now() - absl::Hours(2);
    message.CopyFrom(clock::ToProto(moment));
    return;
  }
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const auto* oneof = field->real_containing_oneof();
    if (field->is_map() || (oneof != nullptr && oneof->field(0) != field)) continue;
    if (field->name() == "sealed_sections") continue;  // of answers alone
    const bool many = field->is_repeated();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string value = ValueFor(method, *field, known);
        if (value.empty()) break;
        if (many) {
          reflection->AddString(&message, field, value);
        } else {
          reflection->SetString(&message, field, value);
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto* first = field->enum_type()->value(field->enum_type()->value_count() > 1);
        if (many) {
          reflection->AddEnum(&message, field, first);
        } else {
          reflection->SetEnum(&message, field, first);
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_INT32:
        if (!many) reflection->SetInt32(&message, field, 1);
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (depth >= kDeepest) break;
        Fill(method,
             many ? *reflection->AddMessage(&message, field)
                  : *reflection->MutableMessage(&message, field),
             known, depth + 1);
        break;
      default:
        break;
    }
  }
}

// Told apart by the record that they belong to only: alike in every agency.
bool IsOfItsRecord(const std::string& kind) {
  static const auto* const kinds =
      new std::set<std::string>{"about_id", "agreement_id", "change_id", "check_id",
                                "duty_id",  "review_id",    "step_id",   "visit_id"};
  return kinds->contains(kind);
}

}  // namespace

void IdField::Set(const std::string& id) const {
  const auto* reflection = in->GetReflection();
  if (!field->is_repeated()) {
    reflection->SetString(in, field, id);
  } else if (reflection->FieldSize(*in, field) == 0) {
    reflection->AddString(in, field, id);
  } else {
    reflection->SetRepeatedString(in, field, 0, id);
  }
}

void Known::Learn(const MethodDescriptor& method, const Message& answer) {
  const std::unique_ptr<Message> copy(answer.New());
  copy->CopyFrom(answer);
  Visit(*copy, "", [&](const IdField& field) {
    const auto* reflection = field.in->GetReflection();
    std::vector<std::string> values;
    if (field.field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(*field.in, field.field); ++i) {
        values.push_back(reflection->GetRepeatedString(*field.in, field.field, i));
      }
    } else {
      values.push_back(reflection->GetString(*field.in, field.field));
    }
    const std::string kind = Kind(*field.field);
    for (const std::string& value : values) {
      if (value.empty()) continue;
      if (field.path == "next_page_token") page_tokens[method.full_name()] = value;
      const bool personal = field.field->options().GetExtension(options::v1::field_class) ==
                            options::v1::FIELD_CLASS_PERSONAL;
      if (personal && value.size() >= 8) texts.push_back(value);
      auto& seen = ids[kind];
      if (!kind.empty() && std::find(seen.begin(), seen.end(), value) == seen.end()) {
        seen.push_back(value);
      }
    }
  });
}

void Known::Forget(const Known& other) {
  std::set<std::string> common(other.texts.begin(), other.texts.end());
  for (const auto& [name, values] : other.ids) common.insert(values.begin(), values.end());
  const auto forget = [&](std::vector<std::string>& values) {
    values.erase(std::remove_if(values.begin(), values.end(),
                                [&](const auto& value) { return common.contains(value); }),
                 values.end());
  };
  for (auto& [name, values] : ids) forget(values);
  forget(texts);
}

std::string Known::Of(const MethodDescriptor& method, const std::string& path) const {
  std::string name = Singular(NameIn(path));
  if (name == "page_token") {
    const auto token = page_tokens.find(method.full_name());
    return token == page_tokens.end() ? "" : token->second;
  }
  // "other_carer_id" is a carer_id.
  for (;;) {
    const auto found = ids.find(name);
    if (found != ids.end() && !found->second.empty()) return found->second.front();
    const size_t rest = name.find('_');
    if (rest == std::string::npos || name.substr(rest + 1) == "id") return "";
    name = name.substr(rest + 1);
  }
}

std::string Known::FoundIn(const Message& message, const std::string& said) const {
  const std::string text = absl::StrCat("\n", AllTextOf(message));
  const auto whole = [](const std::string& in, const std::string& value) {
    return absl::StrContains(absl::StrCat("\n", in), absl::StrCat("\n", value, "\n"));
  };
  for (const auto& [name, values] : ids) {
    if (IsOfItsRecord(name)) continue;
    for (const std::string& id : values) {
      if (whole(text, id) && !whole(said, id)) return absl::StrCat(name, " ", id);
    }
  }
  for (const std::string& each : texts) {
    if (absl::StrContains(text, each) && !absl::StrContains(said, each)) return each;
  }
  return "";
}

std::string Known::FoundIn(const Known& other) const {
  for (const auto& [name, values] : other.ids) {
    const auto known = ids.find(name);
    if (known == ids.end() || IsOfItsRecord(name)) continue;
    for (const std::string& id : values) {
      if (absl::c_linear_search(known->second, id)) return absl::StrCat(name, " ", id);
    }
  }
  for (const std::string& each : other.texts) {
    if (absl::c_linear_search(texts, each)) return each;
  }
  return "";
}

std::string MadeUp(const std::string& id) {
  static int made = 100'000;
  const std::string number = absl::StrCat(++made);
  const bool uuid = id.size() == 36 && id[8] == '-' && id[23] == '-';
  return uuid ? absl::StrCat(id.substr(0, 30), number) : absl::StrCat(id, number);
}

std::unique_ptr<Message> Parsed(const Descriptor& type, const std::string& bytes) {
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
  message->ParseFromString(bytes);
  return message;
}

bool OnlyLooks(const MethodDescriptor& method) {
  for (const char* verb : {"List", "Get", "Explain", "Count", "Compare", "Preview", "Extract"}) {
    if (absl::StartsWith(method.name(), verb)) return true;
  }
  return false;
}

bool NamesSomething(const MethodDescriptor& method) {
  for (int i = 0; i < method.input_type()->field_count(); ++i) {
    const std::string kind = Kind(*method.input_type()->field(i));
    if (!kind.empty() && kind != "page_token") return true;
  }
  return false;
}

std::unique_ptr<Message> AnyRequest(const MethodDescriptor& method,
                                    const std::vector<const Known*>& known, bool whole) {
  auto request = Parsed(*method.input_type(), "");
  if (whole) Fill(method, *request, known, 0);
  const auto* reflection = request->GetReflection();
  for (int i = 0; i < method.input_type()->field_count(); ++i) {
    const FieldDescriptor* field = method.input_type()->field(i);
    // A service that answers the methods that all have.
    if (field->options().GetExtension(options::v1::routes)) {
      reflection->SetString(request.get(), field, "complaints");
    }
    if (field->name() == "page_size") reflection->SetInt32(request.get(), field, 1);
  }
  return request;
}

std::vector<IdField> IdsIn(Message& message) {
  std::vector<IdField> fields;
  Visit(message, "", [&](const IdField& field) {
    if (!Kind(*field.field).empty()) fields.push_back(field);
  });
  return fields;
}

std::vector<IdField> TextsIn(Message& message) {
  std::vector<IdField> fields;
  Visit(message, "", [&](const IdField& field) {
    if (field.field->type() == FieldDescriptor::TYPE_STRING) fields.push_back(field);
  });
  return fields;
}

int LongestList(const Message& message) {
  int longest = 0;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (!field->is_repeated()) continue;
    longest = std::max(longest, message.GetReflection()->FieldSize(message, field));
  }
  return longest;
}

std::string AllTextOf(const Message& message) {
  const std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  std::string all;
  Visit(*copy, "", [&](const IdField& field) {
    const auto* reflection = field.in->GetReflection();
    if (!field.field->is_repeated()) {
      absl::StrAppend(&all, reflection->GetString(*field.in, field.field), "\n");
      return;
    }
    for (int i = 0; i < reflection->FieldSize(*field.in, field.field); ++i) {
      absl::StrAppend(&all, reflection->GetRepeatedString(*field.in, field.field, i), "\n");
    }
  });
  return all;
}

}  // namespace fosterwatch::testing
