// What a publisher's CloudEvent about figures says, read by its type: the one reading of the intake
// topic, of the gateway's intake, and of who checks a feed before it is sent. Pure; any thread.
//
//   type                                            data
//   uk.fosterwatch.figure.reported.v1               ReportedFigure
//   uk.fosterwatch.safer-caring-plan.reviewed.v1    ReportedSaferCaringPlan
//
// as JSON or protobuf.
#pragma once

#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

#include "fosterwatch/kpis/v1/figure_import.pb.h"
#include "fosterwatch/kpis/v1/figure_import_service.pb.h"
#include "fosterwatch/kpis/v1/safer_caring.pb.h"
#include "libs/cloudevents/cloud_event.h"

namespace fosterwatch::kpis {

inline constexpr char kFigureReportedType[] = "uk.fosterwatch.figure.reported.v1";
inline constexpr char kSaferCaringReviewedType[] = "uk.fosterwatch.safer-caring-plan.reviewed.v1";
// What may come in at most, over either way, in bytes.
inline constexpr size_t kMaxIntakeBytes = 100'000;

// The source of a figure is the event's.
using IntakeData = std::variant<v1::ReportedFigure, v1::ReportedSaferCaringPlan>;

const google::protobuf::Message& MessageOf(const IntakeData& data);

// Whether the type is one of the above.
bool IsIntakeType(absl::string_view type);

// INVALID_ARGUMENT with a violation that names attribute or field, never its value:
// ATTRIBUTE_MISSING, TOO_LARGE, UNKNOWN_EVENT_TYPE, UNSUPPORTED_DATA, or what libs/json says of the
// data.
absl::StatusOr<IntakeData> ReadIntake(const v1::IngestCloudEventRequest& event);

// A CloudEvent as it stood on the topic, for ReadIntake.
v1::IngestCloudEventRequest IngestRequestOf(cloudevents::CloudEvent event);

}  // namespace fosterwatch::kpis
