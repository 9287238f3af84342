#include "libs/mail/returned.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <gmime/gmime.h>

#include "libs/status/error.h"

namespace fosterwatch::mail {
namespace {

constexpr size_t kMostIds = 20;
constexpr size_t kMostId = 200;
// Children of a multipart that are looked at: a report has three.
constexpr int kMostParts = 10;

struct Unref {
  void operator()(gpointer object) const { g_object_unref(object); }
};
template <typename T>
using Owned = std::unique_ptr<T, Unref>;

Owned<GMimeMessage> Parse(absl::string_view text) {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(text.data(), text.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  g_mime_parser_set_format(parser.get(), GMIME_FORMAT_MESSAGE);
  return Owned<GMimeMessage>(g_mime_parser_construct_message(parser.get(), nullptr));
}

std::string Header(GMimeMessage* message, const char* name) {
  const char* value = g_mime_object_get_header(GMIME_OBJECT(message), name);
  return value == nullptr ? "" : std::string(absl::StripAsciiWhitespace(value));
}

bool IsType(GMimeObject* part, const char* type, const char* subtype) {
  GMimeContentType* content = g_mime_object_get_content_type(part);
  return content != nullptr && g_mime_content_type_is_type(content, type, subtype);
}

void AddId(const char* id, std::vector<std::string>* ids) {
  if (id == nullptr || *id == '\0' || ids->size() >= kMostIds) return;
  std::string text = absl::StrCat("<", id, ">");
  const bool plain =
      std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (!plain || text.size() > kMostId || std::find(ids->begin(), ids->end(), text) != ids->end()) {
    return;
  }
  ids->push_back(std::move(text));
}

// The ids of a header that lists them, the last first.
void AddIds(const std::string& header, std::vector<std::string>* ids) {
  if (header.empty()) return;
  GMimeReferences* references = g_mime_references_parse(nullptr, header.c_str());
  for (int i = g_mime_references_length(references) - 1; i >= 0; --i) {
    AddId(g_mime_references_get_message_id(references, i), ids);
  }
  g_mime_references_free(references);
}

// The decoded content of a leaf.
std::string ContentOf(GMimeObject* part) {
  if (!GMIME_IS_PART(part)) return "";
  GMimeDataWrapper* content = g_mime_part_get_content(GMIME_PART(part));
  if (content == nullptr) return "";
  const Owned<GMimeStream> stream(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(content, stream.get());
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return std::string(reinterpret_cast<const char*>(bytes->data), bytes->len);
}

std::optional<Returned::Kind> KindOf(absl::string_view action) {
  const std::string word = absl::AsciiStrToLower(action.substr(0, action.find_first_of(" (;")));
  if (word == "failed") return Returned::Kind::kBounced;
  if (word == "delayed") return Returned::Kind::kDelayed;
  if (word == "delivered" || word == "relayed" || word == "expanded") {
    return Returned::Kind::kDelivered;
  }
  return std::nullopt;
}

// "5.1.1"; empty where it is none.
std::string StatusOf(absl::string_view value) {
  value = value.substr(0, value.find_first_of(" (;"));
  const std::vector<absl::string_view> parts = absl::StrSplit(value, '.');
  const bool good = parts.size() == 3 && value.size() <= 11 &&
                    std::all_of(parts.begin(), parts.end(), [](absl::string_view part) {
                      return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
                        return absl::ascii_isdigit(c);
                      });
                    });
  return good ? std::string(value) : "";
}

// The worst of the recipients' groups of a message/delivery-status; the order of Returned::Kind.
bool ReadStatus(const std::string& text, Returned* returned) {
  bool found = false;
  std::optional<Returned::Kind> action;
  std::string status;
  const auto end_of_group = [&] {
    if (action && (!found || *action < returned->kind)) {
      returned->kind = *action;
      returned->status_code = status;
      found = true;
    }
    action.reset();
    status.clear();
  };
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) {
      end_of_group();
      continue;
    }
    const size_t colon = line.find(':');
    if (colon == absl::string_view::npos) continue;
    const absl::string_view value = absl::StripAsciiWhitespace(line.substr(colon + 1));
    if (absl::EqualsIgnoreCase(line.substr(0, colon), "Action")) action = KindOf(value);
    if (absl::EqualsIgnoreCase(line.substr(0, colon), "Status")) status = StatusOf(value);
  }
  end_of_group();
  return found;
}

bool ReadReport(GMimeMultipart* report, Returned* returned) {
  bool found = false;
  const int parts = std::min(g_mime_multipart_get_count(report), kMostParts);
  for (int i = 0; i < parts; ++i) {
    GMimeObject* part = g_mime_multipart_get_part(report, i);
    if (IsType(part, "message", "delivery-status")) {
      found = ReadStatus(ContentOf(part), returned) || found;
    } else if (GMIME_IS_MESSAGE_PART(part)) {
      GMimeMessage* original = g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
      if (original != nullptr)
        AddId(g_mime_message_get_message_id(original), &returned->message_ids);
    } else if (IsType(part, "text", "rfc822-headers") ||
               IsType(part, "message", "rfc822-headers")) {
      const Owned<GMimeMessage> original = Parse(absl::StrCat(ContentOf(part), "\n\n"));
      if (original != nullptr) {
        AddId(g_mime_message_get_message_id(original.get()), &returned->message_ids);
      }
    }
  }
  return found;
}

// RFC 3834, section 5, and what was in use before it.
bool IsAutoReply(GMimeMessage* message) {
  const std::string submitted = absl::AsciiStrToLower(Header(message, "Auto-Submitted"));
  if (!submitted.empty()) return !absl::StartsWith(submitted, "no");
  const std::string precedence = absl::AsciiStrToLower(Header(message, "Precedence"));
  return !Header(message, "X-Auto-Response-Suppress").empty() ||
         !Header(message, "X-Autoreply").empty() || !Header(message, "X-Autorespond").empty() ||
         precedence == "auto_reply";
}

}  // namespace

absl::StatusOr<Returned> ParseReturned(absl::string_view mail) {
  const absl::Status other = Error(absl::StatusCode::kInvalidArgument, "NOT_RETURNED_MAIL",
                                   "the mail is no delivery report and no machine's answer");
  const Owned<GMimeMessage> message = Parse(mail);
  if (message == nullptr) return other;
  Returned returned;
  GMimeObject* top = g_mime_message_get_mime_part(message.get());
  const bool report =
      top != nullptr && GMIME_IS_MULTIPART(top) && IsType(top, "multipart", "report");
  if (report) {
    if (!ReadReport(GMIME_MULTIPART(top), &returned)) return other;  // such as a read receipt
  } else if (IsAutoReply(message.get())) {
    returned.kind = Returned::Kind::kAutoReply;
  } else {
    return other;
  }
  AddIds(Header(message.get(), "In-Reply-To"), &returned.message_ids);
  AddIds(Header(message.get(), "References"), &returned.message_ids);
  return returned;
}

}  // namespace fosterwatch::mail
