#include "services/directory/domain/webhook.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"

namespace fosterwatch::directory::domain {
namespace {

using Contact = v1::Body::Contact;

bool IsWebhook(const Contact& contact) { return contact.channel() == type::v1::CHANNEL_WEBHOOK; }

absl::Status InvalidPolicy(absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, "POLICY_INVALID", message);
}

}  // namespace

std::string UrlOf(const v1::Body& body) {
  for (const Contact& contact : body.contacts()) {
    if (IsWebhook(contact)) return contact.address();
  }
  return "";
}

absl::Status NoWebhook() {
  return Error(absl::StatusCode::kFailedPrecondition, "NO_WEBHOOK", "the body has no webhook");
}

v1::Body WithWebhook(v1::Body body, const std::string& url) {
  Contact webhook;
  webhook.set_channel(type::v1::CHANNEL_WEBHOOK);
  webhook.set_address(url);
  google::protobuf::RepeatedPtrField<Contact> contacts;
  *contacts.Add() = std::move(webhook);
  for (const Contact& contact : body.contacts()) {
    if (!IsWebhook(contact)) *contacts.Add() = contact;
  }
  *body.mutable_contacts() = std::move(contacts);
  return body;
}

absl::Status CheckWebhookKept(const v1::Body& before, const v1::Body& after) {
  const std::string url = UrlOf(before);
  bool seen = false;
  for (int i = 0; i < after.contacts_size(); ++i) {
    if (!IsWebhook(after.contacts(i))) continue;
    if (seen || after.contacts(i).address() != url) {
      return InvalidField(absl::StrCat("body.contacts[", i, "]"), "WEBHOOK_SET_APART",
                          "is not the webhook that the body has: SetWebhook sets one");
    }
    seen = true;
  }
  return absl::OkStatus();
}

void Evolve(v1::Webhook& webhook, const v1::WebhookSecretMade& fact) {
  webhook.set_body_id(fact.body_id());
  webhook = ValidAt(webhook, clock::FromProto(fact.made_time()));
  v1::Webhook after;
  after.set_body_id(fact.body_id());
  v1::Webhook::Secret* made = after.add_secrets();
  made->set_secret(fact.secret());
  *made->mutable_made_time() = fact.made_time();
  for (v1::Webhook::Secret& earlier : *webhook.mutable_secrets()) {
    if (after.secrets_size() == kMostSecrets) break;
    if (!earlier.has_until_time()) *earlier.mutable_until_time() = fact.earlier_until_time();
    *after.add_secrets() = std::move(earlier);
  }
  webhook = std::move(after);
}

v1::Webhook ValidAt(const v1::Webhook& webhook, absl::Time moment) {
  v1::Webhook valid = webhook;
  valid.clear_secrets();
  for (const v1::Webhook::Secret& secret : webhook.secrets()) {
    if (secret.has_until_time() && clock::FromProto(secret.until_time()) <= moment) continue;
    *valid.add_secrets() = secret;
  }
  return valid;
}

absl::StatusOr<v1::WebhookPolicy> ParseWebhookPolicy(absl::string_view json) {
  v1::WebhookPolicy policy;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &policy);
  if (!parsed.ok()) return InvalidPolicy("the policy of webhooks is not a WebhookPolicy");
  if (policy.version().empty()) return InvalidPolicy("the policy of webhooks has no version");
  if (policy.source().empty()) return InvalidPolicy("the policy of webhooks names no source");
  if (policy.secret_overlap_hours() < 1 || policy.secret_overlap_hours() > 2160) {
    return InvalidPolicy("the policy of webhooks needs 1 to 2160 hours of overlap");
  }
  if (policy.grade() != "H" && policy.grade() != "M" && policy.grade() != "L") {
    return InvalidPolicy("the policy of webhooks has no grade H, M or L");
  }
  return policy;
}

}  // namespace fosterwatch::directory::domain
