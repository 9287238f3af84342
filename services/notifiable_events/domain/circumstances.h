// Which bodies stand behind the recipients of Schedule 7 for one event: what the areas of
// placements, carers and directory know, as plain values that the app fills from its reference
// tables.
//
// Regulation 36(1) with Schedule 7: the responsible authority is the one that looks after the
// child; the area authority is the one in whose area the child lives, and is notified only where it
// is another one; police, health body and designated officer are those of the area in which the
// child lives.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event.pb.h"
#include "fosterwatch/type/v1/channel.pb.h"

namespace fosterwatch::notifiable_events::domain {

struct PlacedChild {
  std::string child_id;
  std::string responsible_authority_id;
  // In whose area the child lives; the same id where that is the responsible authority.
  std::string area_authority_id;
  std::string carer_id;
};

// A body of the directory, as far as giving notice needs it.
struct Body {
  // Of its first contact.
  type::v1::Channel channel = type::v1::CHANNEL_UNSPECIFIED;
  bool released_by_person = false;
  // Of a local authority: who polices its area, which health body serves it, and its designated
  // officer.
  std::string police_body_id;
  std::string health_body_id;
  std::string designated_officer_body_id;
};

// An event on record that is not withdrawn, of the child or carer that a report is about.
struct EarlierEvent {
  std::string event_id;
  std::vector<int> kinds;
  absl::Time occurred;
};

struct Circumstances {
  // The child that the request (or, later, the effective report) names; empty where this agency
  // knows no such child.
  std::optional<PlacedChild> child;
  // Whether this agency knows the carer that the request names.
  bool carer_known = false;
  // Each child placed with that carer now.
  std::vector<PlacedChild> placed_with_carer;
  // By body_id; at least those that the children above lead to, and the two below.
  std::map<std::string, Body> bodies;
  std::string chief_inspector_body_id;
  std::string secretary_of_state_body_id;
  // For a report: events near it in time, newest first (similar.h).
  std::vector<EarlierEvent> earlier;
};

// The body_ids that are one recipient of one kind of event, sorted, each once. {""} where there
// must be one and none can be worked out; {} where nobody stands behind it, which happens only to
// an area authority that is the responsible authority.
//
// For DBS_REFERRAL and SERIOUS_COMPLAINT, which are about a carer or worker, the responsible
// authorities are those of each child placed with the carer, and of the child where one is named.
std::vector<std::string> BodiesOf(v1::EventKind kind, v1::Recipient recipient,
                                  const Circumstances& circumstances);

// How a body is to be told. A body that is empty or not in the directory is left to a person, and
// so is every channel but mail and webhook.
struct Way {
  type::v1::Channel channel = type::v1::CHANNEL_UNSPECIFIED;
  bool released_by_person = true;
};
Way WayTo(absl::string_view body_id, const Circumstances& circumstances);

}  // namespace fosterwatch::notifiable_events::domain
