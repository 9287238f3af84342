#include "services/notifiable_events/intake_data.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "libs/clock/proto_time.h"
#include "libs/cloudevents/data.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifiable_events {
namespace {

absl::Status ReadData(const v1::IngestCloudEventRequest& event,
                      google::protobuf::Message& message) {
  return InTheirWords(cloudevents::ReadData(event.data_content_type(), event.data(), message));
}

}  // namespace

const google::protobuf::Message& MessageOf(const IntakeRequest& request) {
  return std::visit([](const auto& message) -> const google::protobuf::Message& { return message; },
                    request);
}

absl::Status InTheirWords(const absl::Status& refusal) {
  std::vector<Violation> violations = ViolationsOf(refusal);
  if (violations.empty()) return refusal;
  std::string message(refusal.message());
  for (Violation& violation : violations) {
    const std::string ours = violation.field;
    if (ours == "data" || ours == "datacontenttype") continue;
    violation.field = absl::StrCat("data.", absl::StripPrefix(ours, "report."));
    if (absl::StartsWith(message, absl::StrCat(ours, ": "))) {
      message = absl::StrCat(violation.field, message.substr(ours.size()));
    }
  }
  return Error(refusal.code(), ReasonOf(refusal), message, std::move(violations));
}

absl::StatusOr<IntakeRequest> ReadIntake(const v1::IngestCloudEventRequest& event) {
  RETURN_IF_ERROR(
      cloudevents::CheckEnvelope(event.id(), event.source(), event.data(), kMaxIntakeBytes));
  if (event.type() == kReportedType) {
    v1::ReportEventRequest request;
    RETURN_IF_ERROR(ReadData(event, *request.mutable_report()));
    return request;
  }
  if (event.type() == kChildReturnedType) {
    v1::RecordChildReturnRequest request;
    RETURN_IF_ERROR(ReadData(event, request));
    return request;
  }
  if (event.type() == kEnquiryOutcomeType) {
    v1::RecordEnquiryOutcomeRequest request;
    RETURN_IF_ERROR(ReadData(event, request));
    return request;
  }
  return InvalidField("type", "UNKNOWN_EVENT_TYPE", "is no type that this service takes");
}

v1::IngestCloudEventRequest IngestRequestOf(cloudevents::CloudEvent event) {
  v1::IngestCloudEventRequest request;
  request.set_id(std::move(event.id));
  request.set_source(std::move(event.source));
  request.set_type(std::move(event.type));
  if (event.time) *request.mutable_time() = clock::ToProto(*event.time);
  request.set_data_content_type(std::move(event.data_content_type));
  request.set_data(std::move(event.data));
  return request;
}

}  // namespace fosterwatch::notifiable_events
