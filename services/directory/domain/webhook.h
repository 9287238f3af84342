// A body's webhook: where it stands among the contacts, and the secrets that posts to it are signed
// with. A new secret takes over at once; the one before stays valid for a time (agency policy), so
// that the receiver can change over without losing a notice. Pure.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/directory/v1/directory.pb.h"
#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "fosterwatch/directory/v1/policy.pb.h"

namespace fosterwatch::directory::domain {

// So many secrets are valid at a time; one more ends the oldest.
inline constexpr int kMostSecrets = 4;

// "" where the body has none.
std::string UrlOf(const v1::Body& body);
// FAILED_PRECONDITION (NO_WEBHOOK).
absl::Status NoWebhook();
// With a contact for this URL before all others, in place of the webhook that was there.
v1::Body WithWebhook(v1::Body body, const std::string& url);

// OK where `after` has no webhook but that of `before`: it would have no secret. INVALID_ARGUMENT
// (WEBHOOK_SET_APART) otherwise.
absl::Status CheckWebhookKept(const v1::Body& before, const v1::Body& after);

void Evolve(v1::Webhook& webhook, const v1::WebhookSecretMade& fact);
// Without the secrets that are over.
v1::Webhook ValidAt(const v1::Webhook& webhook, absl::Time moment);

// Reads policy/webhooks.json. INVALID_ARGUMENT (POLICY_INVALID) for unknown fields, no version or
// source, hours outside 1 to 2160 (90 days), or a grade that is not H, M or L.
absl::StatusOr<v1::WebhookPolicy> ParseWebhookPolicy(absl::string_view json);

}  // namespace fosterwatch::directory::domain
