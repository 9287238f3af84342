#include "libs/auth/sign_in_links.h"

#include <cstdio>
#include <filesystem>
#include <optional>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include <unistd.h>

#include "libs/auth/claims.h"
#include "libs/auth/jose.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::auth {
namespace {

constexpr int kCodeBytes = 32;
constexpr size_t kMostLinkBytes = 4096;

struct Link {
  Caller caller;
  absl::Time until;
};

std::string FileOf(const std::string& folder, absl::string_view code) {
  return absl::StrCat(folder, "/", absl::BytesToHexString(jose::Sha256(code)), ".json");
}

std::string Write(const Link& link) {
  nlohmann::json roles = nlohmann::json::array();
  for (const options::v1::Role role : link.caller.roles) roles.push_back(WordOfRole(role));
  return nlohmann::json({{"person", link.caller.person_id},
                         {"agency", link.caller.agency_id},
                         {"other_agencies", link.caller.other_agencies},
                         {"roles", roles},
                         {"expires", absl::ToUnixSeconds(link.caller.expires)},
                         {"until", absl::ToUnixSeconds(link.until)}})
      .dump();
}

std::optional<Link> Read(const std::string& path) {
  const absl::StatusOr<std::string> text = jose::ReadFile(path, kMostLinkBytes);
  if (!text.ok()) return std::nullopt;
  const std::optional<nlohmann::json> json = jose::ParseObject(*text);
  if (!json) return std::nullopt;
  Link link;
  link.caller.person_id = json->value("person", "");
  link.caller.agency_id = json->value("agency", "");
  const auto others =
      OtherAgenciesOf(json->value("other_agencies", nlohmann::json()), link.caller.agency_id);
  if (!others) return std::nullopt;
  link.caller.other_agencies = *others;
  for (const nlohmann::json& word : json->value("roles", nlohmann::json::array())) {
    const auto role = RoleFromWord(word.is_string() ? word.get<std::string>() : "");
    if (!role.ok()) return std::nullopt;
    link.caller.roles.push_back(*role);
  }
  link.caller.expires = absl::FromUnixSeconds(json->value("expires", int64_t{0}));
  link.until = absl::FromUnixSeconds(json->value("until", int64_t{0}));
  return link;
}

void RemoveEnded(const std::string& folder, absl::Time now) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".json") continue;
    const std::optional<Link> link = Read(entry.path().string());
    if (link && link->until < now) unlink(entry.path().c_str());
  }
}

}  // namespace

absl::StatusOr<std::string> MakeSignInCode(const std::string& folder, const Caller& caller,
                                           absl::Time until) {
  RETURN_IF_ERROR(jose::MakePrivateFolder(folder));
  RemoveEnded(folder, absl::Now());
  std::string code = jose::ToBase64Url(jose::RandomBytes(kCodeBytes));
  RETURN_IF_ERROR(jose::WriteFile(FileOf(folder, code), Write({caller, until}), 0600, false));
  return code;
}

absl::StatusOr<Caller> TakeSignInCode(const std::string& folder, absl::string_view code,
                                      absl::Time now) {
  const absl::Status unknown = Error(absl::StatusCode::kNotFound, "SIGN_IN_CODE_NOT_VALID",
                                     "the sign-in link was used, is over or never was");
  const std::optional<std::string> bytes = jose::FromBase64Url(code);
  if (!bytes || bytes->size() != kCodeBytes) return unknown;
  const std::string path = FileOf(folder, code);
  // Of several who take the same code at once, the rename lets one through.
  const std::string taken =
      absl::StrCat(path, ".", absl::BytesToHexString(jose::RandomBytes(8)), ".taken");
  if (rename(path.c_str(), taken.c_str()) != 0) return unknown;
  const std::optional<Link> link = Read(taken);
  unlink(taken.c_str());
  if (!link || link->until < now) return unknown;
  return link->caller;
}

}  // namespace fosterwatch::auth
