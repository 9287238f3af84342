#include "services/kpis/domain/observe.h"

#include <algorithm>
#include <array>
#include <utility>

#include "libs/clock/working_calendar.h"
#include "services/kpis/domain/field_path.h"

namespace fosterwatch::kpis::domain {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Kind = Observation::Kind;
using Marks = google::protobuf::RepeatedPtrField<v1::Stream::Mark>;

constexpr std::array<std::pair<Kind, const char*>, 6> kKinds = {{{Kind::kResets, "resets"},
                                                                 {Kind::kBegins, "begins"},
                                                                 {Kind::kMoves, "moves"},
                                                                 {Kind::kReopens, "reopens"},
                                                                 {Kind::kEnds, "ends"},
                                                                 {Kind::kLapses, "lapses"}}};

bool Holds(const Element& element, const v1::Stream::Mark& mark) {
  if (!mark.where_field().empty() && TextAt(element, mark.where_field()) != mark.where_value()) {
    return false;
  }
  return std::all_of(mark.where().begin(), mark.where().end(), [&](const v1::Condition& where) {
    const std::string text = TextAt(element, where.field());
    const bool any =
        std::find(where.any_of().begin(), where.any_of().end(), text) != where.any_of().end();
    return any != where.none_of();
  });
}

void Take(const v1::Stream& stream, const v1::Stream::Mark& mark, Kind kind, const Element& element,
          absl::Time recorded, std::vector<Observation>& observations) {
  if (!Holds(element, mark)) return;
  Observation observation;
  observation.stream = stream.stream();
  observation.kind = kind;
  observation.key = KeyAt(element, mark.key());
  if (observation.key.empty() && !mark.key().empty()) return;
  observation.chain = KeyAt(element, mark.chain());
  if (observation.chain.empty() && !mark.chain().empty()) return;
  auto time = mark.time().empty() ? std::nullopt : TimeAt(element, mark.time());
  if (time && mark.end_of_day()) {
    time = absl::FromCivil(absl::CivilSecond(clock::LondonDay(*time) + 1), clock::London());
  }
  if (!time && mark.time_required()) return;
  observation.time = time.value_or(recorded);
  if (kind == Kind::kBegins || kind == Kind::kMoves) {
    if (!mark.due().empty()) observation.due = TimeAt(element, mark.due());
    if (!mark.explanation().empty() && observation.due) {
      observation.explanation = BytesAt(element, mark.explanation());
    }
  }
  for (const auto& [name, path] : mark.attributes()) {
    observation.attributes[name] = TextAt(element, path);
  }
  if (!mark.value().empty()) {
    observation.value = NumberAt(element, mark.value());
    if (!observation.value && !mark.value_or().empty()) {
      observation.value = NumberAt(element, mark.value_or());
    }
  }
  observations.push_back(std::move(observation));
}

void Read(const v1::Stream& stream, const Marks& marks, Kind kind, const std::string& topic,
          const Message& fact, absl::Time recorded, std::vector<Observation>& observations) {
  for (const v1::Stream::Mark& mark : marks) {
    if (mark.topic() != topic) continue;
    const FieldDescriptor* field = fact.GetDescriptor()->FindFieldByName(mark.fact());
    if (field == nullptr || !fact.GetReflection()->HasField(fact, field)) continue;
    const Message& body = fact.GetReflection()->GetMessage(fact, field);
    if (mark.each().empty()) {
      Take(stream, mark, kind, {&body, &body, ""}, recorded, observations);
      continue;
    }
    // A list may lie within a message of the fact.
    const Message* holder = &body;
    const FieldDescriptor* each = nullptr;
    std::string path = mark.each();
    for (size_t dot; (dot = path.find('.')) != std::string::npos; path = path.substr(dot + 1)) {
      const FieldDescriptor* part = holder->GetDescriptor()->FindFieldByName(path.substr(0, dot));
      if (part == nullptr || part->message_type() == nullptr || part->is_repeated()) break;
      holder = &holder->GetReflection()->GetMessage(*holder, part);
    }
    each = holder->GetDescriptor()->FindFieldByName(path);
    if (each == nullptr || !each->is_repeated()) continue;
    const google::protobuf::Reflection* reflection = holder->GetReflection();
    for (int i = 0; i < reflection->FieldSize(*holder, each); ++i) {
      const Element element =
          each->message_type() == nullptr
              ? Element{&body, nullptr, reflection->GetRepeatedString(*holder, each, i)}
              : Element{&body, &reflection->GetRepeatedMessage(*holder, each, i), ""};
      Take(stream, mark, kind, element, recorded, observations);
    }
  }
}

bool TakesBack(const v1::Catalogue& catalogue, const std::string& topic, const Message& fact) {
  return std::any_of(catalogue.taken_back().begin(), catalogue.taken_back().end(),
                     [&](const v1::Catalogue::TakenBack& taken_back) {
                       if (taken_back.topic() != topic) return false;
                       const FieldDescriptor* field =
                           fact.GetDescriptor()->FindFieldByName(taken_back.fact());
                       return field != nullptr && fact.GetReflection()->HasField(fact, field);
                     });
}

bool Reads(const v1::Stream& stream, const std::string& topic) {
  return std::any_of(stream.begins().begin(), stream.begins().end(),
                     [&](const v1::Stream::Mark& mark) { return mark.topic() == topic; });
}

}  // namespace

std::string KindName(Kind kind) {
  for (const auto& [known, name] : kKinds) {
    if (known == kind) return name;
  }
  return "";
}

Kind KindNamed(const std::string& name) {
  for (const auto& [kind, known] : kKinds) {
    if (known == name) return kind;
  }
  return Kind::kEnds;
}

std::vector<Observation> Observe(const v1::Catalogue& catalogue, const std::string& topic,
                                 const Message& fact, absl::Time recorded) {
  std::vector<Observation> observations;
  const bool takes_back = TakesBack(catalogue, topic, fact);
  for (const v1::Stream& stream : catalogue.streams()) {
    if (takes_back && Reads(stream, topic)) {
      Observation reset;
      reset.stream = stream.stream();
      reset.kind = Kind::kResets;
      reset.time = recorded;
      observations.push_back(std::move(reset));
    }
    const auto read = [&](const Marks& marks, Kind kind) {
      Read(stream, marks, kind, topic, fact, recorded, observations);
    };
    read(stream.resets(), Kind::kResets);
    read(stream.begins(), Kind::kBegins);
    read(stream.moves(), Kind::kMoves);
    read(stream.reopens(), Kind::kReopens);
    read(stream.ends(), Kind::kEnds);
    read(stream.lapses(), Kind::kLapses);
  }
  return observations;
}

}  // namespace fosterwatch::kpis::domain
