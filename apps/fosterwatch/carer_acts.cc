#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"

#include "apps/fosterwatch/carer.h"
#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/carers/v1/carer_approval_service.pb.h"
#include "fosterwatch/carers/v1/carer_duties_service.pb.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What the options of one command were given.
struct Given {
  std::map<std::string, std::string> texts;
  std::map<std::string, bool> flags;
  std::map<std::string, std::vector<std::string>> lists;
  std::string carer_id, request_id;
};

std::string OptionOf(const FieldDescriptor* field) {
  return absl::StrReplaceAll(field->name(), {{"_", "-"}});
}

// "OUTCOME_" of Decision.Outcome, "CHECK_KIND_" of CheckKind: what its values begin with.
std::string PrefixOf(const google::protobuf::EnumDescriptor* type) {
  std::string prefix = type->value(0)->name();
  return prefix.substr(0, prefix.size() - std::string("UNSPECIFIED").size());
}

std::string WordsOf(const google::protobuf::EnumDescriptor* type) {
  std::vector<std::string> words;
  for (int i = 1; i < type->value_count(); ++i) {
    words.push_back(Word(type->value(i)->name(), PrefixOf(type)));
  }
  return absl::StrJoin(words, ", ");
}

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string HelpOf(const FieldDescriptor* field) {
  const std::string name = absl::StrReplaceAll(field->name(), {{"_", " "}});
  if (field->type() == FieldDescriptor::TYPE_ENUM) {
    return absl::StrCat(name, ": ", WordsOf(field->enum_type()));
  }
  if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
    return absl::StrCat(name, ": now, now-90m, \"2026-11-22 06:49\" or RFC 3339 [now]");
  }
  if (EndsWith(field->name(), "_date")) return absl::StrCat(name, ", such as 2026-11-22");
  if (field->is_repeated()) return absl::StrCat(name, ", one; may be given again");
  return name;
}

bool IsMoment(const FieldDescriptor* field) {
  return field->message_type() != nullptr &&
         field->message_type()->full_name() == "google.protobuf.Timestamp";
}

// The only parts of requests whose own fields are options as they are; others are for programs.
bool IsTerms(const FieldDescriptor* field) {
  return field->message_type() == carers::v1::Terms::descriptor() && !field->is_repeated();
}

// What a correction puts in the place of another line.
bool IsReview(const FieldDescriptor* field) {
  return field->message_type() == carers::v1::ReviewEntry::descriptor() && !field->is_repeated();
}
bool IsCarerKind(const FieldDescriptor* field) {
  return field->message_type() == carers::v1::CarerKind::descriptor() && !field->is_repeated();
}
bool IsExemption(const FieldDescriptor* field) {
  return field->message_type() == carers::v1::Exemption::descriptor() && !field->is_repeated();
}

bool IsFindings(const FieldDescriptor* field) {
  return field->message_type() == carers::v1::RecordVisitRequest::Finding::descriptor();
}

void AddExemption(CLI::App* command, Given& given) {
  command
      ->add_option("--exempt-child-ids", given.lists["exempt-child-ids"],
                   "of an exemption, whole as it should have been: a child; may be given again")
      ->allow_extra_args(false);
  command->add_option("--exempt-body-id", given.texts["exempt-body-id"],
                      "the authority that gave it");
  command->add_option("--exempt-until-date", given.texts["exempt-until-date"],
                      "its last day, such as 2026-11-22");
  command->add_flag("--exempt-siblings", given.flags["exempt-siblings"],
                    "they are brothers and sisters");
  command->add_option("--exempt-reason", given.texts["exempt-reason"], "why it was given");
}

void AddOptions(CLI::App* command, const Descriptor* type, Given& given) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const std::string option = OptionOf(field);
    if (field->name() == "carer_id") {
      command->add_option("carer", given.carer_id, "the carer's id")->required();
    } else if (field->name() == "request_id") {
      command->add_option(
          "--request-id", given.request_id,
          "makes a repetition safe: the same id gives the first answer [a new one]");
    } else if (field->type() == FieldDescriptor::TYPE_BOOL) {
      command->add_flag("--" + option, given.flags[option], HelpOf(field));
    } else if (field->message_type() == carers::v1::Particulars::descriptor()) {
      command->add_option("--name", given.texts["name"], "of the household [its foster parents']");
      command->add_option("--address", given.texts["address"], "of the household");
      command
          ->add_option("--foster-parent", given.lists["foster-parent"],
                       "\"NAME|BIRTH DATE|female or male[|ADDRESS[|ID]]\"; may be given again")
          ->allow_extra_args(false);
    } else if (IsFindings(field)) {
      command
          ->add_option("--action", given.lists["action"],
                       "OWNER=TEXT: becomes an action; may be given again")
          ->allow_extra_args(false);
    } else if (IsReview(field)) {
      command->add_option("--went-to-panel", given.texts["went-to-panel"],
                          "of a review, as it should have been: yes or no");
    } else if (IsCarerKind(field)) {
      command->add_option("--connected", given.texts["connected"],
                          "of the kind, as it should have been: yes, or no for mainstream");
    } else if (IsExemption(field)) {
      AddExemption(command, given);
    } else if (field->message_type() != nullptr && !IsMoment(field)) {
      if (IsTerms(field)) AddOptions(command, field->message_type(), given);
    } else if (field->is_repeated()) {
      command->add_option("--" + option, given.lists[option], HelpOf(field))
          ->allow_extra_args(false);
    } else {
      command->add_option("--" + option, given.texts[option], HelpOf(field));
    }
  }
}

absl::Status SetParticulars(const Given& given, carers::v1::Particulars* particulars) {
  particulars->set_name(given.texts.at("name"));
  particulars->set_address(given.texts.at("address"));
  for (const std::string& told : given.lists.at("foster-parent")) {
    const std::vector<std::string> parts = absl::StrSplit(told, '|');
    if (parts.size() < 3 || parts.size() > 5) {
      return UsageError("foster-parent", "is not \"NAME|BIRTH DATE|SEX[|ADDRESS[|ID]]\"");
    }
    auto* person = particulars->add_foster_parents();
    person->set_name(parts[0]);
    person->set_birth_date(parts[1]);
    using Sex = carers::v1::FosterParent::Sex;
    ASSIGN_OR_RETURN(const Sex sex, ParseEnum<Sex>("SEX_", parts[2], "foster-parent"));
    person->set_sex(sex);
    if (parts.size() > 3) person->set_address(parts[3]);
    if (parts.size() > 4) person->set_foster_parent_id(parts[4]);
  }
  return absl::OkStatus();
}

void SetExemption(const Given& given, carers::v1::Exemption* exemption) {
  for (const std::string& child : given.lists.at("exempt-child-ids")) {
    exemption->add_child_ids(child);
  }
  exemption->set_body_id(given.texts.at("exempt-body-id"));
  exemption->set_until_date(given.texts.at("exempt-until-date"));
  exemption->set_siblings(given.flags.at("exempt-siblings"));
  exemption->set_reason(given.texts.at("exempt-reason"));
}

absl::Status SetOne(const FieldDescriptor* field, const std::string& told, Message& message) {
  const auto* reflection = message.GetReflection();
  const std::string option = OptionOf(field);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      field->is_repeated() ? reflection->AddString(&message, field, told)
                           : reflection->SetString(&message, field, told);
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM: {
      ASSIGN_OR_RETURN(const int value,
                       ParseWord(field->enum_type(), PrefixOf(field->enum_type()), told, option));
      field->is_repeated() ? reflection->AddEnumValue(&message, field, value)
                           : reflection->SetEnumValue(&message, field, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      int32_t value = 0;
      if (!absl::SimpleAtoi(told, &value)) return UsageError(option, "is not a number");
      reflection->SetInt32(&message, field, value);
      return absl::OkStatus();
    }
    default: {
      ASSIGN_OR_RETURN(const auto moment, ParseMoment(told, option));
      reflection->MutableMessage(&message, field)->CopyFrom(moment);
      return absl::OkStatus();
    }
  }
}

// `any`: whether something was given at all.
absl::Status Fill(const Given& given, Message& message, bool* any = nullptr) {
  const auto* reflection = message.GetReflection();
  const Descriptor* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const std::string option = OptionOf(field);
    if (field->name() == "carer_id") {
      reflection->SetString(&message, field, given.carer_id);
    } else if (field->name() == "request_id") {
      reflection->SetString(&message, field, RequestId(given.request_id));
    } else if (field->type() == FieldDescriptor::TYPE_BOOL) {
      const bool value = given.flags.at(option);
      reflection->SetBool(&message, field, value);
      if (any != nullptr) *any |= value;
    } else if (field->message_type() == carers::v1::Particulars::descriptor()) {
      if (given.lists.at("foster-parent").empty()) continue;
      RETURN_IF_ERROR(SetParticulars(given, static_cast<carers::v1::Particulars*>(
                                                reflection->MutableMessage(&message, field))));
    } else if (IsFindings(field)) {
      for (const std::string& told : given.lists.at("action")) {
        const std::vector<std::string> parts = absl::StrSplit(told, absl::MaxSplits('=', 1));
        if (parts.size() != 2) return UsageError("action", "is not OWNER=TEXT");
        auto* finding = static_cast<carers::v1::RecordVisitRequest::Finding*>(
            reflection->AddMessage(&message, field));
        finding->set_owner_id(parts[0]);
        finding->set_description(parts[1]);
      }
    } else if (IsReview(field)) {
      const std::string& told = given.texts.at("went-to-panel");
      if (told.empty()) continue;
      if (told != "yes" && told != "no")
        return UsageError("went-to-panel", "is neither yes nor no");
      static_cast<carers::v1::ReviewEntry*>(reflection->MutableMessage(&message, field))
          ->set_went_to_panel(told == "yes");
    } else if (IsCarerKind(field)) {
      const std::string& told = given.texts.at("connected");
      if (told.empty()) continue;
      if (told != "yes" && told != "no") return UsageError("connected", "is neither yes nor no");
      static_cast<carers::v1::CarerKind*>(reflection->MutableMessage(&message, field))
          ->set_connected(told == "yes");
    } else if (IsExemption(field)) {
      if (given.lists.at("exempt-child-ids").empty()) continue;
      SetExemption(
          given, static_cast<carers::v1::Exemption*>(reflection->MutableMessage(&message, field)));
    } else if (field->message_type() != nullptr && !IsMoment(field)) {
      if (!IsTerms(field)) continue;
      bool set = false;
      std::unique_ptr<Message> part(reflection->GetMessage(message, field).New());
      RETURN_IF_ERROR(Fill(given, *part, &set));
      if (set) reflection->MutableMessage(&message, field)->CopyFrom(*part);
    } else if (field->is_repeated()) {
      for (const std::string& told : given.lists.at(option)) {
        RETURN_IF_ERROR(SetOne(field, told, message));
        if (any != nullptr) *any = true;
      }
    } else {
      std::string told = given.texts.at(option);
      if (told.empty() && IsMoment(field)) told = "now";
      if (told.empty()) continue;
      RETURN_IF_ERROR(SetOne(field, told, message));
      if (any != nullptr) *any = true;
    }
  }
  return absl::OkStatus();
}

const Descriptor* RequestOf(const std::string& service, const std::string& method) {
  // Each is named, so that the linker keeps its file.
  for (const Descriptor* of_file : {carers::v1::GetCarerRequest::descriptor(),
                                    carers::v1::RecordApplicationRequest::descriptor(),
                                    carers::v1::ListDutiesRequest::descriptor()}) {
    if (const auto* found = of_file->file()->FindServiceByName(service)) {
      return found->FindMethodByName(method)->input_type();
    }
  }
  return nullptr;
}

}  // namespace

CLI::App* AddCarerAct(CLI::App* noun, Context* context, const std::string& name,
                      const std::string& service, const std::string& method,
                      const std::string& role, const std::string& what) {
  CLI::App* command = noun->add_subcommand(name, absl::StrCat(what, " [as ", role, "]"));
  AddRemoteOptions(command, context);
  const Descriptor* type = RequestOf(service, method);
  auto given = std::make_shared<Given>();
  AddOptions(command, type, *given);
  command->callback([context, given, type, service, method, role] {
    context->run = [context, given, type, service, method, role]() -> absl::Status {
      std::unique_ptr<Message> request(
          google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
      RETURN_IF_ERROR(Fill(*given, *request));
      ASSIGN_OR_RETURN(const auto remote, Remote::Open(*context, role));
      return ShowCarer(*context,
                       remote->Call<carers::v1::Carer>("carers", service, method, *request));
    };
  });
  return command;
}

}  // namespace fosterwatch::app
