// One send with what it said, mails that came back, and the templates of ours.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "fosterwatch/notifications/v1/notification_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/id.h"
#include "libs/ledger/service.h"
#include "libs/mail/returned.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/notifications/app.h"
#include "services/notifications/domain/alert.h"
#include "services/notifications/domain/dispatch.h"
#include "services/notifications/domain/templates.h"
#include "services/notifications/domain/words.h"
#include "services/notifications/views.h"

namespace fosterwatch::notifications {
namespace {

constexpr int64_t kMostAttempts = 200;
constexpr size_t kLargestMail = 1 << 20;

absl::Status Unreadable() {
  return absl::DataLossError("a row of the delivery log cannot be read");
}

// The send with what it said, of the state that its fact made; null where that is not kept.
const v1::Send* FindSend(const v1::Notifications& state, const std::string& send_id) {
  const auto in = [&](const auto& owners) -> const v1::Send* {
    for (const auto& owner : owners) {
      for (const v1::Send& send : owner.sends()) {
        if (send.send_id() == send_id) return &send;
      }
    }
    return nullptr;
  };
  const v1::Send* send = in(state.dispatches());
  return send != nullptr ? send : in(state.alerts());
}

v1::Returned::Kind KindOf(mail::Returned::Kind kind) {
  switch (kind) {
    case mail::Returned::Kind::kBounced:
      return v1::Returned::KIND_BOUNCED;
    case mail::Returned::Kind::kDelayed:
      return v1::Returned::KIND_DELAYED;
    case mail::Returned::Kind::kDelivered:
      return v1::Returned::KIND_DELIVERED;
    case mail::Returned::Kind::kAutoReply:
      return v1::Returned::KIND_AUTO_REPLY;
  }
  return v1::Returned::KIND_UNSPECIFIED;
}

// What follows for the one dispatch or alert that the mail was of.
absl::StatusOr<domain::Facts> Take(const v1::Notifications& state, const v1::Send& send,
                                   const v1::Returned& returned, const domain::Given& given) {
  if (!send.alert_id().empty()) {
    return domain::AlertReturned(state, send.alert_id(), returned, given);
  }
  for (const v1::Dispatch& dispatch : state.dispatches()) {
    for (int channel = 0; channel <= dispatch.channels_given_up(); ++channel) {
      if (domain::MessageIdOf(dispatch.dispatch_id(), channel) == returned.message_id()) {
        return domain::NoticeReturned(state, dispatch.dispatch_id(), returned, given);
      }
    }
  }
  return domain::Facts{};
}

}  // namespace

absl::StatusOr<v1::GetSendResponse> App::GetSend(const runtime::Call& call,
                                                 const v1::GetSendRequest& request) {
  ASSIGN_OR_RETURN(
      auto rows,
      ledger_->Read(call.agency_id,
                    {{absl::StrCat("SELECT send, subject_id, version, message_id FROM view.send"
                                   " WHERE agency_id = $1 AND send_id = $2",
                                   NotKeptSql(3), ForCallerSql(call)),
                      {call.agency_id, request.send_id(), call.caller.person_id}},
                     {"SELECT send FROM view.send WHERE agency_id = $1 AND message_id <> ''"
                      " AND message_id = (SELECT message_id FROM view.send"
                      " WHERE agency_id = $1 AND send_id = $2)"
                      " ORDER BY sent_at DESC, send_id DESC LIMIT $3",
                      {call.agency_id, request.send_id(), kMostAttempts}}}));
  if (rows[0].rows() == 0) {
    return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such send");
  }
  v1::GetSendResponse response;
  if (!response.mutable_send()->ParseFromString(rows[0].Text(0, 0))) return Unreadable();
  for (int row = rows[1].rows() - 1; row >= 0; --row) {
    if (!response.add_attempts()->ParseFromString(rows[1].Text(row, 0))) return Unreadable();
  }
  const std::string subject_id = rows[0].Text(0, 1);
  if (subject_id.empty()) return response;  // from before what was said was kept
  ASSIGN_OR_RETURN(const auto then,
                   ledger_->Load(call.agency_id, kAggregate, subject_id, rows[0].Int(0, 2)));
  const v1::Send* said = FindSend(static_cast<const v1::Notifications&>(*then), request.send_id());
  if (said != nullptr && !said->text().empty()) {
    response.mutable_send()->set_subject(said->subject());
    response.mutable_send()->set_text(said->text());
    response.set_text_kept(true);
    response.set_hash_agrees(ledger::Sha256(said->text()) == response.send().content_sha256());
  }
  ASSIGN_OR_RETURN(const auto now,
                   ledger_->LoadAs<v1::Notifications>(call.agency_id, kAggregate, subject_id));
  for (const v1::Returned& returned : now.returned()) {
    if (returned.message_id() == response.send().message_id()) {
      *response.add_returned() = returned;
    }
  }
  return response;
}

absl::StatusOr<v1::TakeReturnedMailResponse> App::TakeReturnedMail(
    const runtime::Call& call, const v1::TakeReturnedMailRequest& request) {
  if (request.mail().empty()) return InvalidField("mail", "REQUIRED", "is empty");
  if (request.mail().size() > kLargestMail) {
    return InvalidField("mail", "TEXT_TOO_LONG", "is larger than 1 MiB");
  }
  ASSIGN_OR_RETURN(const mail::Returned mail, mail::ParseReturned(request.mail()));
  v1::Returned returned;
  returned.set_returned_id(ledger::Sha256(request.mail()));
  returned.set_kind(KindOf(mail.kind));
  returned.set_status_code(mail.status_code);
  *returned.mutable_returned_time() = clock::ToProto(now_());

  v1::TakeReturnedMailResponse response;
  for (const std::string& message_id : mail.message_ids) {
    ASSIGN_OR_RETURN(auto rows,
                     ledger_->Read(call.agency_id, {{"SELECT subject_id, send FROM view.send"
                                                     " WHERE agency_id = $1 AND message_id = $2"
                                                     " ORDER BY sent_at DESC LIMIT 1",
                                                     {call.agency_id, message_id}}}));
    if (rows[0].rows() == 0) continue;
    v1::Send send;
    if (!send.ParseFromString(rows[0].Text(0, 1))) return Unreadable();
    returned.set_message_id(message_id);
    ledger::Unit unit = ledger::UnitOf(call, request);
    unit.changes.push_back(ledger::MakeChange<v1::Notifications, v1::NotificationFact>(
        kAggregate, rows[0].Text(0, 0),
        [this, send, returned](const v1::Notifications& state,
                               int64_t) -> absl::StatusOr<domain::Facts> {
          auto facts =
              Take(state, send, returned, domain::Given{now_(), *rules_, ledger::DerivedId});
          // Too long ago to be of any consequence.
          if (absl::IsNotFound(facts.status())) return domain::Facts{};
          return facts;
        }));
    RETURN_IF_ERROR(ledger_->SubmitAndWait(std::move(unit)).status());
    *response.add_taken() = returned;
    return response;  // the first that is ours: References may name those before it too
  }
  ++unknown_returned_;
  return response;
}

absl::StatusOr<v1::ListTemplatesResponse> App::ListTemplates(const v1::ListTemplatesRequest&) {
  v1::ListTemplatesResponse response;
  *response.mutable_editions() = rules_->templates.editions();
  response.set_version_in_force(domain::InForce(rules_->templates, now_()).version());
  return response;
}

absl::StatusOr<v1::PreviewTemplateResponse> App::PreviewTemplate(
    const v1::PreviewTemplateRequest& request) {
  const v1::TemplateEdition* edition =
      request.version().empty() ? &domain::InForce(rules_->templates, now_())
                                : domain::FindEdition(rules_->templates, request.version());
  const std::optional<domain::Words> words =
      edition == nullptr ? std::nullopt
                         : domain::SampleWords(*edition, request.name(), public_url_);
  if (!words) {
    return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such template");
  }
  v1::PreviewTemplateResponse response;
  response.set_name(words->template_name);
  response.set_version(words->template_version);
  response.set_subject(words->subject);
  response.set_text(words->text);
  return response;
}

}  // namespace fosterwatch::notifications
