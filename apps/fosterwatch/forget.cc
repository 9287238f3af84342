// forget carer, list, again: the key of a subject is destroyed, and with it all that was sealed.
//
// Who decides is asked of the service, as everybody is: two people whose roles may oversee the
// agency, each in the log of who looked at what. The key itself is destroyed in the database, so
// whoever runs this holds the service's password: it is an operator's command, not a page's.
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/modules.h"
#include "apps/fosterwatch/people.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "libs/auth/token.h"
#include "libs/clock/proto_time.h"
#include "libs/pg/connection.h"
#include "libs/privacy/destroy_key.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using carers::v1::Carer;
using carers::v1::Retention;

struct Told {
  std::string carer, agreed_token, agreed_as = "responsible_individual", list;
};

absl::Status Refuse(absl::string_view reason, absl::string_view what) {
  return Error(absl::StatusCode::kFailedPrecondition, reason, what);
}

// Whoever shows this token, if it is one that the services take of who oversees the agency.
absl::StatusOr<auth::Caller> OverseerOf(const Context& context, const std::string& token) {
  ASSIGN_OR_RETURN(const auto verifier,
                   auth::Verifier::FromFile(context.settings.jwks_file, context.settings.issuer,
                                            auth::kAudience));
  ASSIGN_OR_RETURN(auth::Caller caller, verifier->Verify(token, absl::Now()));
  if (caller.Has(options::v1::ROLE_REGISTERED_MANAGER) ||
      caller.Has(options::v1::ROLE_RESPONSIBLE_INDIVIDUAL)) {
    return caller;
  }
  return Error(absl::StatusCode::kPermissionDenied, "ROLE_NOT_ALLOWED",
               "only a registered manager and a responsible individual decide this");
}

absl::StatusOr<std::string> TokenOf(const Context& context, const std::string& role) {
  if (!context.token.empty() && context.as.empty()) return context.token;
  return IssueToken(context.settings, context.as.empty() ? role : context.as, context.agency, "",
                    absl::Hours(1));
}

// Regulation 32 of the Fostering Services (England) Regulations 2011, as the register works it out.
// What is not known is kept.
absl::Status CheckRetention(const Carer& carer) {
  const Retention& retention = carer.retention();
  if (retention.on_hold()) return Refuse("ON_HOLD", "a legal hold is on the records");
  const bool ended = retention.basis() == Retention::BASIS_APPROVAL_ENDED ||
                     retention.basis() == Retention::BASIS_APPLICATION_ENDED;
  if (!ended || !retention.has_keep_until_time()) {
    return Refuse("KEPT",
                  "the records are of a household that is current, or it is not known when "
                  "its time begins");
  }
  if (clock::FromProto(retention.keep_until_time()) > absl::Now()) {
    return Refuse("KEPT", absl::StrCat("the records are to be kept until ",
                                       ShowTime(retention.keep_until_time())));
  }
  return absl::OkStatus();
}

absl::Status AskFor(const Context& context, const std::string& carer_id) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  carers::v1::GetCarerRequest request;
  request.set_carer_id(carer_id);
  ASSIGN_OR_RETURN(const Carer carer,
                   remote->Call<Carer>("carers", "CarersService", "GetCarer", request));
  return CheckRetention(carer);
}

// Whether it was there until now.
absl::StatusOr<bool> Destroy(pg::Connection& connection, const privacy::Subject& subject,
                             absl::Time made_before) {
  bool destroyed = false;
  RETURN_IF_ERROR(pg::Transact(connection, [&](pg::Connection& tx) -> absl::Status {
    RETURN_IF_ERROR(
        tx.Query("SELECT set_config('fosterwatch.agencies', $1, true)", {subject.agency_id})
            .status());
    ASSIGN_OR_RETURN(destroyed, privacy::DestroyKey(tx, subject, made_before));
    return absl::OkStatus();
  }));
  return destroyed;
}

absl::Status ForgetCarer(Context first, const Told& told) {
  Context second = first;
  second.as = told.agreed_token.empty() ? told.agreed_as : "";
  second.token = told.agreed_token;
  ASSIGN_OR_RETURN(first.token, TokenOf(first, "registered_manager"));
  ASSIGN_OR_RETURN(second.token, TokenOf(second, told.agreed_as));
  first.as = second.as = "";
  ASSIGN_OR_RETURN(const auth::Caller one, OverseerOf(first, first.token));
  ASSIGN_OR_RETURN(const auth::Caller other, OverseerOf(second, second.token));
  if (one.person_id == other.person_id || one.agency_id != other.agency_id) {
    return Refuse("SECOND_PERSON_REQUIRED", "two people of the agency decide this together");
  }
  RETURN_IF_ERROR(AskFor(second, told.carer));
  ASSIGN_OR_RETURN(const auto connection, pg::Connection::Open(first.settings.Database("carers")));
  RETURN_IF_ERROR(AskFor(first, told.carer));
  ASSIGN_OR_RETURN(const bool destroyed,
                   Destroy(*connection, {one.agency_id, absl::StrCat("carer:", told.carer)},
                           absl::InfiniteFuture()));
  if (!destroyed) {
    return Error(absl::StatusCode::kNotFound, "SUBJECT_SHREDDED", "it was forgotten before");
  }
  std::puts(
      "It is forgotten: within 30 seconds nobody reads it any more. Keep what `fosterwatch forget "
      "list` prints apart from your backups.");
  return absl::OkStatus();
}

std::vector<std::string> Ledgers() {
  std::vector<std::string> services;
  for (const auto& module : MakeModules()) {
    if (!module->migrations().empty()) services.push_back(module->name());
  }
  return services;
}

// One line each: agency, service, subject, moment, with tabs between.
absl::Status List(const Context& context) {
  for (const std::string& service : Ledgers()) {
    ASSIGN_OR_RETURN(const auto connection,
                     pg::Connection::Open(context.settings.Database(service, /*relay=*/true)));
    ASSIGN_OR_RETURN(const pg::Result rows,
                     connection->Query("SELECT agency_id, subject_id, destroyed_time FROM "
                                       "privacy.subject_key WHERE destroyed_time IS NOT NULL "
                                       "ORDER BY destroyed_time, agency_id, subject_id"));
    for (int row = 0; row < rows.rows(); ++row) {
      std::printf(
          "%s\t%s\t%s\t%s\n", rows.Text(row, 0).c_str(), service.c_str(), rows.Text(row, 1).c_str(),
          absl::FormatTime(absl::RFC3339_full, rows.Time(row, 2), absl::UTCTimeZone()).c_str());
    }
  }
  return absl::OkStatus();
}

struct Forgotten {
  std::string service;
  privacy::Subject subject;
  absl::Time time;
};

// All of it, or nothing: half a list would look like a whole one.
absl::StatusOr<std::vector<Forgotten>> ReadList(const std::string& path) {
  std::ifstream file(path);
  if (!file) return UsageError("list", "cannot be read");
  std::vector<Forgotten> all;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    const std::vector<std::string> words = absl::StrSplit(line, '\t');
    Forgotten each;
    if (words.size() != 4 || !absl::ParseTime(absl::RFC3339_full, words[3], &each.time, nullptr)) {
      return UsageError("list", absl::StrCat("line ", number, " is none of `forget list`"));
    }
    each.service = words[1];
    each.subject = {words[0], words[2]};
    all.push_back(std::move(each));
  }
  return all;
}

absl::Status Again(const Context& context, const std::string& path) {
  ASSIGN_OR_RETURN(const std::vector<Forgotten> all, ReadList(path));
  int64_t destroyed = 0;
  for (const std::string& service : Ledgers()) {
    ASSIGN_OR_RETURN(const auto connection,
                     pg::Connection::Open(context.settings.Database(service)));
    for (const Forgotten& each : all) {
      if (each.service != service) continue;
      ASSIGN_OR_RETURN(const bool was_back, Destroy(*connection, each.subject, each.time));
      destroyed += was_back;
    }
  }
  std::printf("%zu in the list; %lld of them were back and are forgotten again.\n", all.size(),
              static_cast<long long>(destroyed));
  return absl::OkStatus();
}

}  // namespace

void AddForget(CLI::App& app, Context* context) {
  CLI::App* forget = app.add_subcommand(
      "forget", "Destroy the key of whose records need no longer be kept; there is no way back");
  forget->require_subcommand(1);
  const auto told = std::make_shared<Told>();

  CLI::App* carer = forget->add_subcommand(
      "carer",
      "A household whose time of retention is over and on which no legal hold is; two "
      "people decide it");
  carer->add_option("id", told->carer, "such as F-0031")->required();
  // As --token: by the variable it is in no list of processes.
  carer->add_option("--agreed-token", told->agreed_token, "access token of the second person")
      ->type_name("TOKEN")
      ->envname("FOSTERWATCH_AGREED_TOKEN");
  carer
      ->add_option("--agreed-as", told->agreed_as,
                   "the second person's role, with a token of the "
                   "local issuer")
      ->type_name("ROLE")
      ->capture_default_str();
  AddRemoteOptions(carer, context);
  carer->callback(
      [context, told] { context->run = [context, told] { return ForgetCarer(*context, *told); }; });

  forget->add_subcommand("list", "What was forgotten, to be kept apart from backups")
      ->callback([context] { context->run = [context] { return List(*context); }; });

  CLI::App* again =
      forget->add_subcommand("again", "After a restore: forget what a list says once more");
  again->add_option("list", told->list, "file that `forget list` has written")->required();
  again->callback(
      [context, told] { context->run = [context, told] { return Again(*context, told->list); }; });
}

}  // namespace fosterwatch::app
