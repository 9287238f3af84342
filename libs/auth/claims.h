// What the claims of a token say, once its signature is known to be good. Inside of this library.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/options/v1/options.pb.h"
#include "libs/auth/jose.h"

namespace fosterwatch::auth {

// A claim that is a text, or "".
std::string TextOf(const nlohmann::json& object, const char* name);
// `aud` is this audience, or has it among others.
bool NamesAudience(const nlohmann::json& claims, const std::string& audience);

// Between their clocks and ours.
inline constexpr absl::Duration kLeeway = absl::Seconds(60);
// The time of a claim in seconds since 1970; nothing where it is absent or no sensible number.
std::optional<absl::Time> TimeOf(const nlohmann::json& claims, const char* name);
// Whether `nbf` and `iat`, where they are there, are times that have come.
bool HasBegun(const nlohmann::json& claims, absl::Time now);

// What a token calls itself, as far as that is up to 100 letters, digits and -_.: of its own:
// `sid`, which sessions keep when a token is issued anew, else `jti`; else its hash.
std::string TokenIdOf(const nlohmann::json& claims, absl::string_view token);

// Printable ASCII, 1 to 200.
bool IsPersonId(const std::string& id);
// The roles that a list of words names, without those that only other systems know; nothing where
// it is no list of words.
std::optional<std::vector<options::v1::Role>> RolesOf(const nlohmann::json& words);
// The agencies of a list besides `own`, by id, each once; none where it is null, nothing where it
// is no list, has more than 100, or names something that is no agency's id.
std::optional<std::vector<std::string>> OtherAgenciesOf(const nlohmann::json& ids,
                                                        const std::string& own);

}  // namespace fosterwatch::auth
