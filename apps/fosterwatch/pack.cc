#include "apps/fosterwatch/pack.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "libs/ledger/id.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

namespace v1 = packs::v1;
using v1::Pack;

constexpr char kArea[] = "packs";
constexpr char kService[] = "PacksService";

// To standard error, so that standard output is the document alone.
class ProgressLine {
 public:
  void Show(const Pack& pack) {
    std::string line = pack.state() == Pack::STATE_WAITING
                           ? std::string("waiting")
                           : absl::StrCat(pack.steps_done(), " of ", pack.steps(), ": ",
                                          Word(Pack::Step_Name(pack.step()), "STEP_"));
    if (pack.records_read() > 0) absl::StrAppend(&line, ", ", pack.records_read(), " records read");
    if (line == shown_) return;
    std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", line.c_str());
    std::fflush(stderr);
    shown_ = line;
  }
  void End() {
    if (terminal_ && !shown_.empty()) std::fputs("\r\033[K", stderr);
  }

 private:
  const bool terminal_ = isatty(STDERR_FILENO) == 1;
  std::string shown_;
};

struct Told {
  std::string as_at, seed, edition, output;
  int sample_size = 0;
};

// Orders it and puts its files into the folder that was named.
absl::Status Keep(const Context& context, const Told& told, const std::string& method,
                  const google::protobuf::Message& request) {
  // Before the work: a folder that cannot be made is no reason to have read everything.
  std::error_code error;
  std::filesystem::create_directories(told.output, error);
  if (error) return UsageError("output", "names a folder that cannot be made");
  std::filesystem::permissions(told.output, std::filesystem::perms::owner_all, error);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const Pack pack, OrderPack(*remote, method, request));
  for (const v1::PackFile& file : pack.files()) {
    ASSIGN_OR_RETURN(const std::string content, FetchPackFile(*remote, pack, file.name()));
    RETURN_IF_ERROR(WritePrivateFile(told.output + "/" + file.name(), content));
  }
  if (context.json) {
    PrintJson(pack);
    return absl::OkStatus();
  }
  Table table({"FILE", "BYTES", "SHA-256"});
  for (const v1::PackFile& file : pack.files()) {
    table.Add({file.name(), absl::StrCat(file.size()), file.sha256().substr(0, 16)});
  }
  std::printf("%s\nhash on the cover %s\n", table.Text().c_str(), pack.manifest_sha256().c_str());
  return absl::OkStatus();
}

absl::Status Inspection(const Context& context, const Told& told) {
  v1::MakeInspectionPackRequest request;
  if (!told.as_at.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_as_at_time(), ParseMoment(told.as_at, "as-at"));
  }
  request.set_seed(told.seed);
  request.set_sample_size(told.sample_size);
  return Keep(context, told, "MakeInspectionPack", request);
}

absl::Status Board(const Context& context, const Told& told) {
  v1::MakeBoardEditionRequest request;
  request.set_edition_id(told.edition);
  return Keep(context, told, "MakeBoardEdition", request);
}

}  // namespace

absl::StatusOr<Pack> OrderPack(Remote& remote, const std::string& method,
                               const google::protobuf::Message& request) {
  ASSIGN_OR_RETURN(Pack pack, remote.Call<Pack>(kArea, kService, method, request));
  v1::GetPackRequest get;
  get.set_pack_id(pack.pack_id());
  ProgressLine line;
  for (absl::Duration pause = absl::Milliseconds(50);
       pack.state() == Pack::STATE_WAITING || pack.state() == Pack::STATE_MAKING;
       pause = std::min(2 * pause, absl::Milliseconds(500))) {
    line.Show(pack);
    absl::SleepFor(pause);
    ASSIGN_OR_RETURN(pack, remote.Call<Pack>(kArea, kService, "GetPack", get));
  }
  line.End();
  if (pack.state() != Pack::STATE_READY) {
    return Error(absl::StatusCode::kFailedPrecondition, pack.failure_reason(),
                 absl::StrCat("the document was not made: ", pack.failure()));
  }
  return pack;
}

absl::StatusOr<std::string> FetchPackFile(Remote& remote, const Pack& pack,
                                          const std::string& name) {
  const auto about = std::find_if(pack.files().begin(), pack.files().end(),
                                  [&](const v1::PackFile& file) { return file.name() == name; });
  if (about == pack.files().end()) return absl::InternalError("the document has no such file");
  std::string content;
  v1::ReadPackFileRequest read;
  read.set_pack_id(pack.pack_id());
  read.set_name(name);
  while (static_cast<int64_t>(content.size()) < about->size()) {
    read.set_offset(static_cast<int64_t>(content.size()));
    ASSIGN_OR_RETURN(const auto part,
                     remote.Call<v1::PackFilePart>(kArea, kService, "ReadPackFile", read));
    if (part.content().empty()) break;
    content += part.content();
  }
  if (ledger::Sha256(content) != about->sha256()) {
    return absl::DataLossError("what arrived is not what the hash says");
  }
  return content;
}

absl::Status WritePrivateFile(const std::string& path, const std::string& content) {
  const auto failed = [&] {
    return Error(absl::StatusCode::kFailedPrecondition, "CANNOT_WRITE",
                 absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
  };
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return failed();
  for (size_t written = 0; written < content.size();) {
    const ssize_t now = write(fd, content.data() + written, content.size() - written);
    if (now < 0 && errno == EINTR) continue;
    if (now <= 0) {
      const absl::Status status = failed();
      close(fd);
      return status;
    }
    written += static_cast<size_t>(now);
  }
  if (close(fd) != 0) return failed();
  return absl::OkStatus();
}

void AddPack(CLI::App& app, Context* context) {
  CLI::App* pack = app.add_subcommand("pack", "Documents for others, such as inspectors");
  pack->require_subcommand(1);
  auto told = std::make_shared<Told>();
  CLI::App* inspection = pack->add_subcommand(
      "inspection",
      "What an inspector asks for first, as PDF, HTML, XLSX and CSV; names carers "
      "[as registered_manager]");
  AddRemoteOptions(inspection, context);
  inspection->add_option("--as-at", told->as_at, "what was recorded by then [now]");
  inspection->add_option("--output", told->output, "the folder for its files")->required();
  inspection->add_option("--seed", told->seed, "of the dip sample [the day]");
  inspection->add_option("--sample-size", told->sample_size,
                         "records of each register, 1 to 50 [5]");
  inspection->footer(
      "The same request of the same registers gives the same bytes; SHA256SUMS is for sha256sum "
      "-c.\n"
      "  fosterwatch pack inspection --as-at '2026-11-22 09:00' --seed kestrel --output pack\n");
  inspection->callback(
      [context, told] { context->run = [context, told] { return Inspection(*context, *told); }; });
  CLI::App* board = pack->add_subcommand(
      "board", "A frozen edition of figures as PDF, HTML, XLSX and CSV [as registered_manager]");
  AddRemoteOptions(board, context);
  board->add_option("edition", told->edition, "its id, such as board-2026-10-1")->required();
  board->add_option("--output", told->output, "the folder for its files")->required();
  board->callback(
      [context, told] { context->run = [context, told] { return Board(*context, *told); }; });
}

}  // namespace fosterwatch::app
