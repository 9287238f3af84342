#include "libs/runtime/ended_tokens.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/clock/proto_time.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::runtime {
namespace {

constexpr absl::Duration kPause = absl::Seconds(5);
// While it was never read: at a start the directory comes up beside this process.
constexpr absl::Duration kFirstPause = absl::Milliseconds(250);
// What was recorded earlier may have been committed later.
constexpr absl::Duration kOverlap = absl::Minutes(1);
constexpr absl::Duration kReadWhole = absl::Hours(1);
constexpr absl::Duration kOld = absl::Minutes(1);

}  // namespace

void EndedTokensReader::Run(const Stop& stop) {
  bool away = false;
  do {
    const absl::Status read = Read(absl::Now());
    if (!read.ok() && !away) LogStatus("which tokens were taken back cannot be asked", read);
    away = !read.ok();
  } while (!stop.WaitFor(ended_->known() ? kPause : kFirstPause));
}

absl::Status EndedTokensReader::Read(absl::Time now) {
  operations::v1::ListEndedTokensRequest request;
  const bool whole = now - whole_ >= kReadWhole;
  if (!whole) {
    *request.mutable_since_time() = clock::ToProto(since_ - kOverlap);
  }
  const auto answer = ask_(request);
  if (absl::IsUnimplemented(answer.status())) {
    // A directory of an earlier release, which keeps none.
    ended_->SetRead(now);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(answer.status());
  std::vector<auth::EndedTokens::Entry> entries;
  for (const operations::v1::EndedToken& ended : answer->ended()) {
    entries.push_back({ended.agency_id(), ended.token_id(), ended.person_id(),
                       clock::FromProto(ended.issued_until_time()),
                       clock::FromProto(ended.end_time())});
  }
  ended_->Add(entries);
  ended_->SetRead(now);
  since_ = clock::FromProto(answer->said_time());
  if (whole) whole_ = now;
  return absl::OkStatus();
}

absl::Status EndedTokensReader::Check(absl::Time now) const {
  const absl::Time read = ended_->read();
  if (now - read < kOld) return absl::OkStatus();
  return Error(absl::StatusCode::kUnavailable, "ENDED_TOKENS_OLD",
               read == absl::InfinitePast()
                   ? "which tokens were taken back was never read: the directory does not say"
                   : absl::StrCat("which tokens were taken back was last read ",
                                  absl::ToInt64Seconds(now - read), " s ago"));
}

}  // namespace fosterwatch::runtime
