// The check of the directory, asked for and daily.
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/util/message_differencer.h"

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/service.h"
#include "libs/runtime/log.h"
#include "libs/status/status_macros.h"
#include "services/directory/app.h"
#include "services/directory/app_load.h"
#include "services/directory/domain/policy.h"
#include "services/directory/domain/webhook.h"
#include "services/directory/views.h"

namespace fosterwatch::directory {
namespace {

using v1::DirectoryCheck;
using v1::DirectoryFact;

// Absences that are over may be the first part of one that is not.
constexpr absl::Duration kLookBack = absl::Hours(24 * 366);

bool SaysTheSame(const DirectoryCheck& a, const DirectoryCheck& b) {
  if (a.findings_size() != b.findings_size() || a.findings_count() != b.findings_count()) {
    return false;
  }
  for (int i = 0; i < a.findings_size(); ++i) {
    if (!google::protobuf::util::MessageDifferencer::Equals(a.findings(i), b.findings(i))) {
      return false;
    }
  }
  return true;
}

}  // namespace

absl::StatusOr<domain::Directory> App::Whole(const std::string& agency_id, absl::Time now) {
  domain::Directory directory;
  directory.calendar = options_.calendar;
  ASSIGN_OR_RETURN(directory.bodies,
                   LoadAll<v1::Body>(agency_id, "body",
                                     {"SELECT body_id FROM view.body WHERE agency_id = $1"
                                      " ORDER BY body_id",
                                      {agency_id}}));
  ASSIGN_OR_RETURN(directory.holders, AllHolders(agency_id));
  ASSIGN_OR_RETURN(directory.absences, Absences(agency_id, now - kLookBack));
  ASSIGN_OR_RETURN(directory.delegations, Delegations(agency_id, now));
  std::vector<std::string> with_webhook;
  for (const v1::Body& body : directory.bodies) {
    if (!domain::UrlOf(body).empty()) with_webhook.push_back(body.body_id());
  }
  if (with_webhook.empty()) return directory;
  ASSIGN_OR_RETURN(const auto webhooks, ledger_->LoadMany(agency_id, "webhook", with_webhook));
  for (const auto& [body_id, webhook] : webhooks) {
    if (!domain::ValidAt(static_cast<const v1::Webhook&>(*webhook), now).secrets().empty()) {
      directory.with_secret.insert(body_id);
    }
  }
  return directory;
}

absl::StatusOr<DirectoryCheck> App::Check(const std::string& agency_id, absl::Time now) {
  ASSIGN_OR_RETURN(const domain::Directory directory, Whole(agency_id, now));
  const v1::DirectoryPolicy& policy = domain::InForce(options_.policies, now);
  return domain::Checked(domain::Check(directory, policy, now), policy, now,
                         domain::NextDaysHour(now, policy.check().hour()));
}

absl::StatusOr<DirectoryCheck> App::CheckDirectory(const runtime::Call& call,
                                                   const v1::CheckDirectoryRequest& request) {
  ASSIGN_OR_RETURN(DirectoryCheck check, Check(call.agency_id, options_.now()));
  ASSIGN_OR_RETURN(const DirectoryCheck state,
                   (ledger::Write<DirectoryCheck, DirectoryFact>(
                       *ledger_, call, request, kCheck, kCheck,
                       [&](const DirectoryCheck& before,
                           int64_t version) -> absl::StatusOr<std::vector<DirectoryFact>> {
                         // The daily one keeps its time, and what says nothing new is no fact.
                         if (version > 0)
                           *check.mutable_next_check_time() = before.next_check_time();
                         if (before.has_checked_time() && SaysTheSame(before, check)) {
                           return std::vector<DirectoryFact>{};
                         }
                         DirectoryFact fact;
                         *fact.mutable_directory_checked()->mutable_check() = check;
                         return std::vector<DirectoryFact>{fact};
                       })));
  *check.mutable_next_check_time() = state.next_check_time();
  return check;
}

ledger::Change App::PlanCheck() {
  const absl::Time now = options_.now();
  const int hour = domain::InForce(options_.policies, now).check().hour();
  return ledger::MakeChange<DirectoryCheck, DirectoryFact>(
      kCheck, kCheck,
      [now, hour](const DirectoryCheck&,
                  int64_t version) -> absl::StatusOr<std::vector<DirectoryFact>> {
        if (version > 0) return std::vector<DirectoryFact>{};
        DirectoryFact fact;
        *fact.mutable_directory_check_planned()->mutable_next_check_time() =
            clock::ToProto(domain::NextDaysHour(now, hour));
        return std::vector<DirectoryFact>{fact};
      });
}

absl::Status App::CheckDue(const duty::Due& due) {
  ASSIGN_OR_RETURN(const DirectoryCheck check, Check(due.agency_id, options_.now()));
  return ledger_
      ->SubmitAndWait(duty::Firing<DirectoryCheck, DirectoryFact>(
          due, kCheck, kActor, TimersOf,
          [&](const DirectoryCheck&) -> absl::StatusOr<std::vector<DirectoryFact>> {
            DirectoryFact fact;
            *fact.mutable_directory_checked()->mutable_check() = check;
            return std::vector<DirectoryFact>{fact};
          }))
      .status();
}

duty::Loop::Options DailyChecks(App* app, std::function<absl::Time()> now) {
  duty::Loop::Options options;
  options.kind = kCheckTimer;
  options.now = std::move(now);
  options.work = [app](const duty::Due& due, const runtime::Stop&) {
    const absl::Status status = app->CheckDue(due);
    if (!status.ok()) runtime::LogStatus("a directory could not be checked", status);
    duty::Worked worked;
    worked.progressed = status.ok();
    return worked;
  };
  return options;
}

}  // namespace fosterwatch::directory
