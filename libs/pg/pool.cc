#include "libs/pg/pool.h"

#include <utility>

namespace fosterwatch::pg {

Pool::Pool(std::string conninfo, int size) : conninfo_(std::move(conninfo)), size_(size) {}

Pool::Lease::Lease(Pool* pool, std::unique_ptr<Connection> connection)
    : pool_(pool), connection_(std::move(connection)) {}

Pool::Lease::~Lease() {
  if (connection_ != nullptr) pool_->Return(std::move(connection_));
}

absl::StatusOr<Pool::Lease> Pool::Borrow(absl::Duration patience) {
  const absl::Time until = absl::Now() + patience;
  while (true) {
    std::unique_ptr<Connection> connection;
    {
      absl::MutexLock lock(&mutex_);
      const auto free = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return !idle_.empty() || open_ < size_;
      };
      if (!mutex_.AwaitWithDeadline(absl::Condition(&free), until)) {
        return absl::ResourceExhaustedError("every connection to the database is in use");
      }
      if (idle_.empty()) {
        ++open_;
      } else {
        connection = std::move(idle_.back());  // the warmest
        idle_.pop_back();
      }
    }
    if (connection == nullptr) {
      absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(conninfo_);
      if (!opened.ok()) {
        absl::MutexLock lock(&mutex_);
        --open_;
        return std::move(opened).status();
      }
      return Lease(this, *std::move(opened));
    }
    if (connection->alive()) return Lease(this, std::move(connection));
    connection.reset();
    absl::MutexLock lock(&mutex_);
    --open_;
  }
}

void Pool::Return(std::unique_ptr<Connection> connection) {
  connection->Rollback();  // does nothing unless the borrower left a transaction open
  const bool alive = connection->alive();
  if (!alive) connection.reset();
  absl::MutexLock lock(&mutex_);
  if (alive) {
    idle_.push_back(std::move(connection));
  } else {
    --open_;
  }
}

}  // namespace fosterwatch::pg
