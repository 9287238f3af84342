// The bridge from the Connect protocol to gRPC, by descriptor: no code per method. A unary call is
// checked (content type, version, encoding, time-out, who calls), its JSON is read strictly
// (libs/json/to_message.h), and its bytes go to the service that owns it under the caller's own
// token; the owner's door decides what the caller may do. The answer, or the error with its
// details, goes back in the client's own encoding. A method that its proto says has no side effects
// may be called by GET as well.
//
// Held to the protocol by its official suite: tests/conformance.
//
// Threads: Handle is called on the io thread and does not block; bodies over 64 KB are read on
// another one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
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
    // Who calls; for a method that the gateway answers itself (else null) also whether they may.
    std::function<absl::StatusOr<Identity>(const HttpRequest&,
                                           const google::protobuf::MethodDescriptor* local)>
        admit;
    std::function<void(std::function<void()>)> run_aside;
    size_t most_body_bytes = 1'000'000;
    absl::Duration most_time = absl::Seconds(30);
  };
  explicit ConnectBridge(Options options);

  // Carries the service's methods to "directory" where it is fosterwatch.directory.v1.X. A method
  // whose request names the service it is for (the option `routes`) goes there, if that is one
  // whose methods are carried; NOT_FOUND (UNKNOWN_SERVICE) otherwise.
  void Carry(const google::protobuf::ServiceDescriptor* service);

  // Methods that the gateway answers itself, of services that it does not carry.
  struct Call {
    Identity identity;
    RequestPtr request;
    Codec codec = Codec::kProto;
    absl::Duration timeout;  // what the caller asked for, at most Options::most_time
  };
  struct Answered {
    absl::StatusOr<std::unique_ptr<google::protobuf::Message>> message;
    HttpHeaders headers;
    HttpHeaders trailers;
  };
  // `done` once, on any thread.
  using Answer = std::function<void(const Call&, const google::protobuf::Message& request,
                                    std::function<void(Answered)> done)>;
  void OnUnary(const google::protobuf::MethodDescriptor* method, Answer answer);
  // Takes over a stream that has been admitted. `begin`, called once, sends the answer's head with
  // these headers besides its own.
  using Begin = std::function<std::shared_ptr<Stream>(HttpHeaders headers)>;
  using Open = std::function<void(const Call&, const google::protobuf::Message& request, Begin)>;
  void OnStream(const google::protobuf::MethodDescriptor* method, Open open);

  // Whether the path is one of an RPC: "/fosterwatch.<area>.v1.<Service>/<Method>", known or not.
  static bool IsRpcPath(absl::string_view path);
  void Handle(RequestPtr request, ReplyPtr reply) const;
  // The answer to a request for an RPC that the server refused before it came to Handle. A stream
  // says it in its last message, under 200.
  HttpResponse Refuse(const HttpRequest& request, const absl::Status& error, int status) const;

 private:
  struct Method {
    const google::protobuf::MethodDescriptor* descriptor = nullptr;
    std::string owner;  // empty: answered here
    const google::protobuf::FieldDescriptor* names_owner = nullptr;
    Answer answer;
    Open open;
  };

  // What a unary call asks, wherever it stood in the request.
  struct Question {
    Codec codec = Codec::kProto;
    std::string bytes;
    std::string encoding;
  };

  absl::StatusOr<Call> Admit(const Method& method, Codec codec, const RequestPtr& request) const;
  void HandleGet(const Method& method, RequestPtr request, ReplyPtr reply) const;
  void HandleUnary(const Method& method, Question question, RequestPtr request,
                   ReplyPtr reply) const;
  absl::Status CallOwner(const Method& method, Question question, const RequestPtr& request,
                         const ReplyPtr& reply) const;
  void HandleStream(const Method& method, Codec codec, const RequestPtr& request,
                    const ReplyPtr& reply) const;
  absl::Status OpenStream(const Method& method, Codec codec, const RequestPtr& request,
                          const ReplyPtr& reply) const;

  const Options options_;
  std::map<std::string, Method, std::less<>> methods_;  // by path
  std::set<std::string> owners_;
};

}  // namespace fosterwatch::gateway
