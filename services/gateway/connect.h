// The bridge from the Connect protocol to gRPC, by descriptor: no code per method. A unary call is
// checked (content type, version, encoding, time-out, who calls), its JSON is read strictly
// (libs/json/to_message.h), and its bytes go to the service that owns it under the caller's own
// token; the owner's door decides what the caller may do. The answer, or the error with its
// details, goes back in the client's own encoding.
//
// Threads: Handle is called on the io thread and does not block; bodies over 64 KB are read on
// another one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

#include "libs/runtime/client.h"
#include "services/gateway/connect_protocol.h"
#include "services/gateway/http.h"
#include "services/gateway/session.h"

namespace fosterwatch::gateway {

class ConnectBridge {
 public:
  struct Options {
    runtime::Client* client = nullptr;
    const Sessions* sessions = nullptr;
    std::function<absl::Time()> now;
    std::function<void(std::function<void()>)> run_aside;
    size_t most_body_bytes = 1'000'000;
    absl::Duration most_time = absl::Seconds(30);
  };
  explicit ConnectBridge(Options options);

  // Carries the service's methods to "directory" where it is fosterwatch.directory.v1.X.
  void Carry(const google::protobuf::ServiceDescriptor* service);

  // Methods that the gateway answers itself, of services that it does not carry.
  using Answer = std::function<std::unique_ptr<google::protobuf::Message>(
      const Identity&, const google::protobuf::Message& request)>;
  void OnUnary(const google::protobuf::MethodDescriptor* method, Answer answer);
  // Takes over a stream that has been admitted; the answer's head is sent.
  using Open = std::function<void(const Identity&, Codec, std::shared_ptr<Stream>)>;
  void OnStream(const google::protobuf::MethodDescriptor* method, Open open);

  // Whether the path is one of an RPC: "/fosterwatch.<area>.v1.<Service>/<Method>", known or not.
  static bool IsRpcPath(absl::string_view path);
  void Handle(RequestPtr request, ReplyPtr reply) const;

 private:
  struct Method {
    const google::protobuf::MethodDescriptor* descriptor = nullptr;
    std::string owner;  // empty: answered here
    Answer answer;
    Open open;
  };

  absl::StatusOr<Identity> Admit(const Method& method, const HttpRequest& request) const;
  void HandleUnary(const Method& method, Codec codec, RequestPtr request, ReplyPtr reply) const;
  absl::Status CallOwner(const Method& method, Codec codec, const HttpRequest& request,
                         const Identity& identity, const ReplyPtr& reply) const;
  void HandleStream(const Method& method, Codec codec, const HttpRequest& request,
                    const ReplyPtr& reply) const;
  absl::Status OpenStream(const Method& method, Codec codec, const HttpRequest& request,
                          const ReplyPtr& reply) const;

  const Options options_;
  std::map<std::string, Method, std::less<>> methods_;  // by path
};

}  // namespace fosterwatch::gateway
