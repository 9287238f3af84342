#include "libs/auth/programs.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <sys/stat.h>

#include "libs/auth/claims.h"
#include "libs/auth/jose.h"
#include "libs/auth/key_set.h"
#include "libs/auth/provider.h"
#include "libs/curl/fetch.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::auth {
namespace {

using nlohmann::json;

constexpr size_t kMostFileBytes = 1024 * 1024;
constexpr size_t kMostTokenBytes = 16 * 1024;
constexpr absl::Duration kKeysLife = absl::Minutes(1);
// A token that names a key nobody knows makes us ask, but not more often than this.
constexpr absl::Duration kKeysPause = absl::Seconds(10);

absl::Status Unauthenticated(absl::string_view reason) {
  return Error(absl::StatusCode::kUnauthenticated, reason, "a valid access token is required");
}

absl::Status WrongField(const std::string& field, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("field ", field, " ", what));
}

absl::Status OnlyFields(const json& object, const std::vector<std::string>& known,
                        const std::string& where) {
  for (const auto& [name, value] : object.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return WrongField(absl::StrCat(where, name), "is unknown");
    }
  }
  return absl::OkStatus();
}

// A text; `otherwise` where it is absent.
absl::Status ReadText(const json& object, const char* name, const std::string& where,
                      const std::string& otherwise, std::string* to) {
  *to = otherwise;
  const auto found = object.find(name);
  if (found == object.end()) return absl::OkStatus();
  if (!found->is_string()) return WrongField(absl::StrCat(where, name), "is no text");
  *to = found->get<std::string>();
  return absl::OkStatus();
}

bool IsPointer(const std::string& text) {
  try {
    return !text.empty() && !json::json_pointer(text).empty();
  } catch (const json::exception&) {
    return false;
  }
}

absl::StatusOr<std::vector<options::v1::Role>> ReadRoles(const json& program,
                                                         const std::string& where) {
  const std::string field = absl::StrCat(where, "roles");
  const auto words = program.find("roles");
  if (words == program.end() || !words->is_array() || words->empty()) {
    return WrongField(field, "is no list of roles");
  }
  std::vector<options::v1::Role> roles;
  for (const json& word : *words) {
    const auto role = RoleFromWord(word.is_string() ? word.get<std::string>() : "");
    if (!role.ok()) return WrongField(field, "has a word that is no role");
    if (*role == options::v1::ROLE_SERVICE) {
      return WrongField(field, "has the role service, which is for our own services only");
    }
    roles.push_back(*role);
  }
  return roles;
}

absl::Status ReadProgram(const json& object, size_t index, ProgramsSettings* settings) {
  const std::string where = absl::StrCat("programs[", index, "].");
  if (!object.is_object()) return WrongField(where, "is no JSON object");
  RETURN_IF_ERROR(OnlyFields(object, {"client_id", "subject", "agency", "roles"}, where));
  ProgramsSettings::Program program;
  std::string client_id;
  RETURN_IF_ERROR(ReadText(object, "client_id", where, "", &client_id));
  RETURN_IF_ERROR(ReadText(object, "subject", where, client_id, &program.subject));
  RETURN_IF_ERROR(ReadText(object, "agency", where, "", &program.agency_id));
  if (!IsPersonId(absl::StrCat("program:", client_id)) || client_id.empty()) {
    return WrongField(absl::StrCat(where, "client_id"), "is missing or too long");
  }
  if (!IsAgencyId(program.agency_id)) {
    return WrongField(absl::StrCat(where, "agency"), "is no agency's id");
  }
  ASSIGN_OR_RETURN(program.roles, ReadRoles(object, where));
  if (!settings->programs.emplace(client_id, std::move(program)).second) {
    return WrongField(absl::StrCat(where, "client_id"), "stands there twice");
  }
  return absl::OkStatus();
}

absl::StatusOr<ProgramsSettings> SettingsOf(const json& object) {
  RETURN_IF_ERROR(OnlyFields(
      object, {"issuer", "ca_file", "audience", "client_claim", "takes_plain_type", "programs"},
      ""));
  ProgramsSettings settings;
  RETURN_IF_ERROR(ReadText(object, "issuer", "", "", &settings.issuer));
  RETURN_IF_ERROR(ReadText(object, "ca_file", "", "", &settings.ca_file));
  RETURN_IF_ERROR(ReadText(object, "audience", "", kAudience, &settings.audience));
  RETURN_IF_ERROR(ReadText(object, "client_claim", "", "/client_id", &settings.client_claim));
  if (!curl::IsSafeUrl(settings.issuer)) {
    return WrongField("issuer", "is no https address, nor http to this machine itself");
  }
  if (settings.audience.empty()) return WrongField("audience", "is empty");
  if (!IsPointer(settings.client_claim)) {
    return WrongField("client_claim", "is no JSON pointer, such as /azp");
  }
  if (const auto plain = object.find("takes_plain_type"); plain != object.end()) {
    if (!plain->is_boolean()) return WrongField("takes_plain_type", "is neither true nor false");
    settings.takes_plain_type = plain->get<bool>();
  }
  const auto programs = object.find("programs");
  if (programs == object.end() || !programs->is_array()) {
    return WrongField("programs", "is no list");
  }
  for (size_t i = 0; i < programs->size(); ++i) {
    RETURN_IF_ERROR(ReadProgram(programs->at(i), i, &settings));
  }
  return settings;
}

// An ID token says by its nonce, by its hash of an access token, or by its type that it is one.
bool IsAccessToken(const ProgramsSettings& settings, const SignedToken& token) {
  const std::string type = absl::AsciiStrToLower(TextOf(token.header, "typ"));
  if (type == "at+jwt" || type == "application/at+jwt") return true;
  if (type != "jwt" || !settings.takes_plain_type) return false;
  const json& claims = token.claims;
  if (claims.contains("nonce") || claims.contains("at_hash")) return false;
  return !claims.contains("typ") || TextOf(claims, "typ") == "Bearer";
}

}  // namespace

absl::StatusOr<ProgramsSettings> ReadProgramsSettings(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, jose::ReadFile(file, kMostFileBytes));
  const std::optional<json> object = jose::ParseObject(text);
  const absl::StatusOr<ProgramsSettings> settings =
      object ? SettingsOf(*object)
             : absl::StatusOr<ProgramsSettings>(absl::InvalidArgumentError("is no JSON object"));
  if (settings.ok()) return settings;
  return absl::Status(settings.status().code(),
                      absl::StrCat(file, ": ", settings.status().message()));
}

absl::StatusOr<Caller> CallerOfProgram(const ProgramsSettings& settings, const KeySet& keys,
                                       absl::string_view token, absl::Time now) {
  if (token.size() > kMostTokenBytes) return Unauthenticated("TOKEN_INVALID");
  const std::optional<SignedToken> opened = keys.Open(token);
  if (!opened) return Unauthenticated("TOKEN_INVALID");
  const json& claims = opened->claims;
  const std::optional<absl::Time> expires = TimeOf(claims, "exp");
  if (TextOf(claims, "iss") != settings.issuer || !NamesAudience(claims, settings.audience) ||
      !IsAccessToken(settings, *opened) || !expires || !claims.contains("iat") ||
      !HasBegun(claims, now)) {
    return Unauthenticated("TOKEN_INVALID");
  }
  if (now >= *expires + kLeeway) return Unauthenticated("TOKEN_EXPIRED");
  const json::json_pointer to(settings.client_claim);
  const json client = claims.contains(to) ? claims.at(to) : json();
  const auto program = settings.programs.find(client.is_string() ? client.get<std::string>() : "");
  // One of a person who works by this program names the person.
  if (program == settings.programs.end() || TextOf(claims, "sub") != program->second.subject) {
    return Error(absl::StatusCode::kPermissionDenied, "PROGRAM_NOT_KNOWN",
                 "no program that is known here has this token");
  }
  Caller caller{absl::StrCat("program:", program->first), program->second.agency_id,
                program->second.roles, *expires};
  caller.token_id = TokenIdOf(claims, token);
  caller.issued = TimeOf(claims, "iat").value_or(absl::InfinitePast());
  return caller;
}

// --- Programs -----------------------------------------------------------------------------------

Programs::~Programs() = default;

absl::StatusOr<std::unique_ptr<Programs>> Programs::FromFile(const std::string& file) {
  std::unique_ptr<Programs> programs(new Programs(file));
  RETURN_IF_ERROR(programs->ReadIfChanged());
  return programs;
}

absl::Status Programs::ReadIfChanged() {
  struct stat seen = {};
  if (stat(file_.c_str(), &seen) != 0) {
    return absl::NotFoundError(absl::StrCat(file_, " cannot be read"));
  }
  const std::string version = absl::StrCat(seen.st_ino, ".", seen.st_size, ".", seen.st_mtim.tv_sec,
                                           ".", seen.st_mtim.tv_nsec);
  {
    absl::MutexLock lock(&mutex_);
    if (version == version_) return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(ProgramsSettings settings, ReadProgramsSettings(file_));
  absl::MutexLock lock(&mutex_);
  if (settings_ != nullptr && settings_->issuer != settings.issuer) {
    keys_ = nullptr;
    wants_keys_ = true;
  }
  settings_ = std::make_shared<const ProgramsSettings>(std::move(settings));
  version_ = version;
  return absl::OkStatus();
}

bool Programs::IsOfProvider(absl::string_view token) const {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(token.substr(0, kMostTokenBytes), '.');
  const std::optional<std::string> text =
      parts.size() == 3 ? jose::FromBase64Url(parts[1]) : std::nullopt;
  const std::optional<json> claims = text ? jose::ParseObject(*text) : std::nullopt;
  absl::MutexLock lock(&mutex_);
  return claims && TextOf(*claims, "iss") == settings_->issuer;
}

absl::StatusOr<Caller> Programs::Verify(absl::string_view token, absl::Time now) {
  std::shared_ptr<const ProgramsSettings> settings;
  std::shared_ptr<const KeySet> keys;
  {
    absl::MutexLock lock(&mutex_);
    settings = settings_;
    keys = keys_;
    if (keys == nullptr) return ProviderAway("its keys were not read yet");
    if (!keys->Has(KeyIdOf(token))) wants_keys_ = true;
  }
  return CallerOfProgram(*settings, *keys, token, now);
}

void Programs::Refresh(absl::Time now) {
  absl::Status file_read = ReadIfChanged();
  std::shared_ptr<const ProgramsSettings> settings;
  {
    absl::MutexLock lock(&mutex_);
    file_read_ = std::move(file_read);
    const absl::Duration age = now - asked_;
    const absl::Duration pause = keys_ == nullptr ? absl::Seconds(1) : kKeysPause;
    if (age < (wants_keys_ ? pause : kKeysLife)) return;
    asked_ = now;
    wants_keys_ = false;
    settings = settings_;
  }
  const auto ask = [&]() -> absl::StatusOr<KeySet> {
    ASSIGN_OR_RETURN(const json said, FetchConfiguration(settings->issuer, settings->ca_file));
    return FetchKeys(TextOf(said, "jwks_uri"), settings->ca_file);
  };
  absl::StatusOr<KeySet> keys = ask();
  absl::MutexLock lock(&mutex_);
  keys_read_ = keys.status();
  if (keys.ok() && settings->issuer == settings_->issuer) {
    keys_ = std::make_shared<const KeySet>(*std::move(keys));
  }
  wants_keys_ |= keys_ == nullptr;
}

absl::Status Programs::Check() const {
  absl::MutexLock lock(&mutex_);
  return file_read_.ok() ? keys_read_ : file_read_;
}

}  // namespace fosterwatch::auth
