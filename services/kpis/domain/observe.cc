#include "services/kpis/domain/observe.h"

#include "services/kpis/domain/field_path.h"

namespace fosterwatch::kpis::domain {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void Take(const v1::Stream& stream, const v1::Stream::Mark& mark, Observation::Kind kind,
          const Message& element, absl::Time recorded, std::vector<Observation>& observations) {
  if (!mark.where_field().empty() && TextAt(element, mark.where_field()) != mark.where_value()) {
    return;
  }
  Observation observation;
  observation.stream = stream.stream();
  observation.key = TextAt(element, mark.key());
  if (observation.key.empty()) return;
  observation.kind = kind;
  observation.time = recorded;
  if (!mark.time().empty()) {
    if (const auto time = TimeAt(element, mark.time())) observation.time = *time;
  }
  if (kind == Observation::Kind::kBegins && !mark.due().empty())
    observation.due = TimeAt(element, mark.due());
  observations.push_back(std::move(observation));
}

void Read(const v1::Stream& stream, const v1::Stream::Mark& mark, Observation::Kind kind,
          const std::string& topic, const Message& fact, absl::Time recorded,
          std::vector<Observation>& observations) {
  if (mark.topic() != topic) return;
  const FieldDescriptor* field = fact.GetDescriptor()->FindFieldByName(mark.fact());
  if (field == nullptr || !fact.GetReflection()->HasField(fact, field)) return;
  const Message& body = fact.GetReflection()->GetMessage(fact, field);
  if (mark.each().empty()) {
    Take(stream, mark, kind, body, recorded, observations);
    return;
  }
  const FieldDescriptor* each = body.GetDescriptor()->FindFieldByName(mark.each());
  if (each == nullptr || !each->is_repeated()) return;
  for (int i = 0; i < body.GetReflection()->FieldSize(body, each); ++i) {
    Take(stream, mark, kind, body.GetReflection()->GetRepeatedMessage(body, each, i), recorded,
         observations);
  }
}

}  // namespace

std::vector<Observation> Observe(const v1::Catalogue& catalogue, const std::string& topic,
                                 const Message& fact, absl::Time recorded) {
  std::vector<Observation> observations;
  for (const v1::Stream& stream : catalogue.streams()) {
    for (const auto& mark : stream.begins()) {
      Read(stream, mark, Observation::Kind::kBegins, topic, fact, recorded, observations);
    }
    for (const auto& mark : stream.ends()) {
      Read(stream, mark, Observation::Kind::kEnds, topic, fact, recorded, observations);
    }
    for (const auto& mark : stream.reopens()) {
      Read(stream, mark, Observation::Kind::kReopens, topic, fact, recorded, observations);
    }
  }
  return observations;
}

bool TakesBack(const v1::Catalogue& catalogue, const std::string& topic, const Message& fact) {
  for (const auto& taken_back : catalogue.taken_back()) {
    if (taken_back.topic() != topic) continue;
    const FieldDescriptor* field = fact.GetDescriptor()->FindFieldByName(taken_back.fact());
    if (field != nullptr && fact.GetReflection()->HasField(fact, field)) return true;
  }
  return false;
}

}  // namespace fosterwatch::kpis::domain
