// What this library's sources share around cjose: owners of its handles, strict base64url, SHA-256,
// JSON that refuses a name given twice. Not for others.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <cjose/header.h>
#include <cjose/jwk.h>
#include <cjose/jws.h>

#include "nlohmann/json.hpp"

namespace fosterwatch::auth::jose {

struct Release {
  void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
  void operator()(cjose_jws_t* signature) const { cjose_jws_release(signature); }
  void operator()(cjose_header_t* header) const { cjose_header_release(header); }
};
using Key = std::unique_ptr<cjose_jwk_t, Release>;
using Signature = std::unique_ptr<cjose_jws_t, Release>;
using Header = std::unique_ptr<cjose_header_t, Release>;

std::string ToBase64Url(absl::string_view bytes);
// Only the one encoding that ToBase64Url makes: no padding, no spaces, no stray bits.
std::optional<std::string> FromBase64Url(absl::string_view text);

std::string Sha256(absl::string_view bytes);
std::string RandomBytes(int count);

// An object, or nothing: malformed, another type, or a name that occurs twice at any depth.
std::optional<nlohmann::json> ParseObject(absl::string_view text);

// At most `limit` bytes; NOT_FOUND where there is no such file.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t limit);
// Writes beside the file and moves it into place, so that nobody ever sees half of it. With
// `replace` false, ALREADY_EXISTS where the file is there.
absl::Status WriteFile(const std::string& path, absl::string_view content, int mode, bool replace);
absl::Status MakePrivateFolder(const std::string& path);

}  // namespace fosterwatch::auth::jose
