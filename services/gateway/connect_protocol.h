// The Connect protocol (https://connectrpc.com/docs/protocol) as text and bytes: codes, errors,
// time-outs, envelopes. Any thread.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

#include "services/gateway/http.h"

namespace fosterwatch::gateway {

enum class Codec { kJson, kProto };

// "invalid_argument"
std::string ConnectCode(absl::StatusCode code);

// {"code":…,"message":…,"details":[{"type":…,"value":<base64 without padding>,"debug":{…}}]}
std::string ConnectErrorJson(const absl::Status& error);

// The answer to a unary call that failed. `status` 0 takes that of the code.
HttpResponse ConnectError(const absl::Status& error, int status = 0);

// What a caller may read of an error that came from inside: an answer of ours as it is; anything
// else, such as gRPC's words about addresses, by its code in constant text.
absl::Status ForCaller(const absl::Status& error);

// Connect-Timeout-Ms: at most ten digits. Absent: `most`; more than `most` is taken as that.
// INVALID_ARGUMENT (INVALID_TIMEOUT) for anything else.
absl::StatusOr<absl::Duration> ParseTimeout(absl::string_view header, absl::Duration most);

// One message of a stream: a byte of flags, four of big-endian length, the message.
inline constexpr uint8_t kCompressedFlag = 1;
inline constexpr uint8_t kEndStreamFlag = 2;
inline constexpr size_t kEnvelopeHead = 5;
std::string Envelope(uint8_t flags, absl::string_view message);
// A message in the client's codec. Messages of ours always have a JSON form.
std::string Encode(Codec codec, const google::protobuf::Message& message);
// The end of a stream: {} or {"error":…,"metadata":{…}}, enveloped.
std::string EndOfStream(const absl::Status& status, const HttpHeaders& trailers = {});
// The message of a body that holds exactly one envelope, decompressed if it was compressed and
// `gzip` says that the request's streaming encoding is that. UNIMPLEMENTED where there is none or
// more than one, RESOURCE_EXHAUSTED where it is larger than `most`, INTERNAL where it is compressed
// by no encoding that was named, INVALID_ARGUMENT otherwise.
absl::StatusOr<std::string> OnlyMessage(absl::string_view body, bool gzip, size_t most);

// A unary call by GET: message, encoding, base64, compression and connect are parameters of the
// query. INVALID_ARGUMENT where one is missing or malformed.
struct GetCall {
  Codec codec = Codec::kProto;
  std::string message;      // as it was sent
  std::string compression;  // "", "identity", "gzip", …
};
absl::StatusOr<GetCall> ReadGet(const HttpRequest& request);

absl::Status BodyTooLarge();

}  // namespace fosterwatch::gateway
