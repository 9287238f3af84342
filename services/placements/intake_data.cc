#include "services/placements/intake_data.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/json/bytes_to_message.h"
#include "libs/json/to_message.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::placements {
namespace {

constexpr char kChildRecorded[] = "uk.fosterwatch.child.recorded.v1";
constexpr char kPlacementStarted[] = "uk.fosterwatch.placement.started.v1";
constexpr char kPlacementMoved[] = "uk.fosterwatch.placement.moved.v1";
constexpr char kPlacementEnded[] = "uk.fosterwatch.placement.ended.v1";
constexpr char kPlacementRecorded[] = "uk.fosterwatch.placement.recorded.v1";

// What is wrong with the data as a whole is said of the field.
absl::Status OfData(const absl::Status& read) {
  if (read.ok() || !ViolationsOf(read).empty()) return read;
  return Error(read.code(), ReasonOf(read), absl::StrCat("data: ", read.message()),
               {{"data", std::string(read.message())}});
}

absl::Status ReadData(const v1::IngestCloudEventRequest& event,
                      google::protobuf::Message& message) {
  const std::string& type = event.data_content_type();
  if (type.empty() || absl::StartsWithIgnoreCase(type, "application/json")) {
    return OfData(json::TextToMessage(event.data(), message));
  }
  if (absl::StartsWithIgnoreCase(type, "application/protobuf")) {
    return OfData(json::BytesToMessage(event.data(), message));
  }
  return InvalidField("datacontenttype", "UNSUPPORTED_DATA",
                      "is neither application/json nor application/protobuf");
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
  if (event.id().empty()) return InvalidField("id", "ATTRIBUTE_MISSING", "is missing");
  if (event.source().empty()) return InvalidField("source", "ATTRIBUTE_MISSING", "is missing");
  if (event.data().size() > kMaxIntakeBytes) {
    return InvalidField("data", "TOO_LARGE", "is larger than 1,000,000 bytes");
  }
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
