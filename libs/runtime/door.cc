#include "libs/runtime/door.h"

#include <algorithm>
#include <exception>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include <grpcpp/impl/codegen/rpc_service_method.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/slice.h>

#include "fosterwatch/options/v1/options.pb.h"
#include "libs/json/bytes_to_message.h"
#include "libs/runtime/log.h"
#include "libs/runtime/visit.h"
#include "libs/runtime/workers.h"
#include "libs/status/error.h"
#include "libs/status/grpc_status.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::runtime {
namespace {

using google::protobuf::Message;

}  // namespace

struct Door::Inside {
  struct Method {
    std::string path;  // "/package.Service/Method"
    const google::protobuf::MethodDescriptor* descriptor = nullptr;
    options::v1::Access access;
    Handler handler;
    bool of_process = false;
  };

  // What gRPC is given: each method takes and returns bytes, as generated code does it for raw
  // callback methods.
  class RawService : public grpc::Service {
   public:
    void Add(const Method& method, Inside* inside) {
      AddMethod(new grpc::internal::RpcServiceMethod(
          method.path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
      MarkMethodRawCallback(
          count_++,
          new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
              [inside, &method](grpc::CallbackServerContext* context,
                                const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
                return inside->Receive(method, context, request, response);
              }));
    }

   private:
    int count_ = 0;
  };

  grpc::ServerUnaryReactor* Receive(const Method& method, grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
    auto cancellation = std::make_shared<Cancellation>();
    auto* const reactor = new Reactor(cancellation);
    if (!visitors->Enter()) {
      reactor->Finish(ToGrpc(WithRetryInfo(ShuttingDown())));
      return reactor;
    }
    auto visit =
        std::make_shared<Visit>(context, request, response, reactor, std::move(cancellation),
                                visitors, method.path, options.observe);
    if (request->Length() > static_cast<size_t>(options.max_request_bytes)) {
      visit->Refuse(
          Error(absl::StatusCode::kInvalidArgument, "REQUEST_TOO_LARGE",
                absl::StrCat("the request is larger than ", options.max_request_bytes, " bytes")));
    } else if (!(method.of_process ? process_workers : workers)->Offer([this, &method, visit] {
                 Handle(method, visit);
               })) {
      visit->Refuse(Exhausted());
    }
    return reactor;
  }

  void Handle(const Method& method, const std::shared_ptr<Visit>& visit) {
    absl::StatusOr<Call> call = Admit(method, *visit);
    if (!call.ok()) return visit->Refuse(call.status());
    const absl::StatusOr<std::unique_ptr<Message>> request = Read(method, *visit, call->caller);
    if (!request.ok()) return visit->Refuse(request.status());
    if (visit->cancellation()->requested()) {
      return visit->Refuse(absl::CancelledError("the caller is gone"));
    }
    const CallScope scope(call->deadline, visit->cancellation(), call->trace_parent);
    try {
      method.handler(*call, **request, [visit](absl::StatusOr<std::unique_ptr<Message>> answer) {
        if (answer.ok()) {
          visit->Answer(**answer);
        } else {
          visit->Refuse(answer.status());
        }
      });
    } catch (const std::exception&) {
      // A library's exception that its wrapper let through costs this call, not the process.
      visit->Refuse(Internal("HANDLER_THREW", "the handler threw an exception"));
    }
  }

  // From outside a request has to be understood whole, as at the gateway: who sends a field that we
  // do not know would take it for recorded. Our own services are upgraded one by one, so what a
  // newer one adds is passed over.
  static absl::StatusOr<std::unique_ptr<Message>> Read(const Method& method, const Visit& visit,
                                                       const auth::Caller& caller) {
    std::unique_ptr<Message> request(google::protobuf::MessageFactory::generated_factory()
                                         ->GetPrototype(method.descriptor->input_type())
                                         ->New());
    // Who goes away early enough has sent no request.
    if (!visit.request().Valid()) return absl::CancelledError("the caller is gone");
    grpc::Slice bytes;
    if (!visit.request().DumpToSingleSlice(&bytes).ok()) {
      return Internal("UNREADABLE", "the bytes of a request cannot be read");
    }
    RETURN_IF_ERROR(json::BytesToMessage(
        absl::string_view(reinterpret_cast<const char*>(bytes.begin()), bytes.size()), *request,
        caller.Has(options::v1::ROLE_SERVICE) ? json::Unknown::kPassOver : json::Unknown::kRefuse));
    return request;
  }

  // The token, the role, the agency and the deadline, in that order.
  absl::StatusOr<Call> Admit(const Method& method, const Visit& visit) {
    const absl::Time now = absl::Now();
    Call call;
    call.trace_parent = visit.trace_parent();
    const std::string authorization = MetadataOf(visit.context(), "authorization").value_or("");
    absl::string_view token = authorization;
    if (token.size() >= 7 && absl::EqualsIgnoreCase(token.substr(0, 7), "bearer ")) {
      token.remove_prefix(7);
    } else {
      token = "";
    }
    ASSIGN_OR_RETURN(call.caller, verifier->Verify(token, now));
    call.token = std::string(token);

    const auto& roles = method.access.roles();
    if (!std::any_of(roles.begin(), roles.end(), [&](int role) {
          return call.caller.Has(static_cast<options::v1::Role>(role));
        })) {
      return Error(absl::StatusCode::kPermissionDenied, "ROLE_NOT_ALLOWED",
                   "none of the caller's roles may do this");
    }

    const std::optional<std::string> named = MetadataOf(visit.context(), "x-agency-id");
    call.agency_id = call.caller.agency_id;
    if (method.of_process) {
      call.agency_id.clear();
    } else if (call.agency_id == "*") {
      if (!named || !auth::IsAgencyId(*named)) {
        return Error(absl::StatusCode::kInvalidArgument, "AGENCY_REQUIRED",
                     "a service has to name one agency in the metadata x-agency-id");
      }
      call.agency_id = *named;
    } else if (named && *named != call.agency_id) {
      return Error(absl::StatusCode::kPermissionDenied, "AGENCY_NOT_ALLOWED",
                   "the caller belongs to another agency");
    }

    const auto deadline = visit.context().deadline();
    call.deadline = deadline == std::chrono::system_clock::time_point::max()
                        ? now + options.default_deadline
                        : absl::FromChrono(deadline);
    call.cancellation = visit.cancellation();
    if (call.deadline <= now) {
      return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_PASSED",
                   "the deadline passed while the call was waiting");
    }
    return call;
  }

  auth::Verifier* verifier = nullptr;
  Options options;
  std::shared_ptr<Visitors> visitors = std::make_shared<Visitors>();
  std::map<std::string, const google::protobuf::ServiceDescriptor*> served;
  std::set<std::string> of_process;
  // By path; its elements stay where they are.
  std::map<std::string, Method> methods;
  // Of methods that several modules answer: by path, then by module.
  std::map<std::string, std::map<std::string, Handler>> modules;
  // What is wrong with what was registered.
  std::vector<std::string> problems;
  std::vector<std::unique_ptr<RawService>> services;
  // Last: its threads end before what they use.
  std::unique_ptr<Workers> workers;
  // Of services about the process: how it is can be asked however much waits.
  std::unique_ptr<Workers> process_workers;
};

Door::Door(auth::Verifier* verifier, Options options) : inside_(std::make_unique<Inside>()) {
  inside_->verifier = verifier;
  inside_->options = std::move(options);
}

Door::~Door() = default;

const google::protobuf::FieldDescriptor* ModuleField(const google::protobuf::Descriptor* request) {
  for (int i = 0; i < request->field_count(); ++i) {
    if (request->field(i)->options().GetExtension(options::v1::routes)) return request->field(i);
  }
  return nullptr;
}

void Door::Serve(const google::protobuf::ServiceDescriptor* service) {
  inside_->served.emplace(service->full_name(), service);
}

void Door::ServeProcess(const google::protobuf::ServiceDescriptor* service) {
  Serve(service);
  inside_->of_process.insert(service->full_name());
}

void Door::Register(const std::string& service, const std::string& method,
                    const google::protobuf::Descriptor* request,
                    const google::protobuf::Descriptor* response, Handler handler) {
  const std::string path = absl::StrCat("/", service, "/", method);
  const google::protobuf::MethodDescriptor* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          absl::StrCat(service, ".", method));
  if (descriptor == nullptr) {
    inside_->problems.push_back(absl::StrCat(path, " has a handler but is no method"));
    return;
  }
  if (descriptor->input_type() != request || descriptor->output_type() != response) {
    inside_->problems.push_back(absl::StrCat(path, " has a handler of other types"));
    return;
  }
  Inside::Method added{path, descriptor, descriptor->options().GetExtension(options::v1::access),
                       std::move(handler)};
  if (!inside_->methods.emplace(path, std::move(added)).second) {
    inside_->problems.push_back(absl::StrCat(path, " has two handlers"));
  }
}

void Door::RegisterFor(const std::string& module, const std::string& service,
                       const std::string& method, const google::protobuf::Descriptor* request,
                       const google::protobuf::Descriptor* response, Handler handler) {
  const std::string path = absl::StrCat("/", service, "/", method);
  const google::protobuf::FieldDescriptor* names = ModuleField(request);
  if (names == nullptr) {
    inside_->problems.push_back(absl::StrCat(path, " has no field that names a module"));
    return;
  }
  std::map<std::string, Handler>& modules = inside_->modules[path];
  const bool first = modules.empty();
  if (!modules.emplace(module, std::move(handler)).second) {
    inside_->problems.push_back(absl::StrCat(path, " has two handlers for ", module));
  }
  if (!first) return;
  Register(service, method, request, response,
           [names, &modules](const Call& call, const Message& message, AnyReply reply) {
             const auto found = modules.find(message.GetReflection()->GetString(message, names));
             if (found != modules.end()) return found->second(call, message, std::move(reply));
             reply(Error(absl::StatusCode::kNotFound, "UNKNOWN_SERVICE",
                         "no service of that name runs here",
                         {{names->name(), "names no service that runs here"}}));
           });
}

void Door::RefuseTheRest(const google::protobuf::ServiceDescriptor* service) {
  for (int i = 0; i < service->method_count(); ++i) {
    const google::protobuf::MethodDescriptor* method = service->method(i);
    if (inside_->methods.contains(absl::StrCat("/", service->full_name(), "/", method->name()))) {
      continue;
    }
    Register(service->full_name(), method->name(), method->input_type(), method->output_type(),
             [](const Call&, const google::protobuf::Message&, const AnyReply& reply) {
               reply(absl::UnimplementedError("a stand-in does not do that"));
             });
  }
}

absl::Status Door::Open(grpc::ServerBuilder& builder) {
  std::vector<std::string> problems = inside_->problems;
  for (const auto& [name, service] : inside_->served) {
    for (int i = 0; i < service->method_count(); ++i) {
      const google::protobuf::MethodDescriptor* method = service->method(i);
      const std::string path = absl::StrCat("/", name, "/", method->name());
      if (method->client_streaming() || method->server_streaming()) {
        problems.push_back(absl::StrCat(path, " streams, which the door does not do"));
      } else if (!inside_->methods.contains(path)) {
        problems.push_back(absl::StrCat(path, " has no handler"));
      }
      if (method->options().GetExtension(options::v1::access).roles().empty()) {
        problems.push_back(absl::StrCat(path, " has no access option"));
      }
    }
  }
  for (auto& [path, method] : inside_->methods) {
    method.of_process = inside_->of_process.contains(method.descriptor->service()->full_name());
    if (!inside_->served.contains(method.descriptor->service()->full_name())) {
      problems.push_back(absl::StrCat(path, " has a handler but its service is not served"));
    }
  }
  if (!problems.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the door cannot open: ", absl::StrJoin(problems, "; ")));
  }

  inside_->workers = std::make_unique<Workers>(inside_->options.threads, inside_->options.queue);
  inside_->process_workers = std::make_unique<Workers>(1, 64);
  // Above our own limit and below this one, the answer can say what is wrong.
  builder.SetMaxReceiveMessageSize(4 * inside_->options.max_request_bytes);
  for (const auto& [name, service] : inside_->served) {
    auto raw = std::make_unique<Inside::RawService>();
    for (int i = 0; i < service->method_count(); ++i) {
      raw->Add(inside_->methods.at(absl::StrCat("/", name, "/", service->method(i)->name())),
               inside_.get());
    }
    builder.RegisterService(raw.get());
    inside_->services.push_back(std::move(raw));
  }
  return absl::OkStatus();
}

std::vector<std::string> Door::services() const {
  std::vector<std::string> names;
  for (const auto& [name, service] : inside_->served) names.push_back(name);
  return names;
}

void Door::Close(absl::Duration patience) { inside_->visitors->Close(patience); }

}  // namespace fosterwatch::runtime
