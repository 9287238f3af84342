// One call inside of the door, from the moment that gRPC hands it over until gRPC is done with it.
// Inside of this library.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/slice.h>

#include "libs/runtime/cancellation.h"
#include "libs/runtime/door.h"
#include "libs/runtime/log.h"
#include "libs/runtime/workers.h"
#include "libs/status/grpc_status.h"

namespace fosterwatch::runtime {

// W3C trace context.
bool IsTraceParent(absl::string_view text);
std::string NewTraceParent();
std::string TraceIdOf(const std::string& trace_parent);

// The one value under the name; nothing where there is none, or more than one.
std::optional<std::string> MetadataOf(const grpc::CallbackServerContext& context, const char* name);

absl::Status Internal(absl::string_view reason, absl::string_view text);
absl::Status Exhausted();
absl::Status ShuttingDown();
// Says when to come back, on what may work then.
absl::Status WithRetryInfo(absl::Status status);
// What only we can mend says nothing to the outside but where to look for it in the log.
bool IsOurs(const absl::Status& status);
// Every error that leaves has a reason; where nobody chose one, the code's name.
absl::Status WithReason(const absl::Status& status);

// What gRPC tells of a call. Lives until gRPC is done with it.
class Reactor : public grpc::ServerUnaryReactor {
 public:
  explicit Reactor(std::shared_ptr<Cancellation> cancellation)
      : cancellation_(std::move(cancellation)) {}
  void OnDone() override { delete this; }
  // The client has gone, or the deadline has passed.
  void OnCancel() override { cancellation_->Request(); }

 private:
  // Neither blocks, so gRPC need not change threads for them; its own reactor says the same.
  bool InternalInlineable() override { return true; }

  const std::shared_ptr<Cancellation> cancellation_;
};

// One call on its way to its answer. Dropped without one, it answers INTERNAL.
class Visit {
 public:
  Visit(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
        grpc::ByteBuffer* response, grpc::ServerUnaryReactor* reactor,
        std::shared_ptr<Cancellation> cancellation, std::shared_ptr<Visitors> visitors,
        std::string path, const decltype(Door::Options::observe)& observe)
      : context_(context),
        reactor_(reactor),
        request_(request),
        response_(response),
        cancellation_(std::move(cancellation)),
        visitors_(std::move(visitors)),
        path_(std::move(path)),
        observe_(observe) {
    const std::optional<std::string> given = MetadataOf(*context_, "traceparent");
    trace_parent_ = given && IsTraceParent(*given) ? *given : NewTraceParent();
  }

  ~Visit() {
    if (!answered_) {
      Refuse(Internal("REPLY_DROPPED", "the handler dropped its reply"));
    }
  }

  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  const grpc::CallbackServerContext& context() const { return *context_; }
  const std::shared_ptr<Cancellation>& cancellation() const { return cancellation_; }
  const grpc::ByteBuffer& request() const { return *request_; }
  const std::string& trace_parent() const { return trace_parent_; }

  // With the bytes of the answer's message.
  void Answer(const grpc::Slice& bytes) {
    if (answered_.exchange(true)) return;
    *response_ = grpc::ByteBuffer(&bytes, 1);
    Leave(absl::StatusCode::kOk, grpc::Status::OK);
  }

  void Refuse(const absl::Status& status) {
    if (answered_.exchange(true)) return;
    if (!IsOurs(status)) return Leave(status.code(), ToGrpc(WithRetryInfo(WithReason(status))));
    LogFields fields = {{"path", path_}, {"trace_id", TraceIdOf(trace_parent_)}};
    LogStatus("a call failed inside", status, std::move(fields));
    Leave(absl::StatusCode::kInternal,
          ToGrpc(Internal("INTERNAL",
                          absl::StrCat("internal error (trace ", TraceIdOf(trace_parent_), ")"))));
  }

 private:
  void Leave(absl::StatusCode code, const grpc::Status& status) {
    const absl::Duration took = absl::Now() - begun_;
    // Before the answer: who has it finds the call counted.
    if (observe_) observe_(path_, code, took);
    // The context is gone once this returns.
    reactor_->Finish(status);
    visitors_->Leave();
  }

  grpc::CallbackServerContext* const context_;
  grpc::ServerUnaryReactor* const reactor_;
  const grpc::ByteBuffer* const request_;
  grpc::ByteBuffer* const response_;
  const std::shared_ptr<Cancellation> cancellation_;
  const std::shared_ptr<Visitors> visitors_;
  const std::string path_;
  const decltype(Door::Options::observe) observe_;
  const absl::Time begun_ = absl::Now();
  std::string trace_parent_;
  std::atomic<bool> answered_ = false;
};

}  // namespace fosterwatch::runtime
