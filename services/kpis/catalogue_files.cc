#include "services/kpis/catalogue_files.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"

#include "fosterwatch/allegations/v1/allegation_facts.pb.h"
#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "fosterwatch/complaints/v1/complaint_facts.pb.h"
#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "fosterwatch/kpis/v1/kpi_facts.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "fosterwatch/notifications/v1/notification_facts.pb.h"
#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/json/to_message.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::kpis {

const domain::Topics& KnownTopics() {
  static const domain::Topics* const topics = new domain::Topics{
      {"fosterwatch.notifiable-events.v1",
       &notifiable_events::v1::NotifiableEventFact::default_instance()},
      {"fosterwatch.notifications.v1", &notifications::v1::NotificationFact::default_instance()},
      {"fosterwatch.directory.v1", &directory::v1::DirectoryFact::default_instance()},
      {"fosterwatch.placements.v1", &placements::v1::PlacementsFact::default_instance()},
      {"fosterwatch.carers.v1", &carers::v1::CarersFact::default_instance()},
      {"fosterwatch.complaints.v1", &complaints::v1::ComplaintFact::default_instance()},
      {"fosterwatch.allegations.v1", &allegations::v1::AllegationFact::default_instance()},
      {"fosterwatch.kpis.v1", &v1::KpiFact::default_instance()},
  };
  return *topics;
}

absl::StatusOr<v1::Catalogue> ReadCatalogue(const std::string& folder) {
  v1::Catalogue catalogue;
  std::error_code error;
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".json") files.insert(entry.path());
  }
  if (error || files.empty()) {
    return absl::NotFoundError("no KPI definitions can be read in " + folder);
  }
  for (const std::filesystem::path& path : files) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    v1::Catalogue part;
    const absl::Status read = json::TextToMessage(text.str(), part);
    if (!read.ok()) {
      return absl::Status(read.code(),
                          absl::StrCat(path.filename().string(), ": ", read.message()));
    }
    catalogue.MergeFrom(part);
  }
  RETURN_IF_ERROR(domain::Check(catalogue, KnownTopics()));
  return catalogue;
}

std::vector<std::string> VersionedTopics() {
  return {"fosterwatch.notifiable-events.v1", "fosterwatch.notifications.v1"};
}

std::vector<std::string> TopicsOf(const v1::Catalogue& catalogue) {
  std::set<std::string> topics;
  for (const v1::Stream& stream : catalogue.streams()) {
    for (const auto* marks : {&stream.begins(), &stream.ends(), &stream.reopens(), &stream.moves(),
                              &stream.lapses(), &stream.resets()}) {
      for (const v1::Stream::Mark& mark : *marks) topics.insert(mark.topic());
    }
  }
  return {topics.begin(), topics.end()};
}

}  // namespace fosterwatch::kpis
