// The directory and the register of events as this service sees them, on a real door and socket:
// bodies, holders and contents that a test sets, and a host whose client finds them.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "fosterwatch/directory/v1/directory.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/operations/v1/access_service.pb.h"
#include "libs/auth/token.h"
#include "libs/runtime/module.h"

namespace grpc {
class Server;
}

namespace fosterwatch::notifications {

class FakeOwners {
 public:
  FakeOwners();
  ~FakeOwners();

  void SetBody(const directory::v1::Body& body);
  // Of the body's webhook, newest first.
  void SetSecrets(const std::string& body_id, std::vector<std::string> secrets);
  void SetHolder(const std::string& person_id, options::v1::Role role, const std::string& email);
  void RemoveHolders();
  // From now on the directory answers UNAVAILABLE, or again as it should.
  void SetAway(bool away) { away_ = away; }
  // What that service reports of looks at its records, where the hour is asked for.
  void AddUnusual(const std::string& service, const std::string& person_id, absl::Time hour);
  // It answers UNAVAILABLE, or again as it should, where it is asked who looked at what.
  void SetAccessAway(const std::string& service, bool away);
  // The spans for which that service was asked and answered, in their order.
  std::vector<std::pair<absl::Time, absl::Time>> AskedForUnusual(const std::string& service);
  // How often it was asked while it was away.
  int asked_away() const { return asked_away_; }

  // A host that has a client, a token and nothing else.
  runtime::Host& host();

 private:
  class Host;

  std::string folder_;
  std::unique_ptr<auth::LocalIssuer> issuer_;
  std::unique_ptr<auth::Verifier> verifier_;
  std::unique_ptr<runtime::Door> door_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<runtime::Host> host_;

  bool Away();

  std::atomic<bool> away_ = false;
  std::atomic<int> asked_away_ = 0;
  absl::Mutex mutex_;
  std::map<std::string, directory::v1::Body> bodies_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<std::string>> secrets_ ABSL_GUARDED_BY(mutex_);
  std::vector<directory::v1::RoleHolder> holders_ ABSL_GUARDED_BY(mutex_);
  std::vector<operations::v1::UnusualAccess> unusual_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> access_away_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<std::pair<absl::Time, absl::Time>>> asked_unusual_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::notifications
