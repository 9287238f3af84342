#include "services/directory/sign_ins.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "libs/clock/proto_time.h"
#include "libs/ledger/service.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::directory {
namespace {

// For how long a session that is over is still listed.
constexpr absl::Duration kShownFor = absl::Hours(24);
// Tokens of a session that has ended are not issued anew, and none is good for longer than this
// without that: the gateway takes no longer idleness.
constexpr absl::Duration kEndedFor = absl::Hours(24);
// The longest that a program's token is good for is a year and a day.
constexpr absl::Duration kShutOutFor = absl::Hours(24 * 400);
constexpr int64_t kMostSessions = 500;
constexpr size_t kMostIdBytes = 200;

absl::Status CheckId(absl::string_view field, const std::string& id) {
  if (id.empty()) return InvalidField(field, "MISSING_FIELD", "is missing");
  if (id.size() > kMostIdBytes) return InvalidField(field, "TOO_LONG", "is over 200 characters");
  return absl::OkStatus();
}

bool IsReason(const std::string& reason) {
  return !reason.empty() && reason.size() <= 60 &&
         std::all_of(reason.begin(), reason.end(),
                     [](char c) { return absl::ascii_isupper(c) || c == '_'; });
}

v1::EndSessionResponse Ended(absl::Time at) {
  v1::EndSessionResponse response;
  *response.mutable_ended_time() = clock::ToProto(at);
  return response;
}

// What the row in the log of who looked at what says: which session, or whose tokens. An id of a
// person may be a mail address, which does not go there.
void Name(const runtime::Call& call, const std::string& id) {
  if (call.access == nullptr) return;
  const bool plain = std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("-_.:/", c);
  });
  call.access->records.insert(absl::StrCat("record:", plain ? id : "?"));
}

// Of an entry that is there already the later end counts.
pg::Statement EndStatement(const std::string& agency_id, const std::string& token_id,
                           const std::string& person_id, absl::Time now, absl::Time end) {
  return {
      "INSERT INTO sign_in.ended_token VALUES ($1, $2, $3, $4, $4, $5)"
      " ON CONFLICT (agency_id, token_id, person_id) DO UPDATE SET"
      " issued_until = excluded.issued_until, recorded_at = excluded.recorded_at,"
      " ends_at = greatest(ended_token.ends_at, excluded.ends_at)",
      {agency_id, token_id, person_id, now, end}};
}

pg::Statement ForgetOver(const std::string& agency_id, absl::Time now) {
  return {"DELETE FROM sign_in.ended_token WHERE agency_id = $1 AND ends_at < $2",
          {agency_id, now - absl::Hours(1)}};
}

}  // namespace

absl::StatusOr<v1::SignedIn> SignIns::RecordSignIn(const runtime::Call& call,
                                                   const v1::RecordSignInRequest& request) {
  const absl::Time now = now_();
  const absl::Time end = request.has_end_time() && clock::IsValid(request.end_time())
                             ? clock::FromProto(request.end_time())
                             : absl::InfiniteFuture();
  if (end <= now || end > now + kShutOutFor) {
    return InvalidField("end_time", "INVALID_TIME", "is no moment of the next 400 days");
  }
  std::vector<std::string> roles;
  for (const options::v1::Role role : call.caller.roles) roles.push_back(auth::WordOfRole(role));
  Name(call, call.caller.token_id);
  ledger::Unit unit = ledger::UnitOf(call, request);
  unit.effects.push_back({"DELETE FROM sign_in.session WHERE agency_id = $1 AND ends_at < $2",
                          {call.agency_id, now - kShownFor}});
  unit.effects.push_back(
      {"INSERT INTO sign_in.session VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
       {call.agency_id, call.caller.token_id, call.caller.person_id, absl::StrJoin(roles, ","), now,
        end}});
  RETURN_IF_ERROR(ledger_->SubmitAndWait(std::move(unit)).status());
  v1::SignedIn session;
  session.set_session_id(call.caller.token_id);
  session.set_person_id(call.caller.person_id);
  for (const options::v1::Role role : call.caller.roles) session.add_roles(role);
  *session.mutable_begin_time() = clock::ToProto(now);
  *session.mutable_end_time() = clock::ToProto(end);
  return session;
}

absl::StatusOr<v1::RecordRefusedSignInResponse> SignIns::RecordRefusedSignIn(
    const runtime::Call& call, const v1::RecordRefusedSignInRequest& request) {
  RETURN_IF_ERROR(CheckId("person_id", request.person_id()));
  if (!IsReason(request.reason())) {
    return InvalidField("reason", "INVALID_REASON", "is no word in capitals");
  }
  // A row of the person's own, as the door would have written it if they had come as far.
  auto note = std::make_shared<runtime::AccessNote>();
  note->agency_id = call.agency_id;
  note->person_id = request.person_id();
  note->method = "fosterwatch.directory.v1.SignInsService/RecordSignIn";
  note->outcome = "PERMISSION_DENIED";
  note->reason = request.reason();
  if (call.access != nullptr) note->trace_id = call.access->trace_id;
  ledger::Unit unit;
  unit.agency_id = call.agency_id;
  unit.access = std::move(note);
  RETURN_IF_ERROR(ledger_->SubmitAndWait(std::move(unit)).status());
  return v1::RecordRefusedSignInResponse();
}

absl::StatusOr<v1::RecordSignOutResponse> SignIns::RecordSignOut(
    const runtime::Call& call, const v1::RecordSignOutRequest& request) {
  RETURN_IF_ERROR(CheckId("session_id", request.session_id()));
  RETURN_IF_ERROR(CheckId("person_id", request.person_id()));
  runtime::Call theirs = call;
  if (call.access != nullptr) {
    // In the log it is the person who signed out, not the gateway that says so.
    theirs.access = std::make_shared<runtime::AccessNote>();
    theirs.access->agency_id = call.agency_id;
    theirs.access->person_id = request.person_id();
    theirs.access->method = call.access->method;
    theirs.access->outcome = "OK";
    theirs.access->trace_id = call.access->trace_id;
  }
  RETURN_IF_ERROR(
      End(theirs, request, request.session_id(), now_() + kEndedFor, request.person_id()).status());
  return v1::RecordSignOutResponse();
}

absl::StatusOr<v1::ListSessionsResponse> SignIns::ListMySessions(const runtime::Call& call,
                                                                 const v1::ListMySessionsRequest&) {
  return Sessions(call.agency_id, call.caller.person_id);
}

absl::StatusOr<v1::ListSessionsResponse> SignIns::ListSessions(
    const runtime::Call& call, const v1::ListSessionsRequest& request) {
  return Sessions(call.agency_id, request.person_id());
}

absl::StatusOr<v1::EndSessionResponse> SignIns::EndMySession(
    const runtime::Call& call, const v1::EndMySessionRequest& request) {
  if (request.session_id().empty()) {
    return End(call, request, call.caller.token_id,
               std::max(call.caller.expires + absl::Minutes(5), now_() + kEndedFor),
               call.caller.person_id);
  }
  RETURN_IF_ERROR(CheckThere(call.agency_id, request.session_id(), call.caller.person_id));
  return End(call, request, request.session_id(), now_() + kEndedFor, call.caller.person_id);
}

absl::StatusOr<v1::EndSessionResponse> SignIns::EndSession(const runtime::Call& call,
                                                           const v1::EndSessionRequest& request) {
  RETURN_IF_ERROR(CheckId("session_id", request.session_id()));
  RETURN_IF_ERROR(CheckThere(call.agency_id, request.session_id(), ""));
  return End(call, request, request.session_id(), now_() + kEndedFor, call.caller.person_id);
}

absl::StatusOr<v1::EndSessionResponse> SignIns::EndTokensOf(const runtime::Call& call,
                                                            const v1::EndTokensOfRequest& request) {
  RETURN_IF_ERROR(CheckId("person_id", request.person_id()));
  const absl::Time now = now_();
  Name(call, request.person_id());
  ledger::Unit unit = ledger::UnitOf(call, request);
  unit.effects.push_back(ForgetOver(call.agency_id, now));
  unit.effects.push_back(
      EndStatement(call.agency_id, "", request.person_id(), now, now + kShutOutFor));
  unit.effects.push_back(
      {"UPDATE sign_in.session SET ended_at = $3, ended_by = $4 WHERE agency_id ="
       " $1 AND person_id = $2 AND ended_at IS NULL AND ends_at > $3",
       {call.agency_id, request.person_id(), now, call.caller.person_id}});
  RETURN_IF_ERROR(ledger_->SubmitAndWait(std::move(unit)).status());
  return Ended(now);
}

absl::StatusOr<operations::v1::ListEndedTokensResponse> SignIns::ListEndedTokens(
    const runtime::Call&, const operations::v1::ListEndedTokensRequest& request) {
  const absl::Time now = now_();
  const absl::Time since = request.has_since_time() && clock::IsValid(request.since_time())
                               ? clock::FromProto(request.since_time())
                               : absl::UnixEpoch();
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger_->Read("", {{"SELECT agency_id, token_id, person_id, issued_until, ends_at"
                          " FROM sign_in.ended_token"
                          " WHERE recorded_at >= $1 AND ends_at > $2",
                          {since, now}}}));
  operations::v1::ListEndedTokensResponse response;
  for (int row = 0; row < rows[0].rows(); ++row) {
    operations::v1::EndedToken* ended = response.add_ended();
    ended->set_agency_id(rows[0].Text(row, 0));
    ended->set_token_id(rows[0].Text(row, 1));
    ended->set_person_id(rows[0].Text(row, 2));
    *ended->mutable_issued_until_time() = clock::ToProto(rows[0].Time(row, 3));
    *ended->mutable_end_time() = clock::ToProto(rows[0].Time(row, 4));
  }
  *response.mutable_said_time() = clock::ToProto(now);
  return response;
}

absl::StatusOr<v1::ListSessionsResponse> SignIns::Sessions(const std::string& agency_id,
                                                           const std::string& person_id) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger_->Read(agency_id,
                    {{"SELECT session_id, person_id, roles, began_at, ends_at, ended_at, ended_by"
                      " FROM sign_in.session WHERE agency_id = $1 AND ($2 = '' OR person_id = $2)"
                      " AND ends_at > $3 ORDER BY began_at DESC, session_id LIMIT $4",
                      {agency_id, person_id, now_() - kShownFor, kMostSessions}}}));
  v1::ListSessionsResponse response;
  for (int row = 0; row < rows[0].rows(); ++row) {
    v1::SignedIn* session = response.add_sessions();
    session->set_session_id(rows[0].Text(row, 0));
    session->set_person_id(rows[0].Text(row, 1));
    for (const absl::string_view word : absl::StrSplit(rows[0].Text(row, 2), ',')) {
      if (const auto role = auth::RoleFromWord(word); role.ok()) session->add_roles(*role);
    }
    *session->mutable_begin_time() = clock::ToProto(rows[0].Time(row, 3));
    *session->mutable_end_time() = clock::ToProto(rows[0].Time(row, 4));
    if (rows[0].IsNull(row, 5)) continue;
    *session->mutable_ended_time() = clock::ToProto(rows[0].Time(row, 5));
    session->set_ended_by_person_id(rows[0].Text(row, 6));
  }
  return response;
}

absl::Status SignIns::CheckThere(const std::string& agency_id, const std::string& session_id,
                                 const std::string& person_id) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger_->Read(agency_id, {{"SELECT 1 FROM sign_in.session WHERE agency_id = $1 AND"
                                 " session_id = $2 AND ($3 = '' OR person_id = $3)",
                                 {agency_id, session_id, person_id}}}));
  if (rows[0].rows() > 0) return absl::OkStatus();
  return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such session");
}

absl::StatusOr<v1::EndSessionResponse> SignIns::End(const runtime::Call& call,
                                                    const google::protobuf::Message& request,
                                                    const std::string& token_id, absl::Time end,
                                                    const std::string& ended_by) {
  const absl::Time now = now_();
  Name(call, token_id);
  ledger::Unit unit = ledger::UnitOf(call, request);
  unit.effects.push_back(ForgetOver(call.agency_id, now));
  unit.effects.push_back(EndStatement(call.agency_id, token_id, "", now, end));
  unit.effects.push_back(
      {"UPDATE sign_in.session SET ended_at = $3, ended_by = $4"
       " WHERE agency_id = $1 AND session_id = $2 AND ended_at IS NULL",
       {call.agency_id, token_id, now, ended_by}});
  RETURN_IF_ERROR(ledger_->SubmitAndWait(std::move(unit)).status());
  return Ended(now);
}

pg::Migration SignInsMigration(const std::string& role) {
  return {
      .name = "directory_0003",
      .sql = absl::StrCat(
          "CREATE SCHEMA sign_in; GRANT USAGE ON SCHEMA sign_in TO ", role, ", ", role, "_relay;",
          "CREATE TABLE sign_in.session (agency_id text, session_id text, person_id text NOT NULL,"
          " roles text NOT NULL, began_at timestamptz NOT NULL, ends_at timestamptz NOT NULL,"
          " ended_at timestamptz, ended_by text, PRIMARY KEY (agency_id, session_id));"
          "CREATE INDEX session_newest ON sign_in.session (agency_id, began_at DESC);",
          ledger::ViewRights("sign_in.session", role),
          // Of one token, or of all of a person that were issued until then; the other is ''.
          "CREATE TABLE sign_in.ended_token (agency_id text, token_id text, person_id text,"
          " issued_until timestamptz NOT NULL, recorded_at timestamptz NOT NULL,"
          " ends_at timestamptz NOT NULL, PRIMARY KEY (agency_id, token_id, person_id));"
          "CREATE INDEX ended_token_newest ON sign_in.ended_token (recorded_at);",
          ledger::ViewRights("sign_in.ended_token", role),
          // Every process refuses them, of whatever agency: ids that open nothing.
          "CREATE POLICY ended_tokens_are_seen ON sign_in.ended_token FOR SELECT TO ", role,
          " USING (true);"),
      .expands = true};
}

}  // namespace fosterwatch::directory
