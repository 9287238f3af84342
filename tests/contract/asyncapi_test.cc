// Holds docs/asyncapi.yaml to what is in the code: topics and their settings, the types of facts,
// what the intake takes and what its data may hold. The page is written by hand.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

#include "fosterwatch/allegations/v1/allegation_facts.pb.h"
#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "fosterwatch/complaints/v1/complaint_facts.pb.h"
#include "fosterwatch/complaints/v1/sighting.pb.h"
#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "fosterwatch/kpis/v1/figure_import.pb.h"
#include "fosterwatch/kpis/v1/kpi_facts.pb.h"
#include "fosterwatch/kpis/v1/safer_caring.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/notifications/v1/notification_facts.pb.h"
#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "services/notifiable_events/intake_data.h"

namespace fosterwatch {
namespace {

using Json = nlohmann::ordered_json;

std::string Source(const std::string& path) {
  std::ifstream file(std::string(std::getenv("FOSTERWATCH_SOURCE_DIR")) + "/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Reads the YAML that the page keeps to: block maps and lists, one-line scalars (all taken for
// strings), comments on lines of their own.
class Page {
 public:
  static Json Read(const std::string& text) {
    Page page;
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      const size_t indent = line.find_first_not_of(' ');
      if (indent == absl::string_view::npos || line[indent] == '#') continue;
      page.lines_.push_back({indent, std::string(line.substr(indent))});
    }
    return page.Block(0);
  }

 private:
  struct Line {
    size_t indent;
    std::string text;
  };

  static Json Scalar(absl::string_view text) {
    if (text.size() > 1 && text.front() == '\'' && text.back() == '\'') {
      text = text.substr(1, text.size() - 2);
    }
    return std::string(text);
  }

  Json Block(size_t indent) {
    Json block;
    while (next_ < lines_.size() && lines_[next_].indent == indent) {
      Line& line = lines_[next_];
      if (absl::ConsumePrefix(&(view_ = line.text), "- ")) {
        const bool map = absl::StrContains(view_, ": ") || absl::EndsWith(view_, ":");
        if (map) {
          line = {indent + 2, std::string(view_)};
          block.push_back(Block(indent + 2));
        } else {
          block.push_back(Scalar(view_));
          ++next_;
        }
        continue;
      }
      ++next_;
      const std::vector<std::string> parts = absl::StrSplit(line.text, absl::MaxSplits(": ", 1));
      if (parts.size() == 2) {
        block[parts[0]] = Scalar(parts[1]);
      } else {
        const std::string key(absl::StripSuffix(line.text, ":"));
        EXPECT_NE(key, line.text) << "no map: " << line.text;
        block[key] = next_ < lines_.size() && lines_[next_].indent > indent
                         ? Block(lines_[next_].indent)
                         : Json();
      }
    }
    EXPECT_TRUE(next_ == lines_.size() || lines_[next_].indent < indent)
        << "indented otherwise: " << lines_[next_].text;
    return block;
  }

  std::vector<Line> lines_;
  absl::string_view view_;
  size_t next_ = 0;
};

const Json& Document() {
  static const auto* const document = new Json(Page::Read(Source("docs/asyncapi.yaml")));
  return *document;
}

// What a "$ref" of this document names.
const Json& Resolve(const Json& value) {
  const auto ref = value.find("$ref");
  if (ref == value.end()) return value;
  const std::string pointer = *ref;
  EXPECT_TRUE(absl::StartsWith(pointer, "#/")) << pointer;
  static const auto* const nothing = new Json();
  const Json::json_pointer path(pointer.substr(1));
  if (!Document().contains(path)) {
    ADD_FAILURE() << "nothing is at " << pointer;
    return *nothing;
  }
  return Resolve(Document()[path]);
}

// The one message of a topic of facts.
const google::protobuf::Descriptor* FactOf(const std::string& topic) {
  static const auto* const facts = new std::map<std::string, const google::protobuf::Descriptor*>{
      {"fosterwatch.allegations.v1", allegations::v1::AllegationFact::descriptor()},
      {"fosterwatch.carers.v1", carers::v1::CarersFact::descriptor()},
      {"fosterwatch.complaints.v1", complaints::v1::ComplaintFact::descriptor()},
      {"fosterwatch.directory.v1", directory::v1::DirectoryFact::descriptor()},
      {"fosterwatch.kpis.v1", kpis::v1::KpiFact::descriptor()},
      {"fosterwatch.notifiable-events.v1",
       notifiable_events::v1::NotifiableEventFact::descriptor()},
      {"fosterwatch.notifications.v1", notifications::v1::NotificationFact::descriptor()},
      {"fosterwatch.placements.v1", placements::v1::PlacementsFact::descriptor()},
  };
  const auto found = facts->find(topic);
  return found == facts->end() ? nullptr : found->second;
}

std::set<std::string> Texts(const Json& list) { return {list.begin(), list.end()}; }

std::set<std::string> Keys(const Json& map) {
  std::set<std::string> keys;
  for (const auto& [key, value] : map.items()) keys.insert(key);
  return keys;
}

TEST(AsyncApiTest, HasTheTopicsOfTheManifestWithTheirSettings) {
  std::map<std::string, std::map<std::string, std::string>> manifest, page;
  std::istringstream lines(Source("deploy/kafka/topics.txt"));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string topic;
    words >> topic;
    words >> manifest[topic]["partitions"];
    for (std::string setting; words >> setting;) {
      const std::pair<std::string, std::string> parts = absl::StrSplit(setting, '=');
      manifest[topic][parts.first] = parts.second;
    }
  }
  for (const auto& [name, channel] : Document()["channels"].items()) {
    const std::string topic = channel["address"];
    const Json& kafka = channel["bindings"]["kafka"];
    EXPECT_EQ(kafka["topic"], topic);
    page[topic]["partitions"] = kafka["partitions"];
    for (const auto& [setting, value] : kafka["topicConfiguration"].items()) {
      page[topic][setting] = value.is_array() ? value.at(0) : value;
    }
  }
  EXPECT_EQ(page, manifest);
}

TEST(AsyncApiTest, NamesEachFactThatATopicCarries) {
  int topics = 0;
  for (const auto& [name, channel] : Document()["channels"].items()) {
    const std::string topic = channel["address"];
    if (absl::StrContains(topic, ".intake.")) continue;
    ++topics;
    const google::protobuf::Descriptor* fact = FactOf(topic);
    ASSERT_NE(fact, nullptr) << topic;
    ASSERT_EQ(channel["messages"].size(), 1u) << topic;
    const Json& message = Resolve(*channel["messages"].begin());
    EXPECT_EQ(message["name"], fact->full_name());
    EXPECT_EQ(message["payload"]["x-protobuf-message"], fact->full_name());
    EXPECT_EQ(message["payload"]["x-protobuf-file"], "protos/" + fact->file()->name());
    std::set<std::string> types;
    for (int i = 0; i < fact->field_count(); ++i) {
      types.insert(absl::StrCat(fact->file()->package(), ".", fact->field(i)->name()));
    }
    const Json& headers = message["headers"]["properties"];
    EXPECT_EQ(Texts(headers["ce_type"]["enum"]), types) << topic;
    EXPECT_EQ(headers["ce_source"]["const"],
              "/" + absl::StrReplaceAll(topic, {{".v1", ""}, {".", "/"}}));
  }
  EXPECT_EQ(topics, 8);
}

TEST(AsyncApiTest, TakesWhatTheIntakeTakes) {
  namespace events = notifiable_events;
  const std::map<std::string, const google::protobuf::Descriptor*> taken = {
      {events::kReportedType, events::v1::EventReport::descriptor()},
      {events::kChildReturnedType, events::v1::RecordChildReturnRequest::descriptor()},
      {events::kEnquiryOutcomeType, events::v1::RecordEnquiryOutcomeRequest::descriptor()}};
  std::set<std::string> types;
  for (const auto& [name, reference] : Document()["channels"]["intake"]["messages"].items()) {
    const Json& message = Resolve(reference);
    const std::string type = message["name"];
    types.insert(type);
    ASSERT_TRUE(taken.contains(type)) << type;
    EXPECT_EQ(message["headers"]["properties"]["ce_type"]["const"], type);
    const Json& data = Resolve(message["payload"]);
    const google::protobuf::Descriptor* of = taken.at(type);
    std::set<std::string> fields;
    for (int i = 0; i < of->field_count(); ++i) {
      if (of->field(i)->name() != "request_id") fields.insert(of->field(i)->name());
    }
    EXPECT_EQ(Keys(data["properties"]), fields) << type;
    for (const std::string& field : Texts(data["required"])) EXPECT_TRUE(fields.contains(field));
  }
  EXPECT_EQ(types.size(), taken.size());
  std::set<std::string> kinds;
  const auto* kind = events::v1::EventKind_descriptor();
  for (int i = 0; i < kind->value_count(); ++i) {
    if (kind->value(i)->number() != 0) kinds.insert(kind->value(i)->name());
  }
  EXPECT_EQ(Texts(Document()["components"]["schemas"]["EventReport"]["properties"]["kinds"]["items"]
                            ["enum"]),
            kinds);
}

TEST(AsyncApiTest, TakesWhatTheIntakeOfPlacementsTakes) {
  namespace placed = placements::v1;
  const std::map<std::string, const google::protobuf::Descriptor*> taken = {
      {"uk.fosterwatch.child.recorded.v1", placed::Child::descriptor()},
      {"uk.fosterwatch.placement.started.v1", placed::Placement::descriptor()},
      {"uk.fosterwatch.placement.moved.v1", placed::MoveChildRequest::descriptor()},
      {"uk.fosterwatch.placement.ended.v1", placed::EndPlacementRequest::descriptor()},
      {"uk.fosterwatch.placement.recorded.v1", placed::Placement::descriptor()}};
  // Of a placement, what follows from the rest and is no publisher's to say.
  const std::set<std::string> ours = {"request_id",  "start_assumed", "end_assumed",    "ending",
                                      "corrections", "recorded_time", "sealed_sections"};
  std::set<std::string> types;
  const Json& messages = Document()["channels"]["placementsIntake"]["messages"];
  for (const auto& [name, reference] : messages.items()) {
    const Json& message = Resolve(reference);
    const std::string type = message["name"];
    types.insert(type);
    ASSERT_TRUE(taken.contains(type)) << type;
    EXPECT_EQ(message["headers"]["properties"]["ce_type"]["const"], type);
    const Json& data = Resolve(message["payload"]);
    const google::protobuf::Descriptor* of = taken.at(type);
    std::set<std::string> fields;
    for (int i = 0; i < of->field_count(); ++i) {
      if (!ours.contains(of->field(i)->name())) fields.insert(of->field(i)->name());
    }
    EXPECT_EQ(Keys(data["properties"]), fields) << type;
    for (const std::string& field : Texts(data["required"])) EXPECT_TRUE(fields.contains(field));
  }
  EXPECT_EQ(types.size(), taken.size());
}

TEST(AsyncApiTest, TakesWhatTheFeedbackFeedTakes) {
  const Json& messages = Document()["channels"]["complaintsIntake"]["messages"];
  ASSERT_EQ(messages.size(), 1u);
  const Json& message = Resolve(*messages.begin());
  EXPECT_EQ(message["name"], "uk.fosterwatch.feedback.received.v1");
  std::set<std::string> fields;
  const auto* of = complaints::v1::FeedbackRecord::descriptor();
  for (int i = 0; i < of->field_count(); ++i) fields.insert(of->field(i)->name());
  EXPECT_EQ(Keys(Resolve(message["payload"])["properties"]), fields);
}

TEST(AsyncApiTest, TakesWhatTheIntakeOfFiguresTakes) {
  const std::map<std::string, const google::protobuf::Descriptor*> taken = {
      {"uk.fosterwatch.figure.reported.v1", kpis::v1::ReportedFigure::descriptor()},
      {"uk.fosterwatch.safer-caring-plan.reviewed.v1",
       kpis::v1::ReportedSaferCaringPlan::descriptor()}};
  const Json& messages = Document()["channels"]["kpisIntake"]["messages"];
  EXPECT_EQ(messages.size(), taken.size());
  for (const auto& [name, reference] : messages.items()) {
    const Json& message = Resolve(reference);
    const auto of = taken.find(message["name"]);
    ASSERT_NE(of, taken.end()) << message["name"];
    std::set<std::string> fields;
    for (int i = 0; i < of->second->field_count(); ++i) {
      fields.insert(of->second->field(i)->name());
    }
    EXPECT_EQ(Keys(Resolve(message["payload"])["properties"]), fields) << of->first;
  }
}

TEST(AsyncApiTest, EachChannelHasOneOperation) {
  std::map<std::string, std::string> actions;
  for (const auto& [name, operation] : Document()["operations"].items()) {
    const std::string topic = Resolve(operation["channel"])["address"];
    EXPECT_TRUE(actions.emplace(topic, operation["action"]).second) << topic;
    for (const Json& message : operation["messages"]) {
      EXPECT_FALSE(Resolve(Resolve(message))["name"].empty());
    }
  }
  EXPECT_EQ(actions.size(), Document()["channels"].size());
  for (const auto& [topic, action] : actions) {
    EXPECT_EQ(action, absl::StrContains(topic, ".intake.") ? "receive" : "send") << topic;
  }
}

}  // namespace
}  // namespace fosterwatch
