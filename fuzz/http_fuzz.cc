// A connection of the gateway's server, from the bytes on its socket to the answer: Beast's parser
// and what is around it, routing, the bridge, a session's cookie. Input: what a client sends before
// it hangs up.
#include <memory>
#include <string>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/gateway/v1/gateway_service.pb.h"
#include "fuzz/fuzz.h"
#include "services/gateway/connect.h"
#include "services/gateway/http_connection.h"

namespace fosterwatch::gateway {
namespace {

using google::protobuf::Message;

const google::protobuf::MethodDescriptor* MethodOf(const google::protobuf::FileDescriptor* file,
                                                   const char* service, const char* method) {
  return file->FindServiceByName(service)->FindMethodByName(method);
}

// A bridge that answers with what it was asked.
const ConnectBridge& Bridge() {
  static const ConnectBridge* const bridge = [] {
    ConnectBridge::Options options;
    options.admit = [](const HttpRequest& request, const google::protobuf::MethodDescriptor*) {
      Identity identity;
      identity.token = std::string(request.Cookie("session"));
      return identity;
    };
    options.run_aside = [](const std::function<void()>& task) { task(); };
    options.most_body_bytes = 10'000;
    auto* made = new ConnectBridge(std::move(options));
    made->OnUnary(MethodOf(directory::v1::RecordBodyRequest::descriptor()->file(),
                           "DirectoryService", "RecordBody"),
                  [](const ConnectBridge::Call&, const Message& request,
                     const std::function<void(ConnectBridge::Answered)>& done) {
                    std::unique_ptr<Message> same(request.New());
                    same->CopyFrom(request);
                    done({std::move(same), {{"X-Given", "yes"}}, {{"given", "yes"}}});
                  });
    made->OnStream(
        MethodOf(gateway::v1::Session::descriptor()->file(), "LiveService", "Watch"),
        [](const ConnectBridge::Call& call, const Message& request,
           const ConnectBridge::Begin& begin) {
          const auto stream = begin({});
          stream->Write(
              std::make_shared<const std::string>(Envelope(0, Encode(call.codec, request))));
          stream->End(std::make_shared<const std::string>(EndOfStream(absl::OkStatus())));
        });
    return made;
  }();
  return *bridge;
}

void Handle(RequestPtr request, ReplyPtr reply) {
  if (ConnectBridge::IsRpcPath(request->path)) return Bridge().Handle(request, reply);
  // Whatever else reads requests reads them through these.
  HttpResponse response = HttpResponse::Of(200, "text/plain", request->Query("a"));
  response.headers.emplace_back("X-Echo", std::string(request->Cookie("session")));
  response.headers.emplace_back("X-Gzip", request->AcceptsGzip() ? "yes" : "no");
  reply->Send(std::move(response));
}

HttpResponse Refuse(const HttpRequest& request, int status) {
  return Bridge().Refuse(request, absl::InvalidArgumentError("refused"), status);
}

}  // namespace

FUZZ_TARGET(http) {
  HttpServer::Options options;
  options.most_header_bytes = 4096;
  options.most_body_bytes = 10'000;
  Core core(options);
  core.handler = &Handle;
  core.refusal = &Refuse;
  int ends[2];
  CHECKED(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  // Room for what is sent and for what is answered, so that nobody waits.
  const int room = 4 << 20;
  for (const int end : ends) setsockopt(end, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  input = input.substr(0, 100'000);
  CHECKED(send(ends[0], input.data(), input.size(), MSG_DONTWAIT | MSG_NOSIGNAL) ==
          static_cast<ssize_t>(input.size()));
  shutdown(ends[0], SHUT_WR);
  {
    tcp::socket socket(core.io);
    socket.assign(tcp::v4(), ends[1]);
    auto connection = std::make_shared<Connection>(&core, std::move(socket));
    core.open.emplace(connection.get(), connection);
    connection->Start();
  }
  core.io.run();
  CHECKED(core.open.empty());
  core.gate->Close();
  close(ends[0]);
}

}  // namespace fosterwatch::gateway
