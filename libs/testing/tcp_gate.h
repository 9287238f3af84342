// A gate between a client and its server, through which all bytes pass unless a test says
// otherwise: held back, lost, late, spoiled, cut into pieces, or the connection cut on a word.
//
//   TcpGate gate(server_address);                 // "127.0.0.1:5432", or the path of a unix socket
//   client.Connect(gate.address());
//   gate.Set(TcpGate::Way::kToClient, TcpGate::Noop());   // the server's answers wait
//   gate.Pass();                                  // they arrive
//
// What is set holds for connections that are there and for those to come, until it is set anew.
// Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace fosterwatch::testing {

class TcpGate {
 public:
  // Where the bytes go.
  enum class Way { kToServer, kToClient };

  // What happens to bytes; made by the functions below.
  struct Fault {
    enum class Kind { kPass, kNoop, kDrop, kDelay, kCorrupt, kClose, kRate, kParts };
    Kind kind = Kind::kPass;
    absl::Duration delay;     // kDelay: of each piece that was read at once
    absl::Duration jitter;    // kDelay: more than that, by chance, up to this
    int64_t bytes = 0;        // kRate: of a second; kParts: of a part
    std::string word;         // kClose: what closes; empty: anything
    bool pass_first = false;  // kClose: whether the piece with the word still goes through
    int times = -1;           // kClose: how often, before all passes again; -1: always
  };
  // Nothing is read: bytes wait, and the sender's buffers fill.
  static Fault Noop() { return {.kind = Fault::Kind::kNoop}; }
  // Bytes are read and lost.
  static Fault Drop() { return {.kind = Fault::Kind::kDrop}; }
  static Fault Delay(absl::Duration delay, absl::Duration jitter = absl::ZeroDuration()) {
    return {.kind = Fault::Kind::kDelay, .delay = delay, .jitter = jitter};
  }
  // One bit of each piece is another.
  static Fault Corrupt() { return {.kind = Fault::Kind::kCorrupt}; }
  // The first bytes that come close the connection, on both sides, and are lost.
  static Fault CloseOnData(int times = -1) { return {.kind = Fault::Kind::kClose, .times = times}; }
  // A piece that holds the word closes the connection, lost or passed through. Words that a read
  // may split are found across two pieces too.
  static Fault CloseBefore(std::string word, int times = -1) {
    return {.kind = Fault::Kind::kClose, .word = std::move(word), .times = times};
  }
  static Fault CloseAfter(std::string word, int times = -1) {
    return {
        .kind = Fault::Kind::kClose, .word = std::move(word), .pass_first = true, .times = times};
  }
  static Fault LimitRate(int64_t bytes_a_second) {
    return {.kind = Fault::Kind::kRate, .bytes = bytes_a_second};
  }
  // Each part is a send of its own.
  static Fault SmallerParts(int64_t bytes) { return {.kind = Fault::Kind::kParts, .bytes = bytes}; }

  // The server need not be there yet: a connection that cannot reach it is closed at once.
  // Throws std::runtime_error where no port can be had.
  explicit TcpGate(std::string server);
  ~TcpGate();
  TcpGate(const TcpGate&) = delete;
  TcpGate& operator=(const TcpGate&) = delete;

  uint16_t port() const { return port_; }
  std::string address() const;  // "127.0.0.1:<port>"

  void Set(Way way, Fault fault);
  void SetBoth(const Fault& fault);
  // All passes again, both ways.
  void Pass() { SetBoth({}); }

  // Connecting is refused, as by a host without the server; connections that are there stay.
  void StopAccepting();
  void StartAccepting();
  // Closes all connections that are there, on both sides.
  void CloseSockets();

  int open_connections() const;
  int64_t accepted() const;
  // How often kClose has closed one.
  int64_t closed_by_fault() const;

 private:
  struct Link;
  struct Setting {
    Fault fault;
    int64_t version = 0;  // counts settings
  };

  void Listen();
  void Carry(Link& link, Way way);
  // What becomes of a piece; false: the connection is to be closed.
  bool Handle(Link& link, Way way, std::string piece, std::string& tail);
  Setting Current(Way way) const;
  // Until the time, a new setting or the end of the link or gate.
  void Sleep(Link& link, Way way, int64_t version, absl::Time until);
  void OpenListener() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string server_;
  uint16_t port_ = 0;

  mutable absl::Mutex mutex_;
  Setting settings_[2] ABSL_GUARDED_BY(mutex_);
  int listener_ ABSL_GUARDED_BY(mutex_) = -1;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t accepted_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t closed_by_fault_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::shared_ptr<Link>> links_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace fosterwatch::testing
