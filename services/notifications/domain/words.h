// What an alert's mail says. No personal data: the mail may be read on any telephone, so it names
// the event by its id and leads to the page that asks who is reading.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "fosterwatch/notifications/v1/notification.pb.h"
#include "fosterwatch/notifications/v1/policy.pb.h"

namespace fosterwatch::notifications::domain {

struct Words {
  std::string subject;  // ASCII, one line
  std::string text;     // lines end with \n
  std::string template_name;
  std::string template_version;
};

// By the templates of an edition (templates.h). `public_url` is where the web application is
// reached, with or without a slash at its end.
Words AlertWords(const v1::TemplateEdition& edition, const v1::Alert& alert,
                 absl::string_view public_url);

// How many alerts a digest names; it says so where there are more.
inline constexpr int kMostInDigest = 100;

// One mail about all of these, the oldest first.
Words DigestWords(const v1::TemplateEdition& edition, const std::vector<v1::Alert>& alerts,
                  absl::string_view public_url);

// What the mail of a template would say of made-up events; nothing where no mail has this name.
std::optional<Words> SampleWords(const v1::TemplateEdition& edition, absl::string_view name,
                                 absl::string_view public_url);

}  // namespace fosterwatch::notifications::domain
