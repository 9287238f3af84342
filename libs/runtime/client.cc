#include "libs/runtime/client.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/slice.h>

#include "libs/runtime/tls.h"
#include "libs/status/error.h"
#include "libs/status/grpc_status.h"

namespace fosterwatch::runtime {
namespace {

constexpr int kMostResponseBytes = 16'000'000;

grpc::ChannelArguments ArgumentsOfChannels() {
  grpc::ChannelArguments arguments;
  // A peer that is gone without a word is noticed within 25 seconds.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  // One that comes back is found within a second.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // As long as one attempt may take, whatever its name: a handshake waits for a busy processor.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  // The environment's HTTP proxy is for the world outside.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(kMostResponseBytes);
  return arguments;
}

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// gRPC ends the process over metadata that is not this.
bool IsPrintable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

// What one call needs until it is answered.
struct Running {
  uint64_t id = 0;
  std::string service;
  std::shared_ptr<grpc::Channel> channel;
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  std::function<void(absl::StatusOr<std::string>)> done;
};

}  // namespace

struct Client::Channels {
  std::function<std::string(const std::string&)> endpoint_of;
  std::shared_ptr<const Tls> tls;
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  absl::Mutex mutex;
  absl::flat_hash_map<std::string, std::shared_ptr<grpc::Channel>> by_address
      ABSL_GUARDED_BY(mutex);
  // What runs, and in how many places it is held besides.
  absl::flat_hash_map<uint64_t, std::shared_ptr<Running>> running ABSL_GUARDED_BY(mutex);
  uint64_t next_id ABSL_GUARDED_BY(mutex) = 1;
  int held ABSL_GUARDED_BY(mutex) = 0;
  bool closed ABSL_GUARDED_BY(mutex) = false;

  // Registers the call as running; null where the client is closing.
  std::shared_ptr<grpc::Channel> Begin(const std::string& address,
                                       const std::shared_ptr<Running>& call) {
    absl::MutexLock lock(&mutex);
    if (closed) return nullptr;
    std::shared_ptr<grpc::Channel>& channel = by_address[address];
    if (channel == nullptr) {
      channel = grpc::CreateCustomChannel(address, credentials, ArgumentsOfChannels());
    }
    call->id = next_id++;
    running.emplace(call->id, call);
    return channel;
  }

  absl::Status WhyNot(const std::string& service, const absl::Status& status) const {
    return tls == nullptr ? status : tls->Explain(service, status, absl::Now());
  }

  void End(uint64_t id) {
    absl::MutexLock lock(&mutex);
    running.erase(id);
  }

  // Gives the call up, if it still runs. Not under the lock: its end may come on this thread.
  void Cancel(uint64_t id) {
    std::shared_ptr<Running> keep;
    {
      absl::MutexLock lock(&mutex);
      const auto found = running.find(id);
      if (found == running.end()) return;
      keep = found->second;
      ++held;
    }
    keep->context.TryCancel();
    keep.reset();
    absl::MutexLock lock(&mutex);
    --held;
  }

  bool Idle() const ABSL_SHARED_LOCKS_REQUIRED(mutex) { return running.empty() && held == 0; }

  void Close() {
    std::vector<std::shared_ptr<Running>> left;
    {
      absl::MutexLock lock(&mutex);
      closed = true;
      for (const auto& [id, call] : running) left.push_back(call);
    }
    for (const std::shared_ptr<Running>& call : left) call->context.TryCancel();
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(this, &Channels::Idle));
  }
};

Client::Client(std::function<std::string(const std::string& service)> endpoint_of,
               std::shared_ptr<const Tls> tls)
    : channels_(std::make_shared<Channels>()) {
  channels_->endpoint_of = std::move(endpoint_of);
  channels_->credentials = tls == nullptr ? grpc::InsecureChannelCredentials() : tls->ForClient();
  channels_->tls = std::move(tls);
}

Client::~Client() { channels_->Close(); }

void Client::CallAsync(const std::string& service, const std::string& path, std::string request,
                       const Options& options,
                       std::function<void(absl::StatusOr<std::string>)> done) {
  if (!IsPrintable(options.token) || !IsPrintable(options.agency_id)) {
    return done(Error(absl::StatusCode::kUnauthenticated, "TOKEN_INVALID",
                      "a valid access token is required"));
  }
  const CallScope* const scope = CallScope::Current();
  const std::shared_ptr<Cancellation> cancellation =
      options.cancellation == nullptr && scope != nullptr ? scope->cancellation()
                                                          : options.cancellation;
  const std::string& trace_parent = options.trace_parent.empty() && scope != nullptr
                                        ? scope->trace_parent()
                                        : options.trace_parent;
  const absl::Time now = absl::Now();
  const absl::Time deadline = CallScope::NoLaterThan(now + options.timeout);
  if (deadline <= now) {
    return done(absl::DeadlineExceededError("the deadline passed before the call was made"));
  }
  if (cancellation != nullptr && cancellation->requested()) {
    return done(absl::CancelledError("the caller is gone"));
  }
  auto call = std::make_shared<Running>();
  call->service = service;
  call->done = std::move(done);
  call->context.set_deadline(absl::ToChronoTime(deadline));
  if (!options.token.empty()) {
    call->context.AddMetadata("authorization", absl::StrCat("Bearer ", options.token));
  }
  if (!options.agency_id.empty()) call->context.AddMetadata("x-agency-id", options.agency_id);
  if (!options.purpose.empty() && IsPrintable(options.purpose)) {
    call->context.AddMetadata("x-purpose", options.purpose);
  }
  if (!trace_parent.empty() && IsPrintable(trace_parent)) {
    call->context.AddMetadata("traceparent", trace_parent);
  }
  const grpc::Slice slice(request);
  call->request = grpc::ByteBuffer(&slice, 1);
  call->channel = channels_->Begin(channels_->endpoint_of(service), call);
  if (call->channel == nullptr) {
    return call->done(absl::CancelledError("the client is closed"));
  }
  const uint64_t id = call->id;
  grpc::GenericStub stub(call->channel);
  stub.UnaryCall(&call->context, path, {}, &call->request, &call->response,
                 [channels = channels_.get(), call](grpc::Status status) mutable {
                   if (status.ok()) {
                     call->done(BytesOf(call->response));
                   } else {
                     call->done(channels->WhyNot(call->service, FromGrpc(status)));
                   }
                   // A channel waits for this thread to end, so its last owner may not be here:
                   // closing waits until the call is out of the list.
                   const uint64_t ended = call->id;
                   call.reset();
                   channels->End(ended);
                 });
  call.reset();
  if (cancellation != nullptr) {
    cancellation->OnRequest([weak = std::weak_ptr<Channels>(channels_), id] {
      if (const std::shared_ptr<Channels> channels = weak.lock()) channels->Cancel(id);
    });
  }
}

absl::StatusOr<std::string> Client::CallBytes(const std::string& service, const std::string& path,
                                              const std::string& request, const Options& options) {
  absl::Notification answered;
  absl::StatusOr<std::string> answer;
  CallAsync(service, path, request, options, [&](absl::StatusOr<std::string> result) {
    answer = std::move(result);
    answered.Notify();
  });
  answered.WaitForNotification();
  return answer;
}

absl::Status Client::CheckHealth(const std::string& service, absl::Duration timeout) {
  Options options;
  options.timeout = timeout;
  // grpc.health.v1: an empty request asks for the whole server; field 1 of the answer is 1 when it
  // serves. Debian ships no generated code for it.
  const absl::StatusOr<std::string> answer =
      CallBytes(service, "/grpc.health.v1.Health/Check", "", options);
  if (!answer.ok()) {
    if (ReasonOf(answer.status()) == "TLS_FAILED") return answer.status();
    return absl::UnavailableError(
        absl::StrCat(service, " does not answer at ", channels_->endpoint_of(service)));
  }
  if (*answer != "\x08\x01") return absl::UnavailableError(service + " is not ready");
  return absl::OkStatus();
}

}  // namespace fosterwatch::runtime
