// What a publisher's CloudEvent about children and placements asks for, read by its type: the one
// reading of the intake topic, of the gateway's intake, and of who checks a feed before it is sent.
// Pure; any thread.
//
//   type                                    data
//   uk.fosterwatch.child.recorded.v1        Child
//   uk.fosterwatch.placement.started.v1     Placement
//   uk.fosterwatch.placement.moved.v1       MoveChildRequest
//   uk.fosterwatch.placement.ended.v1       EndPlacementRequest
//   uk.fosterwatch.placement.recorded.v1    Placement
//
// as JSON or protobuf.
#pragma once

#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/cloudevents/cloud_event.h"

namespace fosterwatch::placements {

// What may come in at most, over either way, in bytes.
inline constexpr size_t kMaxIntakeBytes = 1'000'000;

// Without a request id: the publisher's source and id make it.
using IntakeRequest =
    std::variant<v1::RecordChildRequest, v1::StartPlacementRequest, v1::MoveChildRequest,
                 v1::EndPlacementRequest, v1::RecordPlacementRequest>;

const google::protobuf::Message& MessageOf(const IntakeRequest& request);

// Whether the type is one of the above.
bool IsIntakeType(absl::string_view type);

// INVALID_ARGUMENT with a violation that names attribute or field, never its value:
// ATTRIBUTE_MISSING, TOO_LARGE, UNKNOWN_EVENT_TYPE, UNSUPPORTED_DATA, SEALED_IN_REQUEST, or what
// libs/json says of the data.
absl::StatusOr<IntakeRequest> ReadIntake(const v1::IngestCloudEventRequest& event);

// A CloudEvent as it stood on the topic, for ReadIntake.
v1::IngestCloudEventRequest IngestRequestOf(cloudevents::CloudEvent event);

}  // namespace fosterwatch::placements
