// publisher check: a vendor of a case system learns what a feed is worth before it is sent.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/json_util.h"
#include <nlohmann/json.hpp>

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/feed_check.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/notifiable_events/v1/law_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/bus/kafka_topic_reader.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/kpis/catalogue_files.h"
#include "services/kpis/domain/policy.h"
#include "services/notifiable_events/domain/notices.h"

namespace fosterwatch::app {
namespace {

namespace domain = notifiable_events::domain;
namespace v1 = notifiable_events::v1;

constexpr char kRole[] = "registered_manager";
constexpr absl::Duration kPatience = absl::Seconds(15);

struct Told {
  std::string file, topic, brokers;
  bool server = false;
};

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return Error(absl::StatusCode::kNotFound, "NOT_FOUND",
                 absl::StrCat("the file ", path, " cannot be read"));
  }
  return text.str();
}

std::string ReadInput() { return {std::istreambuf_iterator<char>(std::cin), {}}; }

using Take = std::function<absl::Status(FeedRecord)>;

// A batch (a JSON array), one event, or one event a line.
absl::Status TakeText(absl::string_view text, const Take& take) {
  const absl::string_view bare = absl::StripAsciiWhitespace(text);
  if (!bare.empty() && bare.front() == '[') {
    ASSIGN_OR_RETURN(auto events, cloudevents::FromJsonBatch(bare));
    for (size_t i = 0; i < events.size(); ++i) {
      RETURN_IF_ERROR(take({absl::StrCat("element ", i + 1), std::move(events[i])}));
    }
    return absl::OkStatus();
  }
  if (absl::StatusOr<cloudevents::CloudEvent> one = cloudevents::FromJson(bare); one.ok()) {
    return take({"line 1", std::move(one)});
  }
  // One event over many lines, and wrong: its lines by themselves would be worse.
  if (bare.size() > 1 && bare.front() == '{' &&
      absl::StripAsciiWhitespace(bare.substr(0, bare.find('\n'))) == "{") {
    return take({"line 1", cloudevents::FromJson(bare)});
  }
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    RETURN_IF_ERROR(take({absl::StrCat("line ", number), cloudevents::FromJson(line)}));
  }
  return absl::OkStatus();
}

absl::Status TakeTopic(const Context& context, const Told& told, const Take& take) {
  bus::KafkaOptions options;
  options.brokers = told.brokers.empty() ? context.settings.kafka : told.brokers;
  options.properties_file = context.settings.kafka_properties_file;
  options.client_id = "fosterwatch-check";
  absl::Status taken;
  RETURN_IF_ERROR(bus::ReadKafkaTopic(options, told.topic, kPatience, [&](bus::Record record) {
    if (!taken.ok()) return;
    taken = take({absl::StrCat("partition ", record.partition, " offset ", record.offset),
                  record.value.size() > notifiable_events::kMaxIntakeBytes
                      ? InvalidField("data", "TOO_LARGE", "is larger than 1,000,000 bytes")
                      : cloudevents::FromKafka(record.headers, record.value),
                  record.partition, record.time});
  }));
  return taken;
}

// --- what a server knows ------------------------------------------------------------------------

// Only reads. What the register's own tables would hold of it, so that the rules see the same.
absl::StatusOr<domain::Circumstances> CircumstancesAt(Remote& remote, const std::string& child_id,
                                                      const std::string& carer_id) {
  namespace placements = placements::v1;
  namespace directory = directory::v1;
  const auto placed = [](const placements::Child& child) {
    return domain::PlacedChild{child.child_id(), child.responsible_authority_id(),
                               child.area_authority_id(), child.carer_id()};
  };
  const auto children = [&](const placements::ListChildrenRequest& request) {
    return remote.Call<placements::ListChildrenResponse>("placements", "PlacementsService",
                                                         "ListChildren", request);
  };
  domain::Circumstances circumstances;
  if (!child_id.empty()) {
    placements::ListChildrenRequest request;
    request.add_child_ids(child_id);
    ASSIGN_OR_RETURN(const auto found, children(request));
    if (!found.children().empty()) circumstances.child = placed(found.children(0));
  }
  if (!carer_id.empty()) {
    carers::v1::GetCarerRequest carer;
    carer.set_carer_id(carer_id);
    const auto known = remote.Call<carers::v1::Carer>("carers", "CarersService", "GetCarer", carer);
    if (!known.ok() && !absl::IsNotFound(known.status())) return known.status();
    circumstances.carer_known = known.ok();
    placements::ListChildrenRequest request;
    request.set_carer_id(carer_id);
    request.set_page_size(1000);
    ASSIGN_OR_RETURN(const auto found, children(request));
    for (const auto& child : found.children()) {
      circumstances.placed_with_carer.push_back(placed(child));
    }
  }
  ASSIGN_OR_RETURN(const auto bodies, remote.Call<directory::ListBodiesResponse>(
                                          "directory", "DirectoryService", "ListBodies",
                                          directory::ListBodiesRequest()));
  for (const directory::Body& body : bodies.bodies()) {
    domain::Body& known = circumstances.bodies[body.body_id()];
    if (!body.contacts().empty()) {
      known.channel = body.contacts(0).channel();
      known.released_by_person = body.contacts(0).released_by_person();
    }
    known.police_body_id = body.police_body_id();
    known.health_body_id = body.health_body_id();
    known.designated_officer_body_id = body.designated_officer_body_id();
    if (body.kind() == directory::Body::KIND_CHIEF_INSPECTOR) {
      circumstances.chief_inspector_body_id = body.body_id();
    } else if (body.kind() == directory::Body::KIND_SECRETARY_OF_STATE) {
      circumstances.secretary_of_state_body_id = body.body_id();
    }
  }
  return circumstances;
}

// The law as the agency has it today: adopted, and with its policy switched.
absl::StatusOr<domain::Law> LawAt(Remote& remote, const domain::Law& shipped) {
  ASSIGN_OR_RETURN(const auto in_force,
                   remote.Call<v1::LawInForce>("notifiable_events", "LawService", "GetLaw",
                                               v1::GetLawRequest()));
  v1::AgencyLaw switches;
  *switches.mutable_policy_switches() = in_force.agency().policy_switches();
  if (!in_force.adopted()) return shipped.For(switches);
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(in_force.law(), &json).ok()) {
    return absl::InternalError("the server's law cannot be read");
  }
  ASSIGN_OR_RETURN(const domain::Law adopted, domain::Law::Parse(json));
  return adopted.For(switches);
}

World WorldAt(std::shared_ptr<Remote> remote) {
  World world;
  world.circumstances = [remote](const std::string& child_id, const std::string& carer_id) {
    return CircumstancesAt(*remote, child_id, carer_id);
  };
  world.event = [remote](const std::string& event_id) {
    v1::GetEventRequest request;
    request.set_event_id(event_id);
    return remote->Call<v1::NotifiableEvent>("notifiable_events", "NotifiableEventService",
                                             "GetEvent", request);
  };
  return world;
}

// --- what is said -------------------------------------------------------------------------------

std::string WordOf(v1::EventKind kind) { return Word(v1::EventKind_Name(kind), "EVENT_KIND_"); }
std::string WordOf(v1::Recipient who) { return Word(v1::Recipient_Name(who), "RECIPIENT_"); }

std::string HowOf(const v1::Notice& notice) {
  if (notice.released_by_person()) return "by a person";
  return Word(type::v1::Channel_Name(notice.channel()), "CHANNEL_");
}

void PrintFeedJson(const FeedReport& report, const Told& told) {
  nlohmann::ordered_json json = {
      {"records", report.where.size()},
      {"clean", report.faults() == 0},
      {"circumstances", told.server ? "of the server" : "stand-ins: no server was asked"},
      {"findings", nlohmann::ordered_json::array()},
      {"notices", nlohmann::ordered_json::array()}};
  for (const Finding& finding : report.findings) {
    json["findings"].push_back({{"where", report.where[finding.record]},
                                {"level", finding.fault ? "fault" : "note"},
                                {"code", finding.code},
                                {"field", finding.field},
                                {"text", finding.text}});
  }
  for (const CausedNotice& caused : report.notices) {
    const v1::Notice& notice = caused.notice;
    json["notices"].push_back(
        {{"where", report.where[caused.record]},
         {"kind", v1::EventKind_Name(notice.kind())},
         {"recipient", v1::Recipient_Name(notice.recipient())},
         {"moment", v1::Moment_Name(notice.moment())},
         {"basis", v1::Basis_Name(domain::BasisOf(notice))},
         {"bodyId", notice.body_id()},
         {"dueTime", absl::FormatTime(absl::RFC3339_sec, clock::FromProto(notice.due_time()),
                                      absl::UTCTimeZone())},
         {"channel", type::v1::Channel_Name(notice.channel())},
         {"releasedByPerson", notice.released_by_person()}});
  }
  if (report.latest) {
    json["latest"] = {{"where", report.where[report.latest_record]},
                      {"secondsAfterAwareness", absl::ToInt64Seconds(*report.latest)}};
  }
  std::puts(json.dump(2).c_str());
}

void PrintFeedText(const FeedReport& report, const Told& told) {
  Table findings({"WHERE", "", "FIELD", "WHAT", ""});
  for (const Finding& finding : report.findings) {
    findings.Add({report.where[finding.record], finding.fault ? "FAULT" : "note",
                  finding.field.empty() ? "-" : finding.field, finding.code, finding.text});
  }
  if (!findings.empty()) std::printf("%s\n", findings.Text().c_str());
  Table notices({"WHERE", "WOULD CAUSE A NOTICE OF", "TO", "BODY", "DUE", "HOW", "BY"});
  for (const CausedNotice& caused : report.notices) {
    const v1::Notice& notice = caused.notice;
    notices.Add({report.where[caused.record],
                 absl::StrCat(WordOf(notice.kind()),
                              notice.moment() == v1::MOMENT_ENQUIRY_OUTCOME ? " (outcome)" : ""),
                 WordOf(notice.recipient()),
                 notice.body_id().empty() ? "(to be named)" : notice.body_id(),
                 ShowTime(notice.due_time()), HowOf(notice),
                 Word(v1::Basis_Name(domain::BasisOf(notice)), "BASIS_")});
  }
  if (!notices.empty()) {
    std::printf("%s\n%s\n\n", notices.Text().c_str(),
                told.server ? "Children, carers and bodies are those of the server as it is now."
                            : "No server was asked: the child, the carer and the bodies are "
                              "stand-ins, and the area authority\nis told only where it is "
                              "another than the responsible one.");
  }
  if (report.latest) {
    std::printf("The latest came %s after the agency became aware (%s).\n",
                absl::FormatDuration(absl::Trunc(*report.latest, absl::Seconds(1))).c_str(),
                report.where[report.latest_record].c_str());
  }
  const int faults = report.faults();
  std::printf("%zu record%s, %d fault%s, %zu note%s.\n", report.where.size(),
              report.where.size() == 1 ? "" : "s", faults, faults == 1 ? "" : "s",
              report.findings.size() - faults, report.findings.size() - faults == 1 ? "" : "s");
}

absl::Status Check(const Context& context, const Told& told) {
  if (!told.topic.empty() && !told.file.empty()) {
    return UsageError("topic", "or a file is checked, not both");
  }
  if (told.topic.empty() && !told.brokers.empty()) {
    return UsageError("brokers", "is of a topic; name one with --topic");
  }
  const std::string share = context.settings.share_dir;
  ASSIGN_OR_RETURN(const std::string law_text, ReadFile(share + "/law/schedule7.json"));
  ASSIGN_OR_RETURN(domain::Law law, domain::Law::Parse(law_text));
  ASSIGN_OR_RETURN(const std::string days,
                   ReadFile(share + "/clock/bank_holidays_england_and_wales.json"));
  ASSIGN_OR_RETURN(const clock::WorkingCalendar calendar, clock::WorkingCalendar::Parse(days));
  ASSIGN_OR_RETURN(const std::string form_text, ReadFile(share + "/law/forms.json"));
  ASSIGN_OR_RETURN(const domain::FormBook forms, domain::FormBook::Parse(form_text));
  ASSIGN_OR_RETURN(const kpis::v1::Catalogue catalogue, kpis::ReadCatalogue(share + "/kpis"));
  ASSIGN_OR_RETURN(const std::string policy_text, ReadFile(share + "/policy/kpis.json"));
  ASSIGN_OR_RETURN(const kpis::v1::KpiPolicies kpi_policies,
                   kpis::domain::ParseKpiPolicies(policy_text));
  World world = StandInWorld();
  if (told.server) {
    ASSIGN_OR_RETURN(std::unique_ptr<Remote> remote, Remote::Open(context, kRole));
    ASSIGN_OR_RETURN(law, LawAt(*remote, law));
    world = WorldAt(std::move(remote));
  }
  FeedCheck check({law, forms, calendar, catalogue, kpi_policies}, std::move(world), absl::Now());
  const Take take = [&](FeedRecord record) { return check.Take(record); };
  if (!told.topic.empty()) {
    RETURN_IF_ERROR(TakeTopic(context, told, take));
  } else if (told.file.empty() || told.file == "-") {
    RETURN_IF_ERROR(TakeText(ReadInput(), take));
  } else {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(told.file));
    RETURN_IF_ERROR(TakeText(text, take));
  }
  ASSIGN_OR_RETURN(const FeedReport report, check.Finish());
  if (context.json) {
    PrintFeedJson(report, told);
  } else {
    PrintFeedText(report, told);
  }
  if (report.where.empty()) {
    return Error(absl::StatusCode::kNotFound, "NO_RECORDS", "there is no record to check");
  }
  if (const int faults = report.faults(); faults > 0) {
    return Error(absl::StatusCode::kFailedPrecondition, "FEED_HAS_FAULTS",
                 absl::StrCat("the feed has ", faults, faults == 1 ? " fault" : " faults"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddPublisher(CLI::App& app, Context* context) {
  CLI::App* publisher =
      app.add_subcommand("publisher", "For who makes a case system publish to Fosterwatch");
  publisher->require_subcommand(1);
  CLI::App* check = publisher->add_subcommand(
      "check", "Say what a feed is worth before it is sent, and what it would bring about");
  AddRemoteOptions(check, context);
  auto told = std::make_shared<Told>();
  check->add_option("file", told->file,
                    "CloudEvents as JSON: one a line, one alone, or an array [standard input]");
  check->add_option("--topic", told->topic, "a topic of Kafka; nothing is committed");
  check->add_option("--brokers", told->brokers, "where the topic is [--kafka]");
  check->add_flag("--server", told->server,
                  "take children, carers, bodies and events of a running Fosterwatch; only reads");
  check->footer(
      "Says no value of any field. 0: clean, 3: no record, 4: faults. docs/publishing.md\n\n"
      "  fosterwatch publisher check feed.jsonl\n"
      "  fosterwatch publisher check --topic fosterwatch.intake.notifiable-events.v1 \\\n"
      "    --brokers 127.0.0.1:19092 --json\n");
  check->callback(
      [context, told] { context->run = [context, told] { return Check(*context, *told); }; });
}

}  // namespace fosterwatch::app
