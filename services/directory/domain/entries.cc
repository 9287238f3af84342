#include "services/directory/domain/entries.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/mail/address.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/directory/domain/fields.h"

namespace fosterwatch::directory::domain {
namespace {

constexpr size_t kMostPrograms = 20;

}  // namespace

bool IsBodyId(const std::string& id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  });
}

absl::Status CheckBody(const v1::Body& body) {
  if (!IsBodyId(body.body_id())) {
    return InvalidField("body.body_id", "INVALID_ID",
                        "is not 1 to 64 lower-case letters, digits and hyphens");
  }
  if (body.kind() == v1::Body::KIND_UNSPECIFIED || !v1::Body::Kind_IsValid(body.kind())) {
    return InvalidField("body.kind", "MISSING_FIELD", "is missing or unknown");
  }
  RETURN_IF_ERROR(CheckText("body.name", body.name(), 200));
  if (body.contacts().empty()) {
    return InvalidField("body.contacts", "MISSING_FIELD", "is empty: nobody could be reached");
  }
  for (int i = 0; i < body.contacts_size(); ++i) {
    const auto& contact = body.contacts(i);
    const std::string field = absl::StrCat("body.contacts[", i, "]");
    RETURN_IF_ERROR(CheckText(field + ".address", contact.address(), 500));
    if (contact.channel() == type::v1::CHANNEL_UNSPECIFIED ||
        !type::v1::Channel_IsValid(contact.channel())) {
      return InvalidField(field + ".channel", "MISSING_FIELD", "is missing or unknown");
    }
    if (contact.channel() == type::v1::CHANNEL_EMAIL && !mail::IsAddress(contact.address())) {
      return InvalidField(field + ".address", "INVALID_ADDRESS", "is not a mail address");
    }
    const bool by_person = contact.channel() == type::v1::CHANNEL_TELEPHONE ||
                           contact.channel() == type::v1::CHANNEL_ONLINE_FORM;
    if (by_person && !contact.released_by_person()) {
      return InvalidField(field + ".released_by_person", "NEEDS_PERSON",
                          "is false, but only a person can telephone or fill in a form");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckHolder(const v1::RoleHolder& holder) {
  RETURN_IF_ERROR(CheckText("holder.person_id", holder.person_id(), 100));
  RETURN_IF_ERROR(CheckText("holder.name", holder.name(), 200));
  RETURN_IF_ERROR(CheckText("holder.title", holder.title(), 200));
  if (!mail::IsAddress(holder.email())) {
    return InvalidField("holder.email", "INVALID_ADDRESS", "is not a mail address");
  }
  RETURN_IF_ERROR(CheckRoleOfPeople("holder.role", holder.role()));
  if (!holder.has_from_time()) {
    return InvalidField("holder.from_time", "MISSING_FIELD", "is missing");
  }
  RETURN_IF_ERROR(CheckMoment("holder.from_time", holder.from_time()));
  if (holder.has_until_time()) {
    RETURN_IF_ERROR(CheckMoment("holder.until_time", holder.until_time()));
  }
  if (holder.has_until_time() &&
      clock::FromProto(holder.until_time()) < clock::FromProto(holder.from_time())) {
    return InvalidField("holder.until_time", "ENDS_BEFORE_IT_BEGINS", "is before from_time");
  }
  return absl::OkStatus();
}

absl::Status CheckPublisher(const v1::Publisher& publisher) {
  if (!IsBodyId(publisher.publisher_id())) {
    return InvalidField("publisher.publisher_id", "INVALID_ID",
                        "is not 1 to 64 lower-case letters, digits and hyphens");
  }
  const std::string& source = publisher.source();
  if (source.empty() || source.size() > 200 ||
      !std::all_of(source.begin(), source.end(), absl::ascii_isgraph)) {
    return InvalidField("publisher.source", "INVALID_SOURCE",
                        "is not a URI reference of 1 to 200 visible characters");
  }
  std::set<std::string> programs;
  for (const std::string& program : publisher.program_ids()) {
    if (program.empty() || program.size() > 200 ||
        !std::all_of(program.begin(), program.end(), absl::ascii_isprint) ||
        !programs.insert(program).second) {
      return InvalidField("publisher.program_ids", "INVALID_PROGRAM",
                          "has one that is there twice, or is not 1 to 200 printable characters");
    }
  }
  if (programs.size() > kMostPrograms) {
    return InvalidField("publisher.program_ids", "TOO_MANY", "are more than 20");
  }
  return absl::OkStatus();
}

bool HoldsAt(const v1::RoleHolder& holder, absl::Time moment) {
  if (clock::FromProto(holder.from_time()) > moment) return false;
  return !holder.has_until_time() || clock::FromProto(holder.until_time()) > moment;
}

}  // namespace fosterwatch::directory::domain
