#include "services/gateway/sign_ins.h"

#include "absl/strings/str_cat.h"

#include "fosterwatch/directory/v1/sign_ins_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::gateway {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(2);
constexpr size_t kMostUntold = 10'000;
constexpr int kMostAtOnce = 200;

bool IsAway(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status) || absl::IsCancelled(status);
}

}  // namespace

absl::Status SignIns::CheckKnown() const {
  if (verifier_->ended().known()) return absl::OkStatus();
  return Error(absl::StatusCode::kUnavailable, "ENDED_TOKENS_NOT_KNOWN",
               "which sessions have ended is not known yet; try again shortly");
}

void SignIns::Began(const auth::Caller& caller, const std::string& token, absl::Time ends) {
  auto request = std::make_shared<directory::v1::RecordSignInRequest>();
  *request->mutable_end_time() = clock::ToProto(ends);
  Say({"RecordSignIn", std::move(request), token, caller.agency_id});
}

void SignIns::Refused(const auth::Caller& caller, const std::string& reason) {
  auto request = std::make_shared<directory::v1::RecordRefusedSignInRequest>();
  request->set_person_id(caller.person_id);
  request->set_reason(reason);
  Say({"RecordRefusedSignIn", std::move(request), "", caller.agency_id});
}

bool SignIns::Left(const auth::Caller& caller, absl::Time now) {
  auth::EndedTokens::Entry here;
  here.agency_id = caller.agency_id;
  here.token_id = caller.token_id;
  here.end = now + kEndIsKept;
  verifier_->ended().Add({here});
  auto request = std::make_shared<directory::v1::RecordSignOutRequest>();
  request->set_session_id(caller.token_id);
  request->set_person_id(caller.person_id);
  return Say({"RecordSignOut", std::move(request), "", caller.agency_id});
}

absl::Status SignIns::Try(const Told& told) const {
  runtime::Client::Options options;
  options.timeout = kPatience;
  options.token = told.token;
  if (told.token.empty()) {
    options.agency_id = told.agency_id;
    ASSIGN_OR_RETURN(options.token, service_token_());
  }
  return tell_(told.method, *told.request, options);
}

bool SignIns::Say(Told told) {
  const absl::Status status = Try(told);
  if (status.ok()) return true;
  runtime::LogStatus("the directory was not told of a sign-in or sign-out", status,
                     {{"method", told.method}});
  if (!IsAway(status)) return false;
  absl::MutexLock lock(&mutex_);
  if (untold_.size() < kMostUntold) untold_.push_back(std::move(told));
  return false;
}

void SignIns::TellAgain() {
  for (int told = 0; told < kMostAtOnce; ++told) {
    Told next;
    {
      absl::MutexLock lock(&mutex_);
      if (untold_.empty()) return;
      next = untold_.front();
    }
    const absl::Status status = Try(next);
    if (IsAway(status)) return;
    if (!status.ok()) {
      runtime::LogStatus("the directory did not take a sign-in or sign-out", status,
                         {{"method", next.method}});
    }
    // Only this takes any away, and others are put behind.
    absl::MutexLock lock(&mutex_);
    untold_.pop_front();
  }
}

absl::Status SignIns::Check() const {
  absl::MutexLock lock(&mutex_);
  if (untold_.empty()) return absl::OkStatus();
  return Error(absl::StatusCode::kUnavailable, "DIRECTORY_NOT_TOLD",
               absl::StrCat("the directory is still to be told of ", untold_.size(),
                            " sign-ins or sign-outs"));
}

}  // namespace fosterwatch::gateway
