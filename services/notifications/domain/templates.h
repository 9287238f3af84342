// The words of alerts and digests as data, in editions: what a mail said can be shown again long
// after its words were changed. (The words of notices belong to notifiable_events.)
//
// Nothing personal can come into a subject line: all that a subject may take in is {urgent},
// {event_id} and {parked_id}, and the file is refused where one asks for more.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifications/v1/policy.pb.h"

namespace fosterwatch::notifications::domain {

// Reads policy/templates.json (fosterwatch.notifications.v1.Templates). INVALID_ARGUMENT
// (TEMPLATES_INVALID) for unknown fields; no edition, editions of one version or not in the order
// of their days; a template that is missing, unknown or there twice; a subject that is not one line
// of at most 150 printable ASCII characters, or takes in what a subject may not; a placeholder that
// is unknown, or a brace that belongs to none.
absl::StatusOr<v1::Templates> ParseTemplates(absl::string_view json);

// The edition that holds at a moment, as policies have it (policy.h).
const v1::TemplateEdition& InForce(const v1::Templates& templates, absl::Time moment);

// Null where there is none of this version, or name.
const v1::TemplateEdition* FindEdition(const v1::Templates& templates, absl::string_view version);
const v1::Template* FindTemplate(const v1::TemplateEdition& edition, absl::string_view name);

}  // namespace fosterwatch::notifications::domain
