// A bounded pool of connections. Any thread may borrow; a connection found dead is replaced.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/pg/connection.h"

namespace fosterwatch::pg {

class Pool {
 public:
  // Opens connections as they are needed, `size` at most.
  Pool(std::string conninfo, int size);

  // Borrows; returns itself when it goes out of scope.
  class Lease {
   public:
    Lease(Pool* pool, std::unique_ptr<Connection> connection);
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // RESOURCE_EXHAUSTED when none comes free within `patience`; UNAVAILABLE when the server is away.
  absl::StatusOr<Lease> Borrow(absl::Duration patience = absl::Seconds(5));

 private:
  void Return(std::unique_ptr<Connection> connection);

  const std::string conninfo_;
  const int size_;
  absl::Mutex mutex_;
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::pg
