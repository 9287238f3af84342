#include "services/notifiable_events/domain/circumstances.h"

#include <set>

namespace fosterwatch::notifiable_events::domain {
namespace {

// Kinds that are about a carer or a worker, not about one child.
bool IsAboutCarer(v1::EventKind kind) {
  return kind == v1::EVENT_KIND_DBS_REFERRAL || kind == v1::EVENT_KIND_SERIOUS_COMPLAINT;
}

std::vector<PlacedChild> ChildrenConcerned(v1::EventKind kind, const Circumstances& circumstances) {
  std::vector<PlacedChild> children;
  if (circumstances.child) children.push_back(*circumstances.child);
  if (IsAboutCarer(kind)) {
    children.insert(children.end(), circumstances.placed_with_carer.begin(),
                    circumstances.placed_with_carer.end());
  }
  return children;
}

}  // namespace

std::vector<std::string> BodiesOf(v1::EventKind kind, v1::Recipient recipient,
                                  const Circumstances& circumstances) {
  if (recipient == v1::RECIPIENT_CHIEF_INSPECTOR) return {circumstances.chief_inspector_body_id};
  if (recipient == v1::RECIPIENT_SECRETARY_OF_STATE) {
    return {circumstances.secretary_of_state_body_id};
  }
  const auto children = ChildrenConcerned(kind, circumstances);
  std::set<std::string> bodies;
  for (const PlacedChild& child : children) {
    const std::string& area = child.area_authority_id;
    const auto authority = circumstances.bodies.find(area);
    switch (recipient) {
      case v1::RECIPIENT_RESPONSIBLE_AUTHORITY:
        bodies.insert(child.responsible_authority_id);
        break;
      case v1::RECIPIENT_AREA_AUTHORITY:
        if (area.empty() || area != child.responsible_authority_id) bodies.insert(area);
        break;
      case v1::RECIPIENT_POLICE:
        bodies.insert(authority == circumstances.bodies.end() ? ""
                                                              : authority->second.police_body_id);
        break;
      case v1::RECIPIENT_HEALTH_BODY:
        bodies.insert(authority == circumstances.bodies.end() ? ""
                                                              : authority->second.health_body_id);
        break;
      case v1::RECIPIENT_DESIGNATED_OFFICER:
        bodies.insert(authority == circumstances.bodies.end()
                          ? ""
                          : authority->second.designated_officer_body_id);
        break;
      default:
        break;
    }
  }
  if (children.empty()) bodies.insert("");
  return {bodies.begin(), bodies.end()};
}

Way WayTo(absl::string_view body_id, const Circumstances& circumstances) {
  const auto body = circumstances.bodies.find(std::string(body_id));
  if (body_id.empty() || body == circumstances.bodies.end()) return {};
  const type::v1::Channel channel = body->second.channel;
  const bool by_itself = channel == type::v1::CHANNEL_EMAIL || channel == type::v1::CHANNEL_WEBHOOK;
  return {channel, body->second.released_by_person || !by_itself};
}

}  // namespace fosterwatch::notifiable_events::domain
