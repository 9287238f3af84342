#include "services/kpis/intake_data.h"

#include <string>
#include <utility>

#include "libs/cloudevents/data.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::kpis {
namespace {

absl::Status ReadData(const v1::IngestCloudEventRequest& event,
                      google::protobuf::Message& message) {
  return cloudevents::ReadData(event.data_content_type(), event.data(), message);
}

}  // namespace

const google::protobuf::Message& MessageOf(const IntakeData& data) {
  return std::visit([](const auto& of) -> const google::protobuf::Message& { return of; }, data);
}

bool IsIntakeType(absl::string_view type) {
  return type == kFigureReportedType || type == kSaferCaringReviewedType;
}

absl::StatusOr<IntakeData> ReadIntake(const v1::IngestCloudEventRequest& event) {
  RETURN_IF_ERROR(
      cloudevents::CheckEnvelope(event.id(), event.source(), event.data(), kMaxIntakeBytes));
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
