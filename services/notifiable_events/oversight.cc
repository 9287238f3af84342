#include "services/notifiable_events/oversight.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/notifiable_events/v1/oversight.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/runtime/door.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/regulator_export.h"
#include "services/notifiable_events/trend.h"

namespace fosterwatch::notifiable_events {
namespace {

using runtime::Call;

constexpr char kService[] = "fosterwatch.notifiable_events.v1.OversightService";
constexpr char kDirectory[] = "fosterwatch.directory.v1.DirectoryService";
constexpr size_t kLongestUrn = 20;

// Whoever held a role when the event was recorded, and whoever holds one now: of two the first.
absl::StatusOr<domain::Colleagues> ColleaguesOf(runtime::Host& host, const std::string& agency_id,
                                                const v1::NotifiableEvent& event) {
  runtime::Client::Options call;
  ASSIGN_OR_RETURN(call.token, host.ServiceToken());
  call.agency_id = agency_id;
  domain::Colleagues colleagues;
  for (const absl::Time at : {clock::FromProto(event.recorded_time()), host.Now()}) {
    directory::v1::ListHoldersRequest request;
    *request.mutable_at_time() = clock::ToProto(at);
    ASSIGN_OR_RETURN(const auto holders,
                     host.client().Call<directory::v1::ListHoldersResponse>(
                         "directory", kDirectory, "ListHolders", request, call));
    for (const directory::v1::RoleHolder& holder : holders.holders()) {
      colleagues.emplace(holder.person_id(), domain::Colleague{holder.name(), holder.role()});
    }
  }
  return colleagues;
}

absl::Status CheckUrn(const std::string& urn) {
  if (urn.size() <= kLongestUrn && std::all_of(urn.begin(), urn.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c));
      })) {
    return absl::OkStatus();
  }
  return InvalidField("urn", "INVALID_URN", "is not of letters and digits, 20 at most");
}

}  // namespace

void RegisterOversight(runtime::Host& host, App* app) {
  runtime::Door& door = host.door();
  door.Serve(v1::Trend::descriptor()->file()->FindServiceByName("OversightService"));
  door.On<v1::ExportForRegulatorRequest, v1::RegulatorExport>(
      kService, "ExportForRegulator",
      [&host, app](const Call& call, const v1::ExportForRegulatorRequest& request)
          -> absl::StatusOr<v1::RegulatorExport> {
        RETURN_IF_ERROR(CheckUrn(request.urn()));
        ASSIGN_OR_RETURN(const v1::NotifiableEvent event,
                         app->GetEvent(call.agency_id, request.event_id()));
        ASSIGN_OR_RETURN(const domain::Colleagues colleagues,
                         ColleaguesOf(host, call.agency_id, event));
        return domain::ExportForRegulator(event, request.urn(), colleagues);
      });
  door.On<v1::GetTrendRequest, v1::Trend>(
      kService, "GetTrend", [&host, app](const Call& call, const v1::GetTrendRequest& request) {
        return GetTrend(app->ledger(), call.agency_id, request, host.Now());
      });
}

}  // namespace fosterwatch::notifiable_events
