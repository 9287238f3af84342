#include "services/notifiable_events/intake_data.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "libs/clock/proto_time.h"
#include "libs/json/bytes_to_message.h"
#include "libs/json/to_message.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifiable_events {
namespace {

// What is wrong with the data as a whole is said of the field.
absl::Status OfData(const absl::Status& read) {
  if (read.ok() || !ViolationsOf(read).empty()) return InTheirWords(read);
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

absl::Status InTheirWords(const absl::Status& refusal) {
  std::vector<Violation> violations = ViolationsOf(refusal);
  if (violations.empty()) return refusal;
  std::string message(refusal.message());
  for (Violation& violation : violations) {
    const std::string ours = violation.field;
    violation.field = absl::StrCat("data.", absl::StripPrefix(ours, "report."));
    if (absl::StartsWith(message, absl::StrCat(ours, ": "))) {
      message = absl::StrCat(violation.field, message.substr(ours.size()));
    }
  }
  return Error(refusal.code(), ReasonOf(refusal), message, std::move(violations));
}

absl::StatusOr<IntakeRequest> ReadIntake(const v1::IngestCloudEventRequest& event) {
  if (event.id().empty()) return InvalidField("id", "ATTRIBUTE_MISSING", "is missing");
  if (event.source().empty()) return InvalidField("source", "ATTRIBUTE_MISSING", "is missing");
  if (event.data().size() > kMaxIntakeBytes) {
    return InvalidField("data", "TOO_LARGE", "is larger than 1,000,000 bytes");
  }
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
