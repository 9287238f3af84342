#include "services/placements/intake_data.h"

#include <string>
#include <utility>

#include "libs/cloudevents/data.h"
#include "libs/runtime/sections.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::placements {
namespace {

constexpr char kChildRecorded[] = "uk.fosterwatch.child.recorded.v1";
constexpr char kPlacementStarted[] = "uk.fosterwatch.placement.started.v1";
constexpr char kPlacementMoved[] = "uk.fosterwatch.placement.moved.v1";
constexpr char kPlacementEnded[] = "uk.fosterwatch.placement.ended.v1";
constexpr char kPlacementRecorded[] = "uk.fosterwatch.placement.recorded.v1";

absl::Status ReadData(const v1::IngestCloudEventRequest& event,
                      google::protobuf::Message& message) {
  return cloudevents::ReadData(event.data_content_type(), event.data(), message);
}

absl::StatusOr<IntakeRequest> ReadRequest(const v1::IngestCloudEventRequest& event) {
  if (event.type() == kChildRecorded) {
    v1::RecordChildRequest request;
    RETURN_IF_ERROR(ReadData(event, *request.mutable_child()));
    return request;
  }
  if (event.type() == kPlacementStarted) {
    v1::StartPlacementRequest request;
    RETURN_IF_ERROR(ReadData(event, *request.mutable_placement()));
    return request;
  }
  if (event.type() == kPlacementMoved) {
    v1::MoveChildRequest request;
    RETURN_IF_ERROR(ReadData(event, request));
    return request;
  }
  if (event.type() == kPlacementEnded) {
    v1::EndPlacementRequest request;
    RETURN_IF_ERROR(ReadData(event, request));
    return request;
  }
  if (event.type() == kPlacementRecorded) {
    v1::RecordPlacementRequest request;
    RETURN_IF_ERROR(ReadData(event, *request.mutable_placement()));
    return request;
  }
  return InvalidField("type", "UNKNOWN_EVENT_TYPE", "is no type that this service takes");
}

}  // namespace

const google::protobuf::Message& MessageOf(const IntakeRequest& request) {
  return std::visit([](const auto& message) -> const google::protobuf::Message& { return message; },
                    request);
}

bool IsIntakeType(absl::string_view type) {
  return type == kChildRecorded || type == kPlacementStarted || type == kPlacementMoved ||
         type == kPlacementEnded || type == kPlacementRecorded;
}

absl::StatusOr<IntakeRequest> ReadIntake(const v1::IngestCloudEventRequest& event) {
  RETURN_IF_ERROR(
      cloudevents::CheckEnvelope(event.id(), event.source(), event.data(), kMaxIntakeBytes));
  ASSIGN_OR_RETURN(IntakeRequest request, ReadRequest(event));
  // As at the door, which does not see into an event.
  RETURN_IF_ERROR(runtime::CheckNothingSealed(MessageOf(request)));
  return request;
}

v1::IngestCloudEventRequest IngestRequestOf(cloudevents::CloudEvent event) {
  v1::IngestCloudEventRequest request;
  request.set_id(std::move(event.id));
  request.set_source(std::move(event.source));
  request.set_type(std::move(event.type));
  request.set_data_content_type(std::move(event.data_content_type));
  request.set_data(std::move(event.data));
  return request;
}

}  // namespace fosterwatch::placements
