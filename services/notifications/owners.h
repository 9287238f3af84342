// What this service asks of others at the moment of sending: what a notice says, how a body is
// reached, who holds a role; and each morning of every service who looked at what. Read by gRPC
// under the service's own token, never inside the ledger.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "fosterwatch/directory/v1/directory.pb.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/operations/v1/access_service.pb.h"
#include "fosterwatch/options/v1/options.pb.h"
#include "libs/runtime/module.h"

namespace fosterwatch::notifications {

// Each method blocks, 5 s at most. UNAVAILABLE and DEADLINE_EXCEEDED: the owner is away. Any
// thread.
class Owners {
 public:
  // For how long a body and its webhook are remembered: one report leads to several sends.
  static constexpr absl::Duration kAge = absl::Seconds(1);

  // The host outlives it.
  explicit Owners(runtime::Host* host) : host_(host) {}

  absl::StatusOr<notifiable_events::v1::NoticeContent> NoticeContent(
      const std::string& agency_id, const std::string& event_id,
      const std::vector<std::string>& notice_ids);
  absl::StatusOr<directory::v1::Body> Body(const std::string& agency_id,
                                           const std::string& body_id);
  // The secrets that posts to it are signed with now, newest first; NOT_FOUND where it never had
  // any.
  absl::StatusOr<directory::v1::Webhook> Webhook(const std::string& agency_id,
                                                 const std::string& body_id);
  // At this moment, and who of them is away.
  absl::StatusOr<directory::v1::ListHoldersResponse> Holders(const std::string& agency_id,
                                                             options::v1::Role role,
                                                             absl::Time now);
  // What of the looks at that service's records is unusual by its rules.
  absl::StatusOr<operations::v1::ReportUnusualAccessResponse> UnusualAccess(
      const std::string& agency_id, const std::string& service, absl::Time from, absl::Time until);

 private:
  template <typename Response>
  absl::StatusOr<Response> Call(const std::string& service, const std::string& full_service,
                                const std::string& method, const google::protobuf::Message& request,
                                const std::string& agency_id);

  // What is remembered by agency and body.
  template <typename Response>
  struct Memory {
    struct Entry {
      Response response;
      absl::Time read;
    };
    std::map<std::pair<std::string, std::string>, Entry> entries;
  };
  template <typename Response, typename Request>
  absl::StatusOr<Response> Remembered(Memory<Response>& memory, const std::string& method,
                                      const std::string& agency_id, const std::string& body_id);

  runtime::Host* const host_;
  absl::Mutex mutex_;
  Memory<directory::v1::Body> bodies_ ABSL_GUARDED_BY(mutex_);
  Memory<directory::v1::Webhook> webhooks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::notifications
