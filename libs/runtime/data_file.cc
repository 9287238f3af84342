#include "libs/runtime/data_file.h"

#include <fstream>
#include <sstream>

namespace fosterwatch::runtime {

absl::StatusOr<std::string> ReadDataFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return absl::NotFoundError("the data file " + path + " cannot be read");
  }
  return text.str();
}

}  // namespace fosterwatch::runtime
