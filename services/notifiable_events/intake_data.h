// What a publisher's CloudEvent asks for, read by its type: the one reading of the intake topic, of
// the gateway's intake, and of who checks a feed before it is sent. Pure; any thread.
//
//   type                                                     data
//   uk.fosterwatch.notifiable-event.reported.v1              EventReport
//   uk.fosterwatch.notifiable-event.child-returned.v1        RecordChildReturnRequest
//   uk.fosterwatch.notifiable-event.enquiry-outcome.v1       RecordEnquiryOutcomeRequest
//
// as JSON or protobuf.
#pragma once

#include <variant>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "libs/cloudevents/cloud_event.h"

namespace fosterwatch::notifiable_events {

inline constexpr char kReportedType[] = "uk.fosterwatch.notifiable-event.reported.v1";
inline constexpr char kChildReturnedType[] = "uk.fosterwatch.notifiable-event.child-returned.v1";
inline constexpr char kEnquiryOutcomeType[] = "uk.fosterwatch.notifiable-event.enquiry-outcome.v1";

// What may come in at most, over either way, in bytes.
inline constexpr size_t kMaxIntakeBytes = 1'000'000;

// Without a request id: the publisher's source and id make it.
using IntakeRequest = std::variant<v1::ReportEventRequest, v1::RecordChildReturnRequest,
                                   v1::RecordEnquiryOutcomeRequest>;

const google::protobuf::Message& MessageOf(const IntakeRequest& request);

// INVALID_ARGUMENT with a violation that names attribute or field ("type", "data.kinds[0]"), never
// its value: ATTRIBUTE_MISSING, TOO_LARGE, UNKNOWN_EVENT_TYPE, UNSUPPORTED_DATA, or what libs/json
// says of the data (UNKNOWN_FIELD, UNKNOWN_ENUM_VALUE, MALFORMED_JSON, ...).
absl::StatusOr<IntakeRequest> ReadIntake(const v1::IngestCloudEventRequest& event);

// A refusal in the words of whoever sent the CloudEvent: what is wrong with a field of its data is
// said of "data.child_id", and not of the request that was made of it.
absl::Status InTheirWords(const absl::Status& refusal);

// A CloudEvent as it stood on the topic, for ReadIntake.
v1::IngestCloudEventRequest IngestRequestOf(cloudevents::CloudEvent event);

}  // namespace fosterwatch::notifiable_events
