#include "libs/runtime/page_token.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/status/error.h"

namespace fosterwatch::runtime {
namespace {

// Of the request without its page fields: FNV-1a, since absl's hash differs between processes.
std::string FilterOf(const google::protobuf::Message& request) {
  std::unique_ptr<google::protobuf::Message> copy(request.New());
  copy->CopyFrom(request);
  for (const char* name : {"page_token", "page_size"}) {
    if (const auto* field = copy->GetDescriptor()->FindFieldByName(name)) {
      copy->GetReflection()->ClearField(copy.get(), field);
    }
  }
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : copy->SerializeAsString()) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

}  // namespace

absl::StatusOr<int> PageSize(int asked, int fallback, int largest) {
  if (asked < 0) return InvalidField("page_size", "NEGATIVE_PAGE_SIZE", "is negative");
  if (asked == 0) return fallback;
  return std::min(asked, largest);
}

std::string MakePageToken(const google::protobuf::Message& request, absl::string_view last) {
  return absl::WebSafeBase64Escape(absl::StrCat(FilterOf(request), "\n", last));
}

absl::StatusOr<std::string> ReadPageToken(const google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("page_token");
  const std::string token = request.GetReflection()->GetString(request, field);
  if (token.empty()) return "";
  std::string plain;
  if (absl::WebSafeBase64Unescape(token, &plain)) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(plain, absl::MaxSplits('\n', 1));
    if (parts.first == FilterOf(request)) return parts.second;
  }
  return InvalidField("page_token", "INVALID_PAGE_TOKEN", "does not belong to this list");
}

}  // namespace fosterwatch::runtime
