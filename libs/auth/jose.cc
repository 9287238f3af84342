#include "libs/auth/jose.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <system_error>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include <fcntl.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fosterwatch::auth::jose {
namespace {

absl::Status FileError(absl::string_view what, const std::string& path) {
  const absl::StatusCode code =
      errno == ENOENT ? absl::StatusCode::kNotFound : absl::StatusCode::kUnavailable;
  return absl::Status(code, absl::StrCat(what, " ", path, ": ", std::strerror(errno)));
}

}  // namespace

std::string ToBase64Url(absl::string_view bytes) { return absl::WebSafeBase64Escape(bytes); }

std::optional<std::string> FromBase64Url(absl::string_view text) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes) || ToBase64Url(bytes) != text) {
    return std::nullopt;
  }
  return bytes;
}

std::string Sha256(absl::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string RandomBytes(int count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), count) != 1) std::abort();
  return bytes;
}

std::optional<nlohmann::json> ParseObject(absl::string_view text) {
  std::vector<std::set<std::string>> names;
  bool twice = false;
  const auto look = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) names.emplace_back();
    if (event == Event::object_end) names.pop_back();
    if (event == Event::key) twice |= !names.back().insert(parsed.get<std::string>()).second;
    return true;
  };
  nlohmann::json object = nlohmann::json::parse(text.begin(), text.end(), look, false);
  if (twice || !object.is_object()) return std::nullopt;
  return object;
}

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t limit) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return FileError("cannot open", path);
  const absl::Cleanup closed = [file] { close(file); };
  std::string content(limit + 1, '\0');
  size_t size = 0;
  while (size < content.size()) {
    const ssize_t count = read(file, content.data() + size, content.size() - size);
    if (count < 0) return FileError("cannot read", path);
    if (count == 0) break;
    size += static_cast<size_t>(count);
  }
  if (size > limit) return absl::InvalidArgumentError(absl::StrCat(path, " is too large"));
  content.resize(size);
  return content;
}

absl::Status WriteFile(const std::string& path, absl::string_view content, int mode, bool replace) {
  const std::string draft = absl::StrCat(path, ".", absl::BytesToHexString(RandomBytes(8)), ".new");
  const int file = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return FileError("cannot write", draft);
  const absl::Cleanup gone = [&draft] { unlink(draft.c_str()); };
  while (!content.empty()) {
    const ssize_t count = write(file, content.data(), content.size());
    if (count < 0) {
      const absl::Status failed = FileError("cannot write", draft);
      close(file);
      return failed;
    }
    content.remove_prefix(static_cast<size_t>(count));
  }
  const bool kept = fsync(file) == 0;
  if (close(file) != 0 || !kept) return FileError("cannot write", draft);
  if (replace) {
    if (rename(draft.c_str(), path.c_str()) != 0) return FileError("cannot write", path);
  } else if (link(draft.c_str(), path.c_str()) != 0) {
    if (errno == EEXIST) return absl::AlreadyExistsError(absl::StrCat(path, " is there"));
    return FileError("cannot write", path);
  }
  return absl::OkStatus();
}

absl::Status MakePrivateFolder(const std::string& path) {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return FileError("cannot make", path);
  return absl::OkStatus();
}

}  // namespace fosterwatch::auth::jose
