#include "services/kpis/domain/catalogue.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"

#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/kpis/domain/field_path.h"
#include "services/kpis/domain/measure.h"
#include "services/kpis/domain/period.h"
#include "services/kpis/domain/reported_figure.h"

namespace fosterwatch::kpis::domain {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

absl::Status Invalid(absl::string_view where, absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "CATALOGUE_INVALID",
               absl::StrCat(where, ": ", what));
}

using Marks = google::protobuf::RepeatedPtrField<v1::Stream::Mark>;

// What the beginnings of a stream say of its elements.
struct StreamSays {
  const v1::Stream* stream = nullptr;
  bool due = false;
  bool value = false;
  std::set<std::string> attributes;
};

// `keyless`: an observation of it may be of the chain or the record as a whole.
absl::Status CheckMark(const std::string& where, const v1::Stream::Mark& mark, bool keyless,
                       const Topics& topics) {
  const auto topic = topics.find(mark.topic());
  if (topic == topics.end()) return Invalid(where, "the topic is unknown");
  const FieldDescriptor* fact = topic->second->GetDescriptor()->FindFieldByName(mark.fact());
  if (fact == nullptr || fact->message_type() == nullptr) {
    return Invalid(where, absl::StrCat("the topic has no fact ", mark.fact()));
  }
  ElementType type = {fact->message_type(), fact->message_type()};
  if (!mark.each().empty()) {
    const FieldDescriptor* each = FieldAt(type.fact, mark.each());
    const bool of_texts = each != nullptr && each->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    if (each == nullptr || !each->is_repeated() || (each->message_type() == nullptr && !of_texts)) {
      return Invalid(where, absl::StrCat(mark.each(), " is no list of messages or texts"));
    }
    type.message = each->message_type();
  }
  const auto check = [&](absl::Status status) {
    return status.ok() ? status : Invalid(where, status.message());
  };
  if (mark.key().empty() && !keyless) return Invalid(where, "has no key");
  for (const std::string& key : {mark.key(), mark.chain()}) {
    if (!key.empty()) RETURN_IF_ERROR(check(CheckKey(type, key)));
  }
  for (const auto& [path, kind] :
       {std::pair{mark.time(), FieldKind::kTime}, std::pair{mark.due(), FieldKind::kTime},
        std::pair{mark.where_field(), FieldKind::kText},
        std::pair{mark.value(), FieldKind::kNumber}, std::pair{mark.value_or(), FieldKind::kNumber},
        std::pair{mark.explanation(), FieldKind::kExplanation}}) {
    if (!path.empty()) RETURN_IF_ERROR(check(CheckPath(type, path, kind)));
  }
  for (const v1::Condition& condition : mark.where()) {
    RETURN_IF_ERROR(check(CheckPath(type, condition.field(), FieldKind::kText)));
    if (condition.any_of().empty()) return Invalid(where, "has a condition that names nothing");
  }
  for (const auto& [name, path] : mark.attributes()) {
    RETURN_IF_ERROR(check(CheckPath(type, path, FieldKind::kText)));
  }
  if (mark.time_required() && mark.time().empty()) return Invalid(where, "requires no time");
  return absl::OkStatus();
}

absl::StatusOr<StreamSays> CheckStream(const v1::Stream& stream, const Topics& topics) {
  const std::string where = absl::StrCat("stream ", stream.stream());
  if (stream.begins().empty()) return Invalid(where, "never begins");
  StreamSays says;
  says.stream = &stream;
  for (const auto& [marks, keyless] : {std::pair<const Marks*, bool>{&stream.begins(), false},
                                       {&stream.moves(), false},
                                       {&stream.reopens(), false},
                                       {&stream.ends(), true},
                                       {&stream.lapses(), true},
                                       {&stream.resets(), true}}) {
    for (const v1::Stream::Mark& mark : *marks) {
      RETURN_IF_ERROR(CheckMark(where, mark, keyless, topics));
      for (const auto& [name, path] : mark.attributes()) says.attributes.insert(name);
    }
  }
  for (const v1::Stream::Mark& mark : stream.begins()) {
    says.due = says.due || !mark.due().empty();
    says.value = says.value || !mark.value().empty();
    if (stream.chained() && mark.chain().empty()) return Invalid(where, "begins without a chain");
  }
  for (const v1::Stream::Mark& mark : stream.moves()) says.due = says.due || !mark.due().empty();
  return says;
}

// Targets and benchmarks, which are dated alike.
template <typename Dated>
absl::Status CheckDated(const std::string& where, absl::string_view what,
                        v1::KpiDefinition::Unit unit, const Dated& dated) {
  std::string last_month;
  for (const auto& each : dated) {
    const absl::StatusOr<Period> month = ParsePeriod(each.effective_from());
    if (!month.ok() || month->cadence != v1::CADENCE_MONTH || each.effective_from() <= last_month) {
      return Invalid(where, absl::StrCat("has ", what, "s that are not in order of their months"));
    }
    last_month = each.effective_from();
    if (each.source().empty())
      return Invalid(where, absl::StrCat("has a ", what, " without a source"));
    if (!(each.value() >= 0) || (unit == v1::KpiDefinition::UNIT_PERCENT && each.value() > 100)) {
      return Invalid(where, absl::StrCat("has a ", what, " that no figure can be at"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckOfStream(const std::string& where, const v1::KpiDefinition& kpi,
                           const Measure& measure, const StreamSays* says) {
  if (says == nullptr) return Invalid(where, "is of no stream");
  if (measure.needs_due && !says->due) {
    return Invalid(where, "asks for due times of a stream that has none");
  }
  if (measure.needs_value && !says->value) {
    return Invalid(where, "asks for values of a stream that has none");
  }
  for (const auto* conditions : {&kpi.where(), &kpi.numerator_where()}) {
    for (const v1::Condition& condition : *conditions) {
      if (!says->attributes.contains(condition.field()) || condition.any_of().empty()) {
        return Invalid(where, "has a condition on what its stream does not keep");
      }
    }
  }
  if (kpi.covered_by().empty() == (kpi.measure() == v1::KpiDefinition::MEASURE_SHARE_COVERED)) {
    return Invalid(where, "is covered by what does not fit its measure");
  }
  if (!kpi.group_by().empty() && !says->attributes.contains(kpi.group_by())) {
    return Invalid(where, "is grouped by what its stream does not keep");
  }
  if (kpi.cumulative()) return Invalid(where, "is counted from facts and cannot be cumulative");
  if (kpi.numerator_where().empty() ==
      (kpi.measure() == v1::KpiDefinition::MEASURE_SHARE_OF_ENDED)) {
    return Invalid(where, "has a numerator that does not fit its measure");
  }
  return absl::OkStatus();
}

absl::Status CheckReportedKpi(const std::string& where, const v1::KpiDefinition& kpi) {
  if (!kpi.stream().empty()) return Invalid(where, "is reported from outside, yet of a stream");
  const bool survey = kpi.measure() == v1::KpiDefinition::MEASURE_SURVEY;
  if (survey != (kpi.minimum_answers() > 0)) {
    return Invalid(where, "has a least number of answers that does not fit its measure");
  }
  if ((survey || kpi.cumulative()) && kpi.unit() != v1::KpiDefinition::UNIT_PERCENT) {
    return Invalid(where, "is of a unit that does not fit its measure");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Check(const v1::Catalogue& catalogue, const Topics& topics) {
  std::map<std::string, StreamSays> streams;
  std::set<std::string> sets, codes;
  for (const v1::Stream& stream : catalogue.streams()) {
    if (stream.stream().empty() || streams.contains(stream.stream())) {
      return Invalid(absl::StrCat("stream ", stream.stream()), "has no name of its own");
    }
    ASSIGN_OR_RETURN(streams[stream.stream()], CheckStream(stream, topics));
  }
  for (const auto& taken_back : catalogue.taken_back()) {
    const auto topic = topics.find(taken_back.topic());
    if (topic == topics.end() ||
        topic->second->GetDescriptor()->FindFieldByName(taken_back.fact()) == nullptr) {
      return Invalid("taken_back", absl::StrCat("there is no fact ", taken_back.fact()));
    }
  }
  for (const v1::KpiSet& set : catalogue.sets()) {
    if (set.set().empty() || set.title().empty() || !sets.insert(set.set()).second) {
      return Invalid(absl::StrCat("set ", set.set()), "has no name of its own, or no title");
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
    RETURN_IF_ERROR(CheckDated(where, "target", kpi.unit(), kpi.targets()));
    RETURN_IF_ERROR(CheckDated(where, "benchmark", kpi.unit(), kpi.benchmarks()));
    for (const std::string& set : kpi.sets()) {
      if (!sets.contains(set)) return Invalid(where, absl::StrCat("is of no set ", set));
    }
    if (IsReportedMeasure(kpi.measure())) {
      RETURN_IF_ERROR(CheckReportedKpi(where, kpi));
      continue;
    }
    const Measure* measure = MeasureOf(kpi.measure());
    if (measure == nullptr) return Invalid(where, "has no measure");
    const auto stream = streams.find(kpi.stream());
    RETURN_IF_ERROR(
        CheckOfStream(where, kpi, *measure, stream == streams.end() ? nullptr : &stream->second));
    if (kpi.covered_by().empty()) continue;
    const auto covers = streams.find(kpi.covered_by());
    if (covers == streams.end() || !covers->second.due || !covers->second.stream->due_exclusive()) {
      return Invalid(where, "is covered by no stream that has due times");
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

const v1::Stream* FindStream(const v1::Catalogue& catalogue, absl::string_view stream) {
  for (const v1::Stream& each : catalogue.streams()) {
    if (each.stream() == stream) return &each;
  }
  return nullptr;
}

}  // namespace fosterwatch::kpis::domain
