#include "services/kpis/domain/catalogue.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "google/protobuf/timestamp.pb.h"

#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/kpis/domain/field_path.h"
#include "services/kpis/domain/figure.h"

namespace fosterwatch::kpis::domain {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

absl::Status Invalid(absl::string_view where, absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "CATALOGUE_INVALID",
               absl::StrCat(where, ": ", what));
}

absl::Status CheckMark(const std::string& where, const v1::Stream::Mark& mark,
                       const Topics& topics) {
  const auto topic = topics.find(mark.topic());
  if (topic == topics.end()) return Invalid(where, "the topic is unknown");
  const FieldDescriptor* fact = topic->second->GetDescriptor()->FindFieldByName(mark.fact());
  if (fact == nullptr || fact->message_type() == nullptr) {
    return Invalid(where, absl::StrCat("the topic has no fact ", mark.fact()));
  }
  const Descriptor* element = fact->message_type();
  if (!mark.each().empty()) {
    const FieldDescriptor* each = FieldAt(element, mark.each());
    if (each == nullptr || !each->is_repeated() || each->message_type() == nullptr) {
      return Invalid(where, absl::StrCat(mark.each(), " is no list of messages of the fact"));
    }
    element = each->message_type();
  }
  const auto check = [&](const std::string& path, bool time) -> absl::Status {
    const FieldDescriptor* field = FieldAt(element, path);
    if (field == nullptr || field->is_repeated()) {
      return Invalid(where, absl::StrCat("there is no field ", path));
    }
    const bool right = time ? field->message_type() == google::protobuf::Timestamp::descriptor()
                            : field->cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
                                  field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
    return right ? absl::OkStatus()
                 : Invalid(where, absl::StrCat("the field ", path, " is of another type"));
  };
  if (mark.key().empty()) return Invalid(where, "has no key");
  RETURN_IF_ERROR(check(mark.key(), /*time=*/false));
  if (!mark.time().empty()) RETURN_IF_ERROR(check(mark.time(), /*time=*/true));
  if (!mark.due().empty()) RETURN_IF_ERROR(check(mark.due(), /*time=*/true));
  if (!mark.where_field().empty()) RETURN_IF_ERROR(check(mark.where_field(), /*time=*/false));
  return absl::OkStatus();
}

}  // namespace

absl::Status Check(const v1::Catalogue& catalogue, const Topics& topics) {
  std::set<std::string> streams, with_due, codes;
  for (const v1::Stream& stream : catalogue.streams()) {
    const std::string where = absl::StrCat("stream ", stream.stream());
    if (stream.stream().empty() || !streams.insert(stream.stream()).second) {
      return Invalid(where, "has no name of its own");
    }
    if (stream.begins().empty()) return Invalid(where, "never begins");
    for (const auto& mark : stream.begins()) {
      RETURN_IF_ERROR(CheckMark(where, mark, topics));
      if (!mark.due().empty()) with_due.insert(stream.stream());
    }
    for (const auto& mark : stream.ends()) RETURN_IF_ERROR(CheckMark(where, mark, topics));
    for (const auto& mark : stream.reopens()) RETURN_IF_ERROR(CheckMark(where, mark, topics));
  }
  for (const auto& taken_back : catalogue.taken_back()) {
    const auto topic = topics.find(taken_back.topic());
    if (topic == topics.end() ||
        topic->second->GetDescriptor()->FindFieldByName(taken_back.fact()) == nullptr) {
      return Invalid("taken_back", absl::StrCat("there is no fact ", taken_back.fact()));
    }
  }
  for (const v1::KpiDefinition& kpi : catalogue.kpis()) {
    const std::string where = absl::StrCat("KPI ", kpi.code());
    if (kpi.code().empty() || !codes.insert(kpi.code()).second) {
      return Invalid(where, "has no code of its own");
    }
    if (kpi.title().empty() || kpi.source().empty() || kpi.version().empty()) {
      return Invalid(where, "lacks title, source or version");
    }
    if (kpi.unit() == v1::KpiDefinition::UNIT_UNSPECIFIED ||
        kpi.direction() == v1::KpiDefinition::DIRECTION_UNSPECIFIED) {
      return Invalid(where, "lacks unit or direction");
    }
    std::string last_month;
    for (const v1::Target& target : kpi.targets()) {
      if (!ParsePeriod(target.effective_from()).ok() || target.effective_from() <= last_month) {
        return Invalid(where, "has targets that are not in order of their months");
      }
      last_month = target.effective_from();
      if (target.source().empty()) return Invalid(where, "has a target without a source");
      if (!(target.value() >= 0) ||
          (kpi.unit() == v1::KpiDefinition::UNIT_PERCENT && target.value() > 100)) {
        return Invalid(where, "has a target that no figure can be at");
      }
    }
    if (!streams.contains(kpi.stream())) return Invalid(where, "is of no stream");
    switch (kpi.measure()) {
      case v1::KpiDefinition::MEASURE_RATIO_IN_TIME:
      case v1::KpiDefinition::MEASURE_OVERDUE_COUNT:
        if (!with_due.contains(kpi.stream())) {
          return Invalid(where, "asks for due times of a stream that has none");
        }
        break;
      case v1::KpiDefinition::MEASURE_MEDIAN_HOURS:
      case v1::KpiDefinition::MEASURE_OPEN_COUNT:
        break;
      default:
        return Invalid(where, "has no measure");
    }
  }
  return absl::OkStatus();
}

const v1::KpiDefinition* Find(const v1::Catalogue& catalogue, absl::string_view code) {
  for (const v1::KpiDefinition& kpi : catalogue.kpis()) {
    if (kpi.code() == code) return &kpi;
  }
  return nullptr;
}

}  // namespace fosterwatch::kpis::domain
