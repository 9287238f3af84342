#include "services/gateway/gzip.h"

#include <array>

#include <zlib.h>

#include "libs/status/error.h"

namespace fosterwatch::gateway {
namespace {

constexpr int kGzipWindow = 15 + 16;
constexpr int kQuick = 5;

Bytef* Input(absl::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

}  // namespace

std::string Compress(absl::string_view bytes) {
  z_stream stream = {};
  if (deflateInit2(&stream, kQuick, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = Input(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

absl::StatusOr<std::string> Decompress(absl::string_view bytes, size_t most) {
  z_stream stream = {};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) throw std::bad_alloc();
  stream.next_in = Input(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::array<char, 16 * 1024> part;
  int result = Z_OK;
  while (result == Z_OK && out.size() <= most) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = static_cast<uInt>(part.size());
    result = inflate(&stream, Z_NO_FLUSH);
    out.append(part.data(), part.size() - stream.avail_out);
  }
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  if (out.size() > most) {
    return Error(absl::StatusCode::kResourceExhausted, "BODY_TOO_LARGE",
                 "the body is larger than 1,000,000 bytes");
  }
  if (!whole) {
    return Error(absl::StatusCode::kInvalidArgument, "MALFORMED_GZIP",
                 "the body is not gzip as its Content-Encoding says");
  }
  return out;
}

}  // namespace fosterwatch::gateway
