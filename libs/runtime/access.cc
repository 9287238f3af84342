#include "libs/runtime/access.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "fosterwatch/options/v1/options.pb.h"
#include "libs/runtime/sections.h"

namespace fosterwatch::runtime {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// The last word of a field's name, before _id or _ids: child for named_child_ids.
constexpr const char* kKinds[] = {
    "absence",  "allegation", "audit",    "carer",    "child",         "complaint",
    "decision", "delegation", "dispatch", "event",    "foster_parent", "holder",
    "message",  "placement",  "plan",     "sighting",
};
// These say of an id only that it is what the message is about.
constexpr const char* kOfAnyKind[] = {"about", "aggregate", "record", "subject"};
constexpr char kAnyKind[] = "record";

bool LooksLikeAnId(absl::string_view text) {
  return text.size() <= 200 && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || absl::StrContains("-_.:/", c);
         });
}

struct Id {
  const FieldDescriptor* field;
  absl::string_view kind;
  bool only_mentioned;
};

// What of a message's type leads to records, found once for each type.
struct Way {
  bool personal = false, names = false;
  std::vector<Id> ids;
  std::vector<std::pair<const FieldDescriptor*, const Way*>> inner;
};

bool IsPersonal(const FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::field_class) ==
         options::v1::FIELD_CLASS_PERSONAL;
}

class Ways {
 public:
  const Way& Of(const Descriptor* type) {
    absl::MutexLock lock(&mutex_);
    const auto known = ways_.find(type);
    return known != ways_.end() ? known->second : Find(type);
  }

 private:
  // A type that holds itself is found while it is looked for: it then leads wherever its other
  // fields lead.
  const Way& Find(const Descriptor* type) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto known = ways_.find(type);
    if (known != ways_.end()) return known->second;
    Way& way = ways_[type];
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      way.personal |= IsPersonal(field);
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        const absl::string_view kind = RecordKindOf(field->name());
        if (kind.empty() || field->type() == FieldDescriptor::TYPE_BYTES) continue;
        way.ids.push_back({field, kind, field->options().GetExtension(options::v1::mentions)});
        way.names = true;
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        const Way& inner = Find(field->message_type());
        way.personal |= inner.personal;
        way.names |= inner.names;
        if (inner.names) way.inner.emplace_back(field, &inner);
      }
    }
    return way;
  }

  absl::Mutex mutex_;
  std::map<const Descriptor*, Way> ways_ ABSL_GUARDED_BY(mutex_);  // elements stay where they are
};

const Way& WayOf(const Descriptor* type) {
  static Ways* const ways = new Ways;
  return ways->Of(type);
}

void AddId(absl::string_view kind, const std::string& id, std::set<std::string>* records) {
  if (id.empty()) return;
  records->insert(absl::StrCat(kind, ":", LooksLikeAnId(id) ? absl::string_view(id) : "?"));
}

enum class Mentioned { kToo, kNot };

void AddAlong(const Way& way, const Message& message, Mentioned mentioned,
              std::set<std::string>* records) {
  const Reflection* reflection = message.GetReflection();
  for (const auto& [field, kind, only_mentioned] : way.ids) {
    if (only_mentioned && mentioned == Mentioned::kNot) continue;
    std::string scratch;
    if (!field->is_repeated()) {
      AddId(kind, reflection->GetStringReference(message, field, &scratch), records);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      AddId(kind, reflection->GetRepeatedStringReference(message, field, i, &scratch), records);
    }
  }
  for (const auto& [field, inner] : way.inner) {
    if (!field->is_repeated()) {
      if (reflection->HasField(message, field)) {
        AddAlong(*inner, reflection->GetMessage(message, field), mentioned, records);
      }
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      AddAlong(*inner, reflection->GetRepeatedMessage(message, field, i), mentioned, records);
    }
  }
}

}  // namespace

absl::string_view RecordKindOf(absl::string_view field_name) {
  for (const char* end : {"_id", "_ids"}) {
    if (!absl::EndsWith(field_name, end)) continue;
    const absl::string_view stem =
        field_name.substr(0, field_name.size() - absl::string_view(end).size());
    for (const char* kind : kKinds) {
      if (stem == kind || absl::EndsWith(stem, absl::StrCat("_", kind))) return kind;
    }
    for (const char* word : kOfAnyKind) {
      if (stem == word) return kAnyKind;
    }
  }
  return "";
}

std::vector<absl::string_view> RecordKinds() {
  return std::vector<absl::string_view>(std::begin(kKinds), std::end(kKinds));
}

bool MayBePersonal(const Descriptor* type) { return WayOf(type).personal; }

bool MayNameRecords(const Descriptor* type) { return WayOf(type).names; }

void AddRecordsOf(const Message& message, std::set<std::string>* records) {
  const Way& way = WayOf(message.GetDescriptor());
  if (way.names) AddAlong(way, message, Mentioned::kToo, records);
}

void AddRecordsToldOf(const Message& message, std::set<std::string>* records) {
  const Way& way = WayOf(message.GetDescriptor());
  if (way.names) AddAlong(way, message, Mentioned::kNot, records);
}

void AccessNote::AddShown(const Message& shown, std::set<std::string>* records) const {
  AddRecordsOf(shown, records);
  if (sight != nullptr) sight->AddSectionsOf(shown, records);
}

void AccessNote::SetKept(const std::set<std::string>& kept) {
  absl::MutexLock lock(&mutex_);
  kept_ = true;
  kept_records_.insert(kept.begin(), kept.end());
}

std::pair<bool, std::set<std::string>> AccessNote::Left() const {
  absl::MutexLock lock(&mutex_);
  std::set<std::string> left;
  std::set_difference(records.begin(), records.end(), kept_records_.begin(), kept_records_.end(),
                      std::inserter(left, left.end()));
  return {kept_, std::move(left)};
}

}  // namespace fosterwatch::runtime
