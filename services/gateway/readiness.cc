#include "services/gateway/readiness.h"

#include "absl/strings/str_cat.h"

namespace fosterwatch::gateway {
namespace {

constexpr absl::Duration kFresh = absl::Seconds(1);
constexpr absl::Duration kPatience = absl::Seconds(1);
// grpc.health.v1: an empty request asks for the whole server; field 1 of the answer is 1 when it
// serves.
constexpr char kHealth[] = "/grpc.health.v1.Health/Check";
constexpr absl::string_view kServing = "\x08\x01";

}  // namespace

Readiness::Readiness(runtime::Client* client, std::vector<std::string> owners,
                     std::function<std::vector<Own>()> own, std::function<absl::Time()> now)
    : client_(client), own_(std::move(own)), now_(std::move(now)) {
  for (std::string& name : owners) owners_.push_back({std::move(name)});
}

void Readiness::Answer(bool verbose, ReplyPtr reply) {
  std::vector<std::string> to_ask;
  {
    absl::MutexLock lock(&mutex_);
    if (awaited_ == 0 && now_() - asked_ < kFresh) return reply->Send(Verdict(verbose));
    waiting_.emplace_back(verbose, std::move(reply));
    if (awaited_ > 0) return;
    asked_ = now_();
    for (const Owner& owner : owners_) to_ask.push_back(owner.name);
    // One more for this thread, which is done with asking last.
    awaited_ = to_ask.size() + 1;
  }
  runtime::Client::Options call;
  call.timeout = kPatience;
  for (size_t i = 0; i < to_ask.size(); ++i) {
    client_->CallAsync(to_ask[i], kHealth, "", call,
                       [self = shared_from_this(), i](absl::StatusOr<std::string> answer) {
                         self->Heard(i, answer.ok() && *answer == kServing);
                       });
  }
  Heard(to_ask.size(), true);
}

void Readiness::Heard(size_t owner, bool ok) {
  std::vector<std::pair<bool, ReplyPtr>> waiting;
  absl::MutexLock lock(&mutex_);
  if (owner < owners_.size()) {
    owners_[owner].ok = ok;
    owners_[owner].was_ok |= ok;
  }
  if (--awaited_ > 0) return;
  waiting.swap(waiting_);
  for (auto& [verbose, reply] : waiting) reply->Send(Verdict(verbose));
}

HttpResponse Readiness::Verdict(bool verbose) {
  bool ready = true;
  std::string lines;
  const auto add = [&](absl::string_view name, bool ok, bool decides) {
    ready = ready && (ok || !decides);
    absl::StrAppend(&lines,
                    ok        ? "[+] "
                    : decides ? "[-] "
                              : "[~] ",
                    name, ok ? " is ready\n" : " is not ready\n");
  };
  for (const Own& own : own_()) add(own.name, own.ok, own.decides);
  for (const Owner& owner : owners_)
    add(absl::StrCat("service ", owner.name), owner.ok, !owner.was_ok);
  std::string text = ready ? "ready\n" : "not ready\n";
  if (verbose) text = lines + text;
  return HttpResponse::Of(ready ? 200 : 503, "text/plain; charset=utf-8", std::move(text));
}

}  // namespace fosterwatch::gateway
