// Who is signed in, and which tokens were taken back before their end. The rows are no facts: they
// go once they say nothing more. What stays is who did what, when, in the log of who looked at what
// (libs/runtime/access.h), written in the same transaction.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/directory/v1/sign_ins_service.pb.h"
#include "fosterwatch/operations/v1/ended_tokens_service.pb.h"
#include "libs/ledger/ledger.h"
#include "libs/pg/migrate.h"
#include "libs/runtime/door.h"

namespace fosterwatch::directory {

class SignIns {
 public:
  // The ledger outlives it.
  SignIns(ledger::Ledger* ledger, std::function<absl::Time()> now)
      : ledger_(ledger), now_(std::move(now)) {}

  absl::StatusOr<v1::SignedIn> RecordSignIn(const runtime::Call& call,
                                            const v1::RecordSignInRequest& request);
  absl::StatusOr<v1::RecordRefusedSignInResponse> RecordRefusedSignIn(
      const runtime::Call& call, const v1::RecordRefusedSignInRequest& request);
  absl::StatusOr<v1::RecordSignOutResponse> RecordSignOut(const runtime::Call& call,
                                                          const v1::RecordSignOutRequest& request);
  absl::StatusOr<v1::ListSessionsResponse> ListMySessions(const runtime::Call& call,
                                                          const v1::ListMySessionsRequest& request);
  absl::StatusOr<v1::EndSessionResponse> EndMySession(const runtime::Call& call,
                                                      const v1::EndMySessionRequest& request);
  absl::StatusOr<v1::ListSessionsResponse> ListSessions(const runtime::Call& call,
                                                        const v1::ListSessionsRequest& request);
  absl::StatusOr<v1::EndSessionResponse> EndSession(const runtime::Call& call,
                                                    const v1::EndSessionRequest& request);
  absl::StatusOr<v1::EndSessionResponse> EndTokensOf(const runtime::Call& call,
                                                     const v1::EndTokensOfRequest& request);
  absl::StatusOr<operations::v1::ListEndedTokensResponse> ListEndedTokens(
      const runtime::Call& call, const operations::v1::ListEndedTokensRequest& request);

 private:
  absl::StatusOr<v1::ListSessionsResponse> Sessions(const std::string& agency_id,
                                                    const std::string& person_id);
  // Whose session it is; NOT_FOUND where there is none, or none of this person where one is named.
  absl::Status CheckThere(const std::string& agency_id, const std::string& session_id,
                          const std::string& person_id);
  absl::StatusOr<v1::EndSessionResponse> End(const runtime::Call& call,
                                             const google::protobuf::Message& request,
                                             const std::string& token_id, absl::Time end,
                                             const std::string& ended_by);

  ledger::Ledger* const ledger_;
  const std::function<absl::Time()> now_;
};

pg::Migration SignInsMigration(const std::string& role);

}  // namespace fosterwatch::directory
