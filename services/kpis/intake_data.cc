#include "services/kpis/intake_data.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/json/bytes_to_message.h"
#include "libs/json/to_message.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::kpis {
namespace {

// What is wrong with the data as a whole is said of the field.
absl::Status OfData(const absl::Status& read) {
  if (read.ok() || !ViolationsOf(read).empty()) return read;
  return Error(read.code(), ReasonOf(read), absl::StrCat("data: ", read.message()),
               {{"data", std::string(read.message())}});
}

absl::Status ReadData(const v1::IngestCloudEventRequest& event, google::protobuf::Message& data) {
  const std::string& type = event.data_content_type();
  if (type.empty() || absl::StartsWithIgnoreCase(type, "application/json")) {
    return OfData(json::TextToMessage(event.data(), data));
  }
  if (absl::StartsWithIgnoreCase(type, "application/protobuf")) {
    return OfData(json::BytesToMessage(event.data(), data));
  }
  return InvalidField("datacontenttype", "UNSUPPORTED_DATA",
                      "is neither application/json nor application/protobuf");
}

}  // namespace

const google::protobuf::Message& MessageOf(const IntakeData& data) {
  return std::visit([](const auto& of) -> const google::protobuf::Message& { return of; }, data);
}

bool IsIntakeType(absl::string_view type) {
  return type == kFigureReportedType || type == kSaferCaringReviewedType;
}

absl::StatusOr<IntakeData> ReadIntake(const v1::IngestCloudEventRequest& event) {
  if (event.id().empty()) return InvalidField("id", "ATTRIBUTE_MISSING", "is missing");
  if (event.source().empty()) return InvalidField("source", "ATTRIBUTE_MISSING", "is missing");
  if (event.data().size() > kMaxIntakeBytes) {
    return InvalidField("data", "TOO_LARGE", "is larger than 100,000 bytes");
  }
  if (event.type() == kFigureReportedType) {
    v1::ReportedFigure figure;
    RETURN_IF_ERROR(ReadData(event, figure));
    figure.set_source(event.source());
    return figure;
  }
  if (event.type() == kSaferCaringReviewedType) {
    v1::ReportedSaferCaringPlan plan;
    RETURN_IF_ERROR(ReadData(event, plan));
    return plan;
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

}  // namespace fosterwatch::kpis
