// record_ledgers FOLDER: plays the story on the binary of FOSTERWATCH_BIN_DIR, with an alert policy
// that climbs every minute, and writes a recording of its ledgers into the folder.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/replay/recording.h"
#include "tests/replay/story.h"

namespace fosterwatch::replay {
namespace {

// A copy of the data files, in which alerts climb as fast as a policy may say.
std::string QuickShare(const std::string& share) {
  std::string folder = "/tmp/fosterwatch-share-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("cannot make a folder in /tmp");
  std::filesystem::copy(share, folder, std::filesystem::copy_options::recursive);
  const std::string path = folder + "/policy/alerts.json";
  Json policy = Json::parse(std::ifstream(path));
  for (Json& edition : policy["editions"]) {
    for (const char* urgency : {"urgent", "ordinary"}) {
      edition[urgency]["every_minutes"] = 1;
      for (Json& rung : edition[urgency]["rungs"]) rung["minutes"] = 1;
    }
  }
  std::filesystem::remove(path);
  std::ofstream(path) << policy.dump(2) << "\n";
  return folder;
}

int Main(const std::string& folder) {
  const char* share = std::getenv("FOSTERWATCH_SHARE_DIR");
  if (share == nullptr) {
    std::fputs("FOSTERWATCH_SHARE_DIR does not name the data files of the binary\n", stderr);
    return 2;
  }
  testing::Installation::Options options;
  options.share_dir = QuickShare(share);
  testing::Installation installation(options);
  absl::Status status = PlayStory(installation);
  std::filesystem::create_directories(folder);
  if (status.ok()) status = Write(installation, folder);
  std::filesystem::remove_all(options.share_dir);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}

}  // namespace
}  // namespace fosterwatch::replay

int main(int argc, char** argv) {
  if (argc == 2) return fosterwatch::replay::Main(argv[1]);
  std::fputs("usage: record_ledgers FOLDER\n", stderr);
  return 2;
}
