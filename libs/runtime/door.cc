#include "libs/runtime/door.h"

#include <algorithm>
#include <exception>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
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
#include "libs/runtime/own_caseload.h"
#include "libs/runtime/sections.h"
#include "libs/runtime/visit.h"
#include "libs/runtime/workers.h"
#include "libs/status/error.h"
#include "libs/status/grpc_status.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::runtime {
namespace {

using google::protobuf::Message;

// Why a caller looks, where it says so.
constexpr char kPurpose[] = "x-purpose";

grpc::Slice BytesOf(const Message& message) { return grpc::Slice(message.SerializeAsString()); }

bool IsPurpose(absl::string_view text) {
  return text.size() <= 40 && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
         });
}

}  // namespace

struct Door::Inside {
  struct Method {
    std::string path;  // "/package.Service/Method"
    const google::protobuf::MethodDescriptor* descriptor = nullptr;
    options::v1::Access access;
    Handler handler;
    bool of_process = false;
    // Where it is kept who looks at what: by its package, or by the module that a request names.
    AccessLog* log = nullptr;
    const google::protobuf::FieldDescriptor* names_module = nullptr;
    // Its answers are noted even where they show no record: that there is none is also seen.
    bool of_records = false;
    // Of a method that is open to an own caseload; null where nothing here knows any.
    Caseload* caseload = nullptr;
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
    Call call;
    const absl::Status admitted = Admit(method, *visit, &call);
    if (!admitted.ok() && call.caller.person_id.empty()) return visit->Refuse(admitted);
    const absl::StatusOr<std::unique_ptr<Message>> request = Read(method, *visit, call.caller);
    AccessLog* const log = request.ok() ? LogOf(method, **request) : method.log;
    if (log != nullptr && auth::IsAgencyId(call.agency_id)) {
      call.access = NoteOf(method, *visit, call);
      if (request.ok()) AddRecordsOf(**request, &call.access->records);
    }
    const auto refuse = [visit, log, note = call.access](const absl::Status& status) {
      Leave(visit, log, note, status, ReasonOf(status));
    };
    if (!admitted.ok()) return refuse(admitted);
    if (!request.ok()) return refuse(request.status());
    if (const absl::Status whole = CheckNothingSealed(**request); !whole.ok()) {
      return refuse(whole);
    }
    if (visit->cancellation()->requested()) {
      return visit->Refuse(absl::CancelledError("the caller is gone"));
    }
    const CallScope scope(call.deadline, visit->cancellation(), call.trace_parent);
    const auto sight =
        std::make_shared<const Sight>(options.sections.get(), call.caller.roles, absl::Now());
    if (call.access != nullptr) call.access->sight = sight;
    std::shared_ptr<const OwnCaseload> own;
    if (call.own_caseload) {
      own = std::make_shared<OwnCaseload>(method.caseload, call, **request);
      if (const absl::Status held = own->CheckRequest(); !held.ok()) {
        return Leave(visit, log, call.access, held, kNotInCaseload);
      }
    }
    try {
      method.handler(call, **request,
                     [this, &method, visit, log, note = call.access, sight, own,
                      refuse](absl::StatusOr<std::unique_ptr<Message>> answer) {
                       if (!answer.ok()) return refuse(answer.status());
                       if (own == nullptr) {
                         return Leave(visit, log, note, sight, **answer, method.of_records);
                       }
                       LeaveOwn(method, visit, log, note, sight, own, *std::move(answer));
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

  AccessLog* LogOf(const Method& method, const Message& request) const {
    if (method.names_module == nullptr) return method.log;
    const auto found =
        module_logs.find(request.GetReflection()->GetString(request, method.names_module));
    return found == module_logs.end() ? nullptr : found->second;
  }

  static std::shared_ptr<AccessNote> NoteOf(const Method& method, const Visit& visit,
                                            const Call& call) {
    auto note = std::make_shared<AccessNote>();
    note->agency_id = call.agency_id;
    note->person_id = call.caller.person_id;
    for (const options::v1::Role role : call.caller.roles) {
      absl::StrAppend(&note->roles, note->roles.empty() ? "" : ",", auth::WordOfRole(role));
    }
    note->method = method.path.substr(1);
    note->outcome = "OK";
    note->purpose = MetadataOf(visit.context(), kPurpose).value_or("");
    if (!IsPurpose(note->purpose)) note->purpose.clear();
    note->trace_id = TraceIdOf(call.trace_parent);
    return note;
  }

  // The answer to somebody who sees their own caseload alone. It may come from the ledger's thread,
  // which must not wait for what is asked of the database here.
  void LeaveOwn(const Method& method, const std::shared_ptr<Visit>& visit, AccessLog* log,
                const std::shared_ptr<AccessNote>& note, const std::shared_ptr<const Sight>& sight,
                const std::shared_ptr<const OwnCaseload>& own, std::shared_ptr<Message> answer) {
    auto leave = [&method, visit, log, note, sight, own, answer] {
      const absl::Status held = own->CheckAnswer(*answer);
      if (held.ok()) return Leave(visit, log, note, sight, *answer, method.of_records);
      if (absl::IsNotFound(held)) {
        LogWarning("an answer was held back: it is not of the caller's caseload",
                   {{"path", method.path}, {"trace_id", TraceIdOf(visit->trace_parent())}});
      }
      Leave(visit, log, note, held, kNotInCaseload);
    };
    if (CallScope::Current() != nullptr) return leave();
    const bool taken = workers->Offer([leave, own, visit] {
      const CallScope scope(own->deadline(), visit->cancellation(), visit->trace_parent());
      leave();
    });
    if (!taken) visit->Refuse(Exhausted());
  }

  // An answer that shows something leaves once it is noted who sees it, and without what is sealed
  // to them.
  static void Leave(const std::shared_ptr<Visit>& visit, AccessLog* log,
                    const std::shared_ptr<AccessNote>& note,
                    const std::shared_ptr<const Sight>& sight, Message& answer, bool always) {
    if (note != nullptr) note->AddShown(answer, &note->records);
    sight->Mask(answer);
    if (note == nullptr) return visit->Answer(BytesOf(answer));
    const auto [kept, left] = note->Left();
    if (left.empty() && (kept || !always)) return visit->Answer(BytesOf(answer));
    // Written here: the log answers from the thread that writes for everybody.
    log->Keep(note, [visit, bytes = BytesOf(answer)](const absl::Status& status) {
      if (!status.ok()) return visit->Refuse(NotKept(status));
      visit->Answer(bytes);
    });
  }

  // So does a refusal that says something of whoever asked; `reason` is what the log says of it.
  static void Leave(const std::shared_ptr<Visit>& visit, AccessLog* log,
                    const std::shared_ptr<AccessNote>& note, const absl::Status& refusal,
                    const std::string& reason) {
    const bool told = absl::IsNotFound(refusal) || absl::IsUnauthenticated(refusal) ||
                      (absl::IsPermissionDenied(refusal) && !IsOurs(refusal));
    if (note == nullptr || !told) return visit->Refuse(refusal);
    note->outcome = absl::StatusCodeToString(refusal.code());
    note->reason = reason;
    log->Keep(note, [visit, refusal](const absl::Status& status) {
      visit->Refuse(status.ok() ? refusal : NotKept(status));
    });
  }

  static absl::Status NotKept(const absl::Status& status) {
    if (absl::IsResourceExhausted(status) || absl::IsDeadlineExceeded(status) ||
        absl::IsCancelled(status)) {
      return status;
    }
    LogStatus("who looked at what cannot be kept", status, {});
    return Error(absl::StatusCode::kUnavailable, "ACCESS_NOT_RECORDED",
                 "that you looked cannot be recorded, so nothing is shown; try again shortly");
  }

  // The token, the role, the agency and the deadline, in that order. Where the status is an error
  // and the call has a caller, that is who it was.
  absl::Status Admit(const Method& method, const Visit& visit, Call* admitted) {
    const absl::Time now = absl::Now();
    Call& call = *admitted;
    call.trace_parent = visit.trace_parent();
    const std::string authorization = MetadataOf(visit.context(), "authorization").value_or("");
    absl::string_view token = authorization;
    if (token.size() >= 7 && absl::EqualsIgnoreCase(token.substr(0, 7), "bearer ")) {
      token.remove_prefix(7);
    } else {
      token = "";
    }
    auto caller = verifier->Verify(token, now, &call.caller);
    // What is refused is noted for the agency that it would have been for.
    const std::optional<std::string> named = MetadataOf(visit.context(), "x-agency-id");
    call.agency_id = call.caller.agency_id == "*" ? named.value_or("") : call.caller.agency_id;
    RETURN_IF_ERROR(caller.status());
    call.caller = *std::move(caller);
    call.token = std::string(token);
    call.agency_id = call.caller.agency_id == "*" ? named.value_or("") : call.caller.agency_id;

    const auto holds_one_of = [&](const google::protobuf::RepeatedField<int>& roles) {
      return std::any_of(roles.begin(), roles.end(), [&](int role) {
        return call.caller.Has(static_cast<options::v1::Role>(role));
      });
    };
    const bool sees_all = holds_one_of(method.access.roles());
    call.own_caseload =
        !sees_all && method.caseload != nullptr && holds_one_of(method.access.own_caseload());
    if (!sees_all && !call.own_caseload) {
      return Error(absl::StatusCode::kPermissionDenied, "ROLE_NOT_ALLOWED",
                   "none of the caller's roles may do this");
    }

    if (method.of_process) {
      call.agency_id.clear();
    } else if (call.caller.agency_id == "*") {
      if (!named || !auth::IsAgencyId(*named)) {
        return Error(absl::StatusCode::kInvalidArgument, "AGENCY_REQUIRED",
                     "a service has to name one agency in the metadata x-agency-id");
      }
    } else if (named && *named != call.agency_id) {
      return Error(absl::StatusCode::kPermissionDenied, "AGENCY_NOT_ALLOWED",
                   "the caller belongs to another agency");
    }
    if (!IsPurpose(MetadataOf(visit.context(), kPurpose).value_or(""))) {
      return Error(absl::StatusCode::kInvalidArgument, "INVALID_PURPOSE",
                   "a purpose is a word of up to 40 lower-case letters, digits and _");
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
    return absl::OkStatus();
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
  // Where it is kept who looks at what.
  std::map<std::string, AccessLog*> package_logs, module_logs;
  std::map<std::string, Caseload*> caseloads;  // by package
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

void Door::KeepAccess(const std::string& package, const std::string& module, AccessLog* log) {
  inside_->package_logs[package] = log;
  inside_->module_logs[module] = log;
}

void Door::KnowCaseload(const std::string& package, Caseload* caseload) {
  inside_->caseloads[package] = caseload;
}

absl::Status Door::Open(grpc::ServerBuilder& builder) {
  std::vector<std::string> problems = inside_->problems;
  std::vector<const google::protobuf::Descriptor*> answers;
  for (const auto& [name, service] : inside_->served) {
    for (int i = 0; i < service->method_count(); ++i) {
      const google::protobuf::MethodDescriptor* method = service->method(i);
      const std::string path = absl::StrCat("/", name, "/", method->name());
      if (method->client_streaming() || method->server_streaming()) {
        problems.push_back(absl::StrCat(path, " streams, which the door does not do"));
      } else if (!inside_->methods.contains(path)) {
        problems.push_back(absl::StrCat(path, " has no handler"));
      }
      if (const auto& access = method->options().GetExtension(options::v1::access);
          access.roles().empty() && access.own_caseload().empty()) {
        problems.push_back(absl::StrCat(path, " has no access option"));
      }
    }
  }
  for (auto& [path, method] : inside_->methods) {
    method.of_process = inside_->of_process.contains(method.descriptor->service()->full_name());
    if (!inside_->served.contains(method.descriptor->service()->full_name())) {
      problems.push_back(absl::StrCat(path, " has a handler but its service is not served"));
    }
    const google::protobuf::MethodDescriptor* descriptor = method.descriptor;
    answers.push_back(descriptor->output_type());
    method.of_records =
        inside_->modules.contains(path) || MayBePersonal(descriptor->output_type()) ||
        MayNameRecords(descriptor->output_type()) || MayNameRecords(descriptor->input_type());
    if (!method.access.own_caseload().empty()) {
      const auto known = inside_->caseloads.find(descriptor->file()->package());
      if (known != inside_->caseloads.end()) method.caseload = known->second;
      if (method.caseload == nullptr && inside_->options.needs_access_logs) {
        problems.push_back(
            absl::StrCat(path, " is open to an own caseload and nothing here knows any"));
      }
      if (!MayNameRecords(descriptor->output_type()) && !MayNameRecords(descriptor->input_type())) {
        problems.push_back(absl::StrCat(path, " is open to an own caseload and names no record"));
      }
    }
    if (inside_->modules.contains(path)) {
      method.names_module = ModuleField(method.descriptor->input_type());
      continue;
    }
    const auto log = inside_->package_logs.find(method.descriptor->file()->package());
    if (log != inside_->package_logs.end()) {
      method.log = log->second;
    } else if (inside_->options.needs_access_logs && MayBePersonal(descriptor->output_type())) {
      problems.push_back(absl::StrCat(path, " shows personal fields and nothing keeps who looks"));
    }
  }
  for (const std::string& problem : SectionProblems(answers)) problems.push_back(problem);
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
