#include "libs/runtime/sections.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"

#include "libs/clock/proto_time.h"
#include "libs/json/to_message.h"
#include "libs/runtime/access.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::runtime {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using operations::v1::SectionPolicy;
using options::v1::Section;

constexpr char kStatement[] = "sealed_sections";

bool IsSealed(Section section) {
  return section != options::v1::SECTION_UNSPECIFIED && section != options::v1::SECTION_RECORD;
}

Section SectionOf(const FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::section);
}

bool IsPersonal(const FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::field_class) ==
         options::v1::FIELD_CLASS_PERSONAL;
}

bool IsMessage(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

// Of a field inside of one with the section `outer`.
Section SectionWithin(const FieldDescriptor* field, Section outer) {
  const Section own = SectionOf(field);
  if (own != options::v1::SECTION_UNSPECIFIED) return own;
  return IsMessage(field) || IsPersonal(field) ? outer : own;
}

// Null where the type has none that a statement fits in.
const FieldDescriptor* StatementOf(const Descriptor* type) {
  const FieldDescriptor* field = type->FindFieldByName(kStatement);
  if (field == nullptr || !field->is_repeated() || field->enum_type() == nullptr) return nullptr;
  return field->enum_type()->full_name() == options::v1::Section_descriptor()->full_name()
             ? field
             : nullptr;
}

// "panel"
std::string WordOf(int section) {
  const std::string& name = options::v1::Section_Name(static_cast<Section>(section));
  return absl::AsciiStrToLower(absl::StripPrefix(name, "SECTION_"));
}

// What of a message's type leads to something sealed, found once for each type and each section
// that it may be inside of.
struct Way {
  bool leads = true;  // while it is looked for: a type may hold itself
  const FieldDescriptor* statement = nullptr;
  std::vector<std::pair<const FieldDescriptor*, Section>> sealed;
  std::vector<std::pair<const FieldDescriptor*, const Way*>> inner;
};

class Ways {
 public:
  const Way& Of(const Descriptor* type) {
    absl::MutexLock lock(&mutex_);
    return Find(type, options::v1::SECTION_UNSPECIFIED);
  }

 private:
  const Way& Find(const Descriptor* type, Section outer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto [known, added] = ways_.try_emplace({type, outer});
    Way& way = known->second;
    if (!added) return way;
    way.statement = StatementOf(type);
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      const Section section = SectionWithin(field, outer);
      if (IsMessage(field)) {
        const Way& inner = Find(field->message_type(), section);
        if (inner.leads) way.inner.emplace_back(field, &inner);
      } else if (IsSealed(section)) {
        way.sealed.emplace_back(field, section);
      }
    }
    way.leads = way.statement != nullptr || !way.sealed.empty() || !way.inner.empty();
    return way;
  }

  absl::Mutex mutex_;
  // Elements stay where they are.
  std::map<std::pair<const Descriptor*, Section>, Way> ways_ ABSL_GUARDED_BY(mutex_);
};

const Way& WayOf(const Descriptor* type) {
  static Ways* const ways = new Ways;
  return ways->Of(type);
}

constexpr uint64_t Bit(int section) { return uint64_t{1} << section; }

bool IsThere(const Message& message, const FieldDescriptor* field) {
  const Reflection* reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) > 0
                              : reflection->HasField(message, field);
}

// The sections of which something is in the message, a bit for each.
uint64_t SectionsAlong(const Way& way, const Message& message) {
  const Reflection* reflection = message.GetReflection();
  uint64_t found = 0;
  for (const auto& [field, section] : way.sealed) {
    if (IsThere(message, field)) found |= Bit(section);
  }
  for (const auto& [field, inner] : way.inner) {
    if (!field->is_repeated()) {
      if (!reflection->HasField(message, field)) continue;
      found |= SectionsAlong(*inner, reflection->GetMessage(message, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      found |= SectionsAlong(*inner, reflection->GetRepeatedMessage(message, field, i));
    }
  }
  return found;
}

void MaskAlong(const Way& way, uint64_t open, Message& message) {
  const Reflection* reflection = message.GetReflection();
  uint64_t withheld = 0;
  for (const auto& [field, section] : way.sealed) {
    if ((open & Bit(section)) != 0 || !IsThere(message, field)) continue;
    reflection->ClearField(&message, field);
    withheld |= Bit(section);
  }
  if (way.statement != nullptr) {
    // Nobody but the door says it.
    reflection->ClearField(&message, way.statement);
    for (int section = 0; section < options::v1::Section_ARRAYSIZE; ++section) {
      if ((withheld & Bit(section)) == 0) continue;
      reflection->AddEnumValue(&message, way.statement, section);
    }
  }
  for (const auto& [field, inner] : way.inner) {
    if (!field->is_repeated()) {
      if (!reflection->HasField(message, field)) continue;
      MaskAlong(*inner, open, *reflection->MutableMessage(&message, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      MaskAlong(*inner, open, *reflection->MutableRepeatedMessage(&message, field, i));
    }
  }
}

// Where a request fills a statement: "placement.sealed_sections"; "" where none does.
std::string FilledStatement(const Way& way, const Message& message) {
  const Reflection* reflection = message.GetReflection();
  if (way.statement != nullptr && reflection->FieldSize(message, way.statement) > 0) {
    return kStatement;
  }
  for (const auto& [field, inner] : way.inner) {
    const int count = field->is_repeated() ? reflection->FieldSize(message, field)
                                           : reflection->HasField(message, field);
    for (int i = 0; i < count; ++i) {
      const Message& next = field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                                 : reflection->GetMessage(message, field);
      const std::string filled = FilledStatement(*inner, next);
      if (filled.empty()) continue;
      const std::string index = field->is_repeated() ? absl::StrCat("[", i, "]") : "";
      return absl::StrCat(field->name(), index, ".", filled);
    }
  }
  return "";
}

using TypesWithin = std::set<std::pair<const Descriptor*, Section>>;

void AddTypes(const Descriptor* type, Section outer, TypesWithin* types) {
  if (!types->emplace(type, outer).second) return;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (IsMessage(field)) AddTypes(field->message_type(), SectionWithin(field, outer), types);
  }
}

absl::Status Invalid(const std::string& field, absl::string_view why) {
  return InvalidField(field, "INVALID_SECTIONS", why);
}

absl::Status CheckRules(const std::string& at, const SectionPolicy::Edition& edition) {
  std::set<int> ruled;
  for (int i = 0; i < edition.rules_size(); ++i) {
    const SectionPolicy::Rule& rule = edition.rules(i);
    const std::string here = absl::StrCat(at, "rules[", i, "].");
    if (!IsSealed(rule.section())) return Invalid(here + "section", "names none that is sealed");
    if (!ruled.insert(rule.section()).second) return Invalid(here + "section", "is named before");
    for (const int role : rule.roles()) {
      if (role == options::v1::ROLE_UNSPECIFIED) return Invalid(here + "roles", "names no role");
      if (role == options::v1::ROLE_SERVICE) {
        return Invalid(here + "roles", "names our own services, which read every section");
      }
    }
    if (rule.source().empty()) return Invalid(here + "source", "is required");
    if (rule.grade().empty()) return Invalid(here + "grade", "is required");
  }
  for (int section = 0; section < options::v1::Section_ARRAYSIZE; ++section) {
    if (options::v1::Section_IsValid(section) && IsSealed(static_cast<Section>(section)) &&
        !ruled.contains(section)) {
      return Invalid(at + "rules", absl::StrCat("has none for the section ", WordOf(section)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const SectionTable>> SectionTable::Parse(absl::string_view json) {
  SectionPolicy policy;
  RETURN_IF_ERROR(json::TextToMessage(json, policy));
  if (policy.editions().empty()) return Invalid("editions", "is required");
  for (int i = 0; i < policy.editions_size(); ++i) {
    const SectionPolicy::Edition& edition = policy.editions(i);
    const std::string at = absl::StrCat("editions[", i, "].");
    if (edition.version().empty()) return Invalid(at + "version", "is required");
    if (!edition.has_from_time()) return Invalid(at + "from_time", "is required");
    if (i > 0 && clock::FromProto(edition.from_time()) <=
                     clock::FromProto(policy.editions(i - 1).from_time())) {
      return Invalid(at + "from_time", "is not after that of the edition before");
    }
    RETURN_IF_ERROR(CheckRules(at, edition));
  }
  return std::shared_ptr<const SectionTable>(new SectionTable(std::move(policy)));
}

bool SectionTable::Opens(Section section, const std::vector<options::v1::Role>& roles,
                         absl::Time at) const {
  const SectionPolicy::Edition* in_force = nullptr;
  for (const SectionPolicy::Edition& edition : policy_.editions()) {
    if (clock::FromProto(edition.from_time()) <= at) in_force = &edition;
  }
  if (in_force == nullptr) return false;
  for (const SectionPolicy::Rule& rule : in_force->rules()) {
    if (rule.section() != section) continue;
    return std::any_of(roles.begin(), roles.end(), [&](options::v1::Role role) {
      return std::find(rule.roles().begin(), rule.roles().end(), role) != rule.roles().end();
    });
  }
  return false;
}

Sight::Sight(const SectionTable* table, const std::vector<options::v1::Role>& roles,
             absl::Time at) {
  const bool is_service =
      std::find(roles.begin(), roles.end(), options::v1::ROLE_SERVICE) != roles.end();
  for (int section = 0; section < options::v1::Section_ARRAYSIZE; ++section) {
    if (is_service ||
        (table != nullptr && table->Opens(static_cast<Section>(section), roles, at))) {
      open_ |= Bit(section);
    }
  }
}

void Sight::Mask(Message& answer) const {
  const Way& way = WayOf(answer.GetDescriptor());
  if (way.leads) MaskAlong(way, open_, answer);
}

void Sight::AddSectionsOf(const Message& message, std::set<std::string>* records) const {
  const Way& way = WayOf(message.GetDescriptor());
  const uint64_t found = way.leads ? SectionsAlong(way, message) : 0;
  for (int section = 0; section < options::v1::Section_ARRAYSIZE; ++section) {
    if ((found & Bit(section)) == 0) continue;
    records->insert(
        absl::StrCat((open_ & Bit(section)) != 0 ? "section:" : "sealed:", WordOf(section)));
  }
}

absl::Status CheckNothingSealed(const Message& request) {
  const Way& way = WayOf(request.GetDescriptor());
  const std::string filled = way.leads ? FilledStatement(way, request) : "";
  if (filled.empty()) return absl::OkStatus();
  return InvalidField(filled, "SEALED_IN_REQUEST",
                      "is of answers alone: what was read in part is not written back");
}

bool MayBeSealed(const Descriptor* type) { return WayOf(type).leads; }

std::set<std::string> SectionProblems(const std::vector<const Descriptor*>& answers) {
  TypesWithin types;
  for (const Descriptor* answer : answers) {
    AddTypes(answer, options::v1::SECTION_UNSPECIFIED, &types);
  }
  std::set<std::string> sealing;  // packages
  for (const auto& [type, outer] : types) {
    for (int i = 0; i < type->field_count(); ++i) {
      if (IsSealed(SectionOf(type->field(i)))) sealing.insert(type->file()->package());
    }
  }
  std::set<std::string> problems;
  for (const auto& [type, outer] : types) {
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      // What is in a message of a package that seals nothing says nothing of itself.
      const bool says_nothing =
          IsMessage(field) ? MayBePersonal(field->message_type()) &&
                                 !sealing.contains(field->message_type()->file()->package())
                           : IsPersonal(field);
      if (says_nothing && sealing.contains(type->file()->package()) &&
          SectionOf(field) == options::v1::SECTION_UNSPECIFIED) {
        problems.insert(absl::StrCat(field->full_name(), " is personal and names no section"));
      }
      if (!IsMessage(field) && IsSealed(SectionWithin(field, outer)) &&
          StatementOf(type) == nullptr) {
        problems.insert(absl::StrCat(type->full_name(), " is sealed in part and has no ",
                                     kStatement, " to say so"));
      }
    }
  }
  return problems;
}

}  // namespace fosterwatch::runtime
