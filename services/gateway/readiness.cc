#include "services/gateway/readiness.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "fosterwatch/operations/v1/vitals_service.pb.h"

namespace fosterwatch::gateway {
namespace {

using operations::v1::Vitals;

constexpr absl::Duration kFresh = absl::Seconds(1);
constexpr absl::Duration kPatience = absl::Seconds(1);
constexpr char kVitals[] = "/fosterwatch.operations.v1.VitalsService/GetVitals";
// Callers that wait for one round of asking; more are told what is known.
constexpr size_t kMostWaiting = 64;

// grpc.health.v1: an empty request asks for the whole server; field 1 of the answer is 1 when it
// serves.
constexpr char kHealth[] = "/grpc.health.v1.Health/Check";

std::string VitalsOf(const std::string& health) {
  Vitals vitals;
  vitals.set_ready(health == "\x08\x01");
  return vitals.SerializeAsString();
}

// Why a process is not ready, in its own words.
std::string WhyNot(const Vitals& vitals) {
  if (vitals.stopping()) return "it is stopping";
  // All in one process: its own checks are shown already.
  const auto& modules = vitals.modules();
  if (std::find(modules.begin(), modules.end(), "gateway") != modules.end()) {
    return "it is part of this process";
  }
  std::string why;
  for (const Vitals::Check& check : vitals.checks()) {
    if (check.good() || !check.decides()) continue;
    absl::StrAppend(&why, why.empty() ? "" : "; ", check.name(), ": ", check.text());
  }
  return why.empty() ? "it is not ready" : why;
}

}  // namespace

Readiness::Readiness(Options options) : options_(std::move(options)) {
  for (const std::string& name : options_.owners) {
    owners_.push_back({name, false, false, "it has not been asked yet"});
  }
}

void Readiness::SetStopping() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
}

void Readiness::Answer(const HttpRequest& request, ReplyPtr reply) {
  Asker asker{false, absl::StrContains(request.Header("accept"), "application/json"),
              std::move(reply)};
  for (const absl::string_view word : absl::StrSplit(request.query, '&')) {
    if (word.substr(0, word.find('=')) == "verbose") asker.verbose = true;
  }
  size_t count = 0;
  {
    absl::MutexLock lock(&mutex_);
    const bool fresh = awaited_ == 0 && options_.now() - asked_ < kFresh;
    if (fresh || waiting_.size() >= kMostWaiting) return asker.reply->Send(Verdict(asker));
    waiting_.push_back(std::move(asker));
    if (awaited_ > 0) return;
    asked_ = options_.now();
    count = owners_.size();
    // One more for this thread, which is done with asking last.
    awaited_ = count + 1;
  }
  runtime::Client::Options call;
  call.timeout = kPatience;
  const absl::StatusOr<std::string> token = options_.service_token();
  if (token.ok()) call.token = *token;
  // Without a token of its own it learns whether a service is ready, and not why it is not.
  const bool may_ask_why = token.ok();
  for (size_t i = 0; i < count; ++i) {
    options_.client->CallAsync(
        options_.owners[i], may_ask_why ? kVitals : kHealth, "", call,
        [self = shared_from_this(), i, may_ask_why](absl::StatusOr<std::string> answer) {
          if (!may_ask_why && answer.ok()) answer = VitalsOf(*answer);
          self->Heard(i, answer);
          self->Done();
        });
  }
  Done();
}

void Readiness::Heard(size_t owner, const absl::StatusOr<std::string>& answer) {
  Vitals vitals;
  const bool readable = answer.ok() && vitals.ParseFromString(*answer);
  absl::MutexLock lock(&mutex_);
  Owner& heard = owners_[owner];
  heard.good = readable && vitals.ready();
  heard.was_good |= heard.good;
  heard.text = heard.good     ? ""
               : readable     ? WhyNot(vitals)
               : !answer.ok() ? runtime::PlainWords(absl::Status(answer.status().code(), ""))
                              : "its answer cannot be read";
}

void Readiness::Done() {
  absl::MutexLock lock(&mutex_);
  if (--awaited_ > 0) return;
  std::vector<Asker> waiting;
  waiting.swap(waiting_);
  for (const Asker& asker : waiting) asker.reply->Send(Verdict(asker));
}

HttpResponse Readiness::Verdict(const Asker& asker) {
  std::vector<runtime::CheckLine> lines = options_.own();
  if (stopping_) lines.insert(lines.begin(), {"gateway", false, true, "it is stopping", ""});
  for (const Owner& owner : owners_) {
    lines.push_back(
        {absl::StrCat("service ", owner.name), owner.good, !owner.was_good, owner.text, ""});
  }
  const int status = runtime::AllReady(lines) ? 200 : 503;
  HttpResponse response =
      asker.json ? HttpResponse::Of(status, "application/json", runtime::ReadyJson(lines))
                 : HttpResponse::Of(status, "text/plain; charset=utf-8",
                                    runtime::ReadyText(lines, asker.verbose));
  if (status == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace fosterwatch::gateway
