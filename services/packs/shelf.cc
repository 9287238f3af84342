#include "services/packs/shelf.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/ledger/id.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::packs {
namespace {

// Below what a call answers with, and worth a call.
constexpr int64_t kPartBytes = 512 * 1024;

}  // namespace

struct Shelf::Item {
  Owner owner;
  v1::Pack pack;
  Order order;
  std::vector<File> files;
  absl::Time keep_until;

  int64_t bytes() const {
    int64_t bytes = 0;
    for (const File& file : files) bytes += static_cast<int64_t>(file.content.size());
    return bytes;
  }
};

Shelf::Shelf(std::function<absl::Time()> now, Limits limits)
    : now_(std::move(now)), limits_(limits) {}

Shelf::~Shelf() = default;

absl::StatusOr<v1::Pack> Shelf::Put(const Owner& owner, v1::Pack pack, Order order) {
  absl::MutexLock lock(&mutex_);
  Forget();
  if (waiting_.size() >= static_cast<size_t>(limits_.waiting)) {
    return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_PACKS",
                 "too many documents wait to be made: try again in a minute");
  }
  auto item = std::make_unique<Item>();
  pack.set_pack_id(ledger::NewId());
  pack.set_state(v1::Pack::STATE_WAITING);
  item->owner = owner;
  item->pack = pack;
  item->order = std::move(order);
  waiting_.push_back(pack.pack_id());
  items_.emplace(pack.pack_id(), std::move(item));
  return pack;
}

absl::StatusOr<Shelf::Item*> Shelf::FindLocked(const Owner& owner, const std::string& pack_id) {
  Forget();
  const auto found = items_.find(pack_id);
  if (found == items_.end() || !(found->second->owner == owner)) {
    return Error(
        absl::StatusCode::kNotFound, "UNKNOWN_PACK",
        "no such document of yours is kept: it may have been some time ago, make it again");
  }
  return found->second.get();
}

absl::StatusOr<v1::Pack> Shelf::Find(const Owner& owner, const std::string& pack_id) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const Item* item, FindLocked(owner, pack_id));
  return item->pack;
}

absl::StatusOr<v1::PackFilePart> Shelf::Read(const Owner& owner,
                                             const v1::ReadPackFileRequest& request) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const Item* item, FindLocked(owner, request.pack_id()));
  if (item->pack.state() != v1::Pack::STATE_READY) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOT_READY", "the document is not ready");
  }
  const auto file = std::find_if(item->files.begin(), item->files.end(), [&](const File& file) {
    return file.about.name() == request.name();
  });
  if (file == item->files.end()) {
    return Error(absl::StatusCode::kNotFound, "UNKNOWN_FILE", "the document has no such file",
                 {{"name", "is the name of none of its files"}});
  }
  const int64_t size = file->about.size();
  if (request.offset() < 0 || request.offset() > size) {
    return InvalidField("offset", "OUT_OF_RANGE", "is not within the file");
  }
  v1::PackFilePart part;
  part.set_size(size);
  part.set_content(file->content.substr(request.offset(), kPartBytes));
  return part;
}

void Shelf::Work(absl::Duration time, const std::function<bool()>& stopped) {
  std::string pack_id;
  Order order;
  {
    absl::MutexLock lock(&mutex_);
    const auto has_one = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return !waiting_.empty(); };
    mutex_.AwaitWithTimeout(absl::Condition(&has_one), time);
    Forget();
    if (waiting_.empty()) return;
    pack_id = waiting_.front();
    waiting_.pop_front();
    Item& item = *items_.at(pack_id);
    item.pack.set_state(v1::Pack::STATE_MAKING);
    order = std::move(item.order);
  }
  absl::StatusOr<Bound> made = order([&](v1::Pack::Step step, int64_t records_read) {
    absl::MutexLock lock(&mutex_);
    v1::Pack& pack = items_.at(pack_id)->pack;
    if (step != pack.step()) {
      if (pack.step() != v1::Pack::STEP_UNSPECIFIED) pack.set_steps_done(pack.steps_done() + 1);
      pack.set_step(step);
    }
    pack.set_records_read(records_read);
    return !stopped();
  });
  // The caller's token goes with it.
  order = nullptr;
  Finish(pack_id, std::move(made));
}

void Shelf::Finish(const std::string& pack_id, absl::StatusOr<Bound> made) {
  absl::MutexLock lock(&mutex_);
  Item& item = *items_.at(pack_id);
  item.keep_until = now_() + limits_.keep;
  *item.pack.mutable_kept_until_time() = clock::ToProto(item.keep_until);
  if (made.ok()) {
    item.pack.set_state(v1::Pack::STATE_READY);
    item.pack.set_steps_done(item.pack.steps());
    item.pack.clear_step();
    item.pack.set_manifest_sha256(made->manifest_sha256);
    item.files = std::move(made->files);
    for (const File& file : item.files) *item.pack.add_files() = file.about;
  } else {
    // What has a reason of ours is written for people; anything else is for the log.
    const std::string reason = ReasonOf(made.status());
    runtime::LogStatus("a document was not made", made.status(),
                       {{"kind", v1::Pack::Kind_Name(item.pack.kind())}});
    item.pack.set_state(v1::Pack::STATE_FAILED);
    item.pack.set_failure_reason(reason.empty() ? absl::StatusCodeToString(made.status().code())
                                                : reason);
    item.pack.set_failure(reason.empty() ? "an error of Fosterwatch; its log says more"
                                         : std::string(made.status().message()));
  }
  bytes_ += item.bytes();
  finished_.push_back(pack_id);
  Forget();
}

void Shelf::Forget() {
  // The newest stays, however large it is.
  while (!finished_.empty()) {
    const auto oldest = items_.find(finished_.front());
    const bool over = bytes_ > limits_.bytes && finished_.size() > 1;
    if (!over && oldest->second->keep_until > now_()) return;
    bytes_ -= oldest->second->bytes();
    items_.erase(oldest);
    finished_.pop_front();
  }
}

int Shelf::waiting() {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(waiting_.size());
}

}  // namespace fosterwatch::packs
