// The one door that every RPC passes: gRPC hands over bytes, the door checks the size, the token,
// the roles of the method's access option and the agency, parses the request, and calls the
// handler; what comes back leaves as an answer or as a google.rpc status. A method without a
// handler or without an access option stops the start, and so does a handler for no method.
//
// What leaves: an error that carries a reason of ours leaves as it is; INTERNAL, UNKNOWN, DATA_LOSS
// and a database's PERMISSION_DENIED leave as "internal error" with the trace's id, and are logged.
// RESOURCE_EXHAUSTED and UNAVAILABLE say when to come back (google.rpc.RetryInfo).
//
// What is refused before a handler sees it, naming the field and never its value (libs/json): a
// text with U+0000, which no database takes; and from all but our own services, which are upgraded
// one by one, a field or an enum value that this program does not know.
//
// Who saw whose record is noted (libs/runtime/access.h): an answer that shows one, a refusal, and a
// call with a token that is over but good otherwise leave only once the note is kept in the log of
// the service that answers (KeepAccess). Where it cannot be kept: UNAVAILABLE
// (ACCESS_NOT_RECORDED).
//
// Whose roles a method names for their own caseload alone (Access.own_caseload) is held to it here,
// whatever the service does: every record that the request names has to be in the caller's caseload
// (libs/runtime/caseload.h), and every one that the answer tells of, else the answer is that of a
// record that is not there, and the refusal is noted as NOT_IN_CASELOAD. What a call may have done
// before its answer was held back is done: what a service does rests on what the request names.
//
// What is sealed to the caller's roles is taken out of the answer (libs/runtime/sections.h), which
// says so; the note of who looked says which sections were shown and which were not. A request that
// says that something in it is sealed is refused (SEALED_IN_REQUEST).
//
// While a handler runs, its thread works for the call (libs/runtime/cancellation.h): calls of
// Client and reads of a ledger end with the call's deadline, and calls with the caller.
//
// Threads: handlers run on a pool of worker threads; they may block on the database. An answer may
// be given from any thread, once. A handler that drops its Reply answers INTERNAL.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

#include "libs/auth/token.h"
#include "libs/runtime/access.h"
#include "libs/runtime/cancellation.h"
#include "libs/runtime/caseload.h"

namespace grpc {
class ServerBuilder;
}

namespace fosterwatch::runtime {

class SectionTable;

// What is known about a call besides its request.
struct Call {
  auth::Caller caller;
  // As it came: for reading from other services under the caller's own rights. Never logged or
  // kept.
  std::string token;
  // The agency that the call is for: the caller's own, or for a service the one it named.
  std::string agency_id;
  // The caller sees their own caseload alone: lists leave the rest out.
  bool own_caseload = false;
  std::string trace_parent;
  absl::Time deadline;
  // Requested once the caller has gone or the deadline has passed.
  std::shared_ptr<Cancellation> cancellation;
  // Who looks at what by this call; null where it is not kept. A handler that commits hands it to
  // its transaction (ledger::UnitOf), so that the note stands or falls with what is done.
  std::shared_ptr<AccessNote> access;
};

// The field of a request that names the module it is for (the option `routes`); null where it has
// none: then the method belongs to one service alone.
const google::protobuf::FieldDescriptor* ModuleField(const google::protobuf::Descriptor* request);

// Answers one call, from any thread.
using AnyReply = std::function<void(absl::StatusOr<std::unique_ptr<google::protobuf::Message>>)>;

template <typename Response>
using Reply = std::function<void(absl::StatusOr<Response>)>;

class Door {
 public:
  struct Options {
    int threads = 16;
    int queue = 1024;  // waiting calls; past it RESOURCE_EXHAUSTED
    int max_request_bytes = 1'000'000;
    absl::Duration default_deadline = absl::Seconds(30);
    // A method whose answer may hold personal fields stops the start where no log keeps who saw it,
    // and one that is open to an own caseload where nothing here knows any. Without it nobody is
    // let in by such a role there.
    bool needs_access_logs = false;
    // Whose roles open which sealed section of a record. Without it nobody's but our own services'.
    std::shared_ptr<const SectionTable> sections;
    // Told of every call once it is answered: its path, its code and how long it took. Any thread.
    std::function<void(const std::string& path, absl::StatusCode code, absl::Duration took)>
        observe;
  };
  Door(auth::Verifier* verifier, Options options);
  ~Door();

  // Says that this process serves the service, by its full name.
  void Serve(const google::protobuf::ServiceDescriptor* service);
  // The same for a service that is about the process and no agency: its callers name none.
  void ServeProcess(const google::protobuf::ServiceDescriptor* service);
  // Their full names.
  std::vector<std::string> services() const;

  // A handler that answers by itself, perhaps later from another thread.
  template <typename Request, typename Response>
  void OnAsync(const std::string& service, const std::string& method,
               std::function<void(const Call&, const Request&, Reply<Response>)> handler) {
    Register(service, method, Request::descriptor(), Response::descriptor(),
             [handler = std::move(handler)](
                 const Call& call, const google::protobuf::Message& request, AnyReply reply) {
               handler(call, static_cast<const Request&>(request),
                       [reply = std::move(reply)](absl::StatusOr<Response> response) {
                         if (!response.ok()) return reply(response.status());
                         reply(std::make_unique<Response>(*std::move(response)));
                       });
             });
  }

  // A handler that returns its answer.
  template <typename Request, typename Response>
  void On(const std::string& service, const std::string& method,
          std::function<absl::StatusOr<Response>(const Call&, const Request&)> handler) {
    OnAsync<Request, Response>(
        service, method,
        [handler = std::move(handler)](const Call& call, const Request& request,
                                       Reply<Response> reply) { reply(handler(call, request)); });
  }

  // The same for a method of an object that outlives the door's calls.
  template <typename Object, typename Request, typename Response>
  void On(const std::string& service, const std::string& method, Object* object,
          absl::StatusOr<Response> (Object::*handler)(const Call&, const Request&)) {
    On<Request, Response>(service, method, [object, handler](const Call& call, const Request& r) {
      return (object->*handler)(call, r);
    });
  }

  // The same for a method that several modules of one process answer: the field of its request that
  // has the option `routes` names the module that is asked. NOT_FOUND (UNKNOWN_SERVICE) where none
  // here has that name.
  template <typename Object, typename Request, typename Response>
  void OnFor(const std::string& module, const std::string& service, const std::string& method,
             Object* object,
             absl::StatusOr<Response> (Object::*handler)(const Call&, const Request&)) {
    RegisterFor(module, service, method, Request::descriptor(), Response::descriptor(),
                [object, handler](const Call& call, const google::protobuf::Message& request,
                                  AnyReply reply) {
                  absl::StatusOr<Response> response =
                      (object->*handler)(call, static_cast<const Request&>(request));
                  if (!response.ok()) return reply(response.status());
                  reply(std::make_unique<Response>(*std::move(response)));
                });
  }

  // UNIMPLEMENTED is the answer of those methods of the service that have no handler so far: for
  // one who stands in for a service and is asked a few things only.
  void RefuseTheRest(const google::protobuf::ServiceDescriptor* service);

  // Who looks at what by the methods of a package ("fosterwatch.carers.v1"), and by those that the
  // module answers among others (OnFor), is kept there. The log outlives the door's calls.
  void KeepAccess(const std::string& package, const std::string& module, AccessLog* log);

  // Says who may see what by the methods of a package that are open to an own caseload. It outlives
  // the door's calls.
  void KnowCaseload(const std::string& package, Caseload* caseload);

  // FAILED_PRECONDITION naming what is missing; else adds the services to the server.
  absl::Status Open(grpc::ServerBuilder& builder);

  // Refuses new calls (UNAVAILABLE) and waits for those inside, at most `patience`.
  void Close(absl::Duration patience);

 private:
  using Handler =
      std::function<void(const Call&, const google::protobuf::Message& request, AnyReply)>;
  struct Inside;

  void Register(const std::string& service, const std::string& method,
                const google::protobuf::Descriptor* request,
                const google::protobuf::Descriptor* response, Handler handler);
  void RegisterFor(const std::string& module, const std::string& service, const std::string& method,
                   const google::protobuf::Descriptor* request,
                   const google::protobuf::Descriptor* response, Handler handler);

  std::unique_ptr<Inside> inside_;
};

}  // namespace fosterwatch::runtime
