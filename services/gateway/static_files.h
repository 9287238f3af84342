// The built web application, held in memory from the start: a request looks a path up and reads no
// file, so there is no path to climb out by. Any thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "services/gateway/http.h"

namespace fosterwatch::gateway {

class StaticFiles {
 public:
  // Reads the folder's regular files; symbolic links are left out. FAILED_PRECONDITION where it has
  // no index.html or more than 64 MB.
  static absl::StatusOr<StaticFiles> Load(const std::string& folder);
  // Serves nothing but a line that says so.
  static StaticFiles None();

  // The answer to a GET or HEAD: the file; index.html for a path without a dot in its last part,
  // since that is a page of the application; 404 otherwise. What stands under /assets/ has a hash
  // in its name and may be kept for ever; nothing else is kept.
  HttpResponse Answer(const HttpRequest& request) const;

 private:
  struct File {
    std::string content_type;
    std::shared_ptr<const std::string> plain;
    std::shared_ptr<const std::string> gzip;  // null where it gains nothing
  };
  std::map<std::string, File, std::less<>> files_;  // by "/path"
};

}  // namespace fosterwatch::gateway
