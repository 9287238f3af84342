#include "services/gateway/static_files.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/status/error.h"
#include "services/gateway/gzip.h"

namespace fosterwatch::gateway {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostBytes = 64 * 1024 * 1024;

std::string ContentTypeOf(const std::string& name) {
  static const auto& types = *new std::map<std::string, std::string>{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".map", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".webp", "image/webp"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
  };
  const auto found = types.find(fs::path(name).extension().string());
  return found == types.end() ? "application/octet-stream" : found->second;
}

bool IsText(const std::string& content_type) {
  return absl::StartsWith(content_type, "text/") || absl::StrContains(content_type, "json") ||
         absl::StrContains(content_type, "svg");
}

}  // namespace

absl::StatusOr<StaticFiles> StaticFiles::Load(const std::string& folder) {
  StaticFiles loaded;
  size_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_symlink(error) || !entry->is_regular_file(error)) continue;
    std::ifstream input(entry->path(), std::ios::binary);
    std::stringstream text;
    text << input.rdbuf();
    if (!input) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot read ", entry->path().string(), " of the web application"));
    }
    File file;
    file.plain = std::make_shared<const std::string>(text.str());
    bytes += file.plain->size();
    if (bytes > kMostBytes) {
      return absl::FailedPreconditionError(
          absl::StrCat("web_dir ", folder, " holds more than 64 MB: it is no built application"));
    }
    const std::string path = absl::StrCat("/", entry->path().lexically_relative(folder).string());
    file.content_type = ContentTypeOf(path);
    if (IsText(file.content_type)) {
      auto gzip = std::make_shared<const std::string>(Compress(*file.plain));
      if (gzip->size() < file.plain->size()) file.gzip = std::move(gzip);
    }
    loaded.files_[path] = std::move(file);
  }
  if (error || loaded.files_.count("/index.html") == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("web_dir ", folder,
                     " has no index.html: build the web application there, or "
                     "leave --web-dir empty"));
  }
  return loaded;
}

StaticFiles StaticFiles::None() { return StaticFiles(); }

HttpResponse StaticFiles::Answer(const HttpRequest& request) const {
  const std::string path = request.path == "/" ? "/index.html" : request.path;
  auto found = files_.find(path);
  const bool page = path.find('.', path.rfind('/')) == std::string::npos;
  if (found == files_.end() && page) found = files_.find("/index.html");
  if (found == files_.end()) {
    return Problem(
        Error(absl::StatusCode::kNotFound, files_.empty() ? "PAGES_NOT_SERVED" : "NO_SUCH_PAGE",
              files_.empty() ? "this gateway serves no pages" : "there is no such page"));
  }
  const File& file = found->second;
  HttpResponse response;
  const bool hashed = absl::StartsWith(found->first, "/assets/");
  response.headers = {
      {"Content-Type", file.content_type},
      {"Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-store"}};
  response.body = file.plain;
  if (file.gzip != nullptr) {
    response.headers.emplace_back("Vary", "Accept-Encoding");
    if (request.AcceptsGzip()) {
      response.headers.emplace_back("Content-Encoding", "gzip");
      response.body = file.gzip;
    }
  }
  return response;
}

}  // namespace fosterwatch::gateway
