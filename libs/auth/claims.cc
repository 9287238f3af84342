#include "libs/auth/claims.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

#include "libs/auth/token.h"

namespace fosterwatch::auth {

std::string TextOf(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<absl::Time> TimeOf(const nlohmann::json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const double seconds = found->get<double>();
  if (!(seconds >= 0 && seconds < 1e11)) return std::nullopt;
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

bool HasBegun(const nlohmann::json& claims, absl::Time now) {
  for (const char* name : {"nbf", "iat"}) {
    if (!claims.contains(name)) continue;
    const std::optional<absl::Time> from = TimeOf(claims, name);
    if (!from || now < *from - kLeeway) return false;
  }
  return true;
}

bool NamesAudience(const nlohmann::json& claims, const std::string& audience) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return false;
  if (found->is_string()) return found->get<std::string>() == audience;
  if (!found->is_array()) return false;
  return std::any_of(found->begin(), found->end(), [&](const nlohmann::json& one) {
    return one.is_string() && one.get<std::string>() == audience;
  });
}

std::string TokenIdOf(const nlohmann::json& claims, absl::string_view token) {
  constexpr size_t kMostBytes = 100;
  for (const char* name : {"sid", "jti"}) {
    std::string id = TextOf(claims, name);
    const bool plain = std::all_of(id.begin(), id.end(), [](char c) {
      return absl::ascii_isalnum(c) || absl::StrContains("-_.:", c);
    });
    if (!id.empty() && id.size() <= kMostBytes && plain) return id;
  }
  return jose::ToBase64Url(jose::Sha256(token));
}

bool IsPersonId(const std::string& id) {
  return !id.empty() && id.size() <= 200 &&
         std::all_of(id.begin(), id.end(), [](char c) { return absl::ascii_isprint(c); });
}

std::optional<std::vector<options::v1::Role>> RolesOf(const nlohmann::json& words) {
  if (!words.is_array()) return std::nullopt;
  std::vector<options::v1::Role> roles;
  for (const nlohmann::json& word : words) {
    if (!word.is_string()) return std::nullopt;
    if (const auto role = RoleFromWord(word.get<std::string>()); role.ok()) roles.push_back(*role);
  }
  return roles;
}

std::optional<std::vector<std::string>> OtherAgenciesOf(const nlohmann::json& ids,
                                                        const std::string& own) {
  constexpr size_t kMostAgencies = 100;
  if (ids.is_null()) return std::vector<std::string>();
  if (!ids.is_array() || ids.size() > kMostAgencies) return std::nullopt;
  std::set<std::string> others;
  for (const nlohmann::json& id : ids) {
    if (!id.is_string() || !IsAgencyId(id.get<std::string>())) return std::nullopt;
    others.insert(id.get<std::string>());
  }
  others.erase(own);
  return std::vector<std::string>(others.begin(), others.end());
}

}  // namespace fosterwatch::auth
