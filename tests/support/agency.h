// A small agency in an installation: bodies, a carer, children, a publisher, and its people. Every
// body is reached through a person, so that nothing is mailed.
#pragma once

#include <atomic>
#include <string>

#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "tests/support/installation.h"

namespace fosterwatch::testing {

inline constexpr char kEvents[] = "fosterwatch.notifiable_events.v1.NotifiableEventService";

class Agency {
 public:
  // Records all of it and waits until the register of events knows it. Throws std::runtime_error
  // where it cannot.
  Agency(Installation* installation, std::string agency_id);

  const std::string& id() const { return id_; }
  // The CloudEvents source of its publisher.
  std::string source() const { return "urn:case-system:" + id_; }

  Person Caseworker() const { return {id_, "caseworker-1", {options::v1::ROLE_CASEWORKER}}; }
  Person TeamManager() const { return {id_, "team-manager-1", {options::v1::ROLE_TEAM_MANAGER}}; }
  Person RegisteredManager() const {
    return {id_, "registered-manager-1", {options::v1::ROLE_REGISTERED_MANAGER}};
  }
  Person Publisher() const { return {id_, "case-system", {options::v1::ROLE_PUBLISHER}}; }
  Person Administrator() const { return {id_, "admin-1", {options::v1::ROLE_ADMINISTRATOR}}; }

  // "C-1" lives in the area of its responsible authority, northshire; "C-2" in southshire, with
  // northshire responsible. Both are placed with "F-1".
  // A report that is right: of C-1, known for half an hour. Each happened more than a day before
  // the one that was asked for before, the first an hour ago: they do not look alike.
  notifiable_events::v1::EventReport Report(notifiable_events::v1::EventKind kind) const;

  // A mainstream carer approved on 2020-01-01, whole in the register. Throws std::runtime_error.
  void TakeOverCarer(const std::string& carer_id);

  template <typename Response = notifiable_events::v1::NotifiableEvent>
  absl::StatusOr<Response> Call(const Person& person, const std::string& method,
                                const google::protobuf::Message& request) const {
    return installation_->Call<Response>(person, kEvents, method, request);
  }

 private:
  Installation* const installation_;
  const std::string id_;
  mutable std::atomic<int> reports_{0};
};

}  // namespace fosterwatch::testing
