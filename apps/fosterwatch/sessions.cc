// sessions list, end: who is signed in, and taking that back.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/directory/v1/sign_ins_service.pb.h"
#include "libs/auth/token.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using directory::v1::EndSessionResponse;
using directory::v1::ListSessionsResponse;
using directory::v1::SignedIn;

constexpr char kArea[] = "directory";
constexpr char kService[] = "SignInsService";
constexpr char kRole[] = "administrator";

struct Told {
  std::string session, person;
  bool mine = false;
};

std::string StateOf(const SignedIn& session) {
  if (!session.has_ended_time()) return "-";
  return absl::StrCat(ShowTime(session.ended_time()), " by ", session.ended_by_person_id());
}

absl::Status List(const Context& context, const Told& told) {
  directory::v1::ListSessionsRequest all;
  all.set_person_id(told.person);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, kRole));
  ASSIGN_OR_RETURN(const auto response,
                   told.mine
                       ? remote->Call<ListSessionsResponse>(kArea, kService, "ListMySessions",
                                                            directory::v1::ListMySessionsRequest())
                       : remote->Call<ListSessionsResponse>(kArea, kService, "ListSessions", all));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"SESSION", "PERSON", "ROLES", "FROM", "UNTIL AT MOST", "ENDED"});
  for (const SignedIn& session : response.sessions()) {
    std::vector<std::string> roles;
    for (const int role : session.roles()) {
      roles.push_back(auth::WordOfRole(static_cast<options::v1::Role>(role)));
    }
    table.Add({session.session_id(), session.person_id(), absl::StrJoin(roles, ","),
               ShowTime(session.begin_time()), ShowTime(session.end_time()), StateOf(session)});
  }
  std::fputs(table.empty() ? "Nobody.\n" : table.Text().c_str(), stdout);
  return absl::OkStatus();
}

absl::StatusOr<EndSessionResponse> EndIt(Remote& remote, const Told& told) {
  if (!told.person.empty()) {
    directory::v1::EndTokensOfRequest request;
    request.set_person_id(told.person);
    return remote.Call<EndSessionResponse>(kArea, kService, "EndTokensOf", request);
  }
  if (told.mine) {
    directory::v1::EndMySessionRequest request;
    request.set_session_id(told.session);
    return remote.Call<EndSessionResponse>(kArea, kService, "EndMySession", request);
  }
  directory::v1::EndSessionRequest request;
  request.set_session_id(told.session);
  return remote.Call<EndSessionResponse>(kArea, kService, "EndSession", request);
}

absl::Status End(const Context& context, const Told& told) {
  if (told.session.empty() && told.person.empty() && !told.mine) {
    return UsageError("session", "is missing: name a session, --person or --mine");
  }
  if (!told.person.empty() && (!told.session.empty() || told.mine)) {
    return UsageError("person", "ends all of theirs: name no session and no --mine besides");
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, kRole));
  ASSIGN_OR_RETURN(const EndSessionResponse ended, EndIt(*remote, told));
  if (context.json) {
    PrintJson(ended);
  } else {
    std::puts("Ended: every part of Fosterwatch refuses it within seconds.");
  }
  return absl::OkStatus();
}

}  // namespace

void AddSessions(CLI::App& app, Context* context) {
  CLI::App* sessions = app.add_subcommand("sessions", "Who is signed in, and taking that back");
  sessions->require_subcommand(1);
  auto told = std::make_shared<Told>();
  const auto add = [&](const char* name, const char* help,
                       absl::Status (*run)(const Context&, const Told&)) {
    CLI::App* command = sessions->add_subcommand(name, help);
    AddRemoteOptions(command, context);
    command->add_flag("--mine", told->mine, "of whoever asks, with --token");
    command->callback([context, told, run] {
      context->run = [context, told, run] { return run(*context, *told); };
    });
    return command;
  };
  CLI::App* list = add("list", "List sessions, newest first [as administrator]", List);
  list->add_option("--person", told->person, "of this person");
  CLI::App* end = add("end", "End a session, or all of a person's tokens [as administrator]", End);
  end->add_option("session", told->session, "the session's id; with --mine without one: the token");
  end->add_option("--person", told->person,
                  "all tokens of this person or program that were issued until now");
  end->footer(
      "  fosterwatch sessions end 4Zk0b1vTn3sQxW2y\n"
      "  fosterwatch sessions end --person case-system\n"
      "  fosterwatch sessions end --mine --token \"$TOKEN\"\n");
}

}  // namespace fosterwatch::app
