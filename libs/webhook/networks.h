// Which addresses a webhook may reach. Whoever may name a URL must not reach what only this machine
// or its network can (server-side request forgery), so everything that is not plainly on the public
// internet is refused, unless a network is named as allowed. Pure but for parsing; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sockaddr;

namespace fosterwatch::webhook {

// IPv4 as IPv6 has it: ::ffff:a.b.c.d.
using Address = std::array<uint8_t, 16>;

// "10.1.2.3", "fd00::1", "[fd00::1]". INVALID_ARGUMENT for names and for other spellings.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

bool IsLoopback(const Address& address);

// Plainly on the public internet: none of the special-purpose blocks of RFC 6890 and its registry
// (loopback, link-local, private, shared, documentation, benchmarking, multicast, reserved), and no
// such IPv4 address inside of an IPv6 one (mapped, 6to4, NAT64).
bool IsPublic(const Address& address);

class Networks {
 public:
  // "10.20.0.0/16, 127.0.0.1, fd00::/8"; empty: none. INVALID_ARGUMENT names the entry at fault.
  static absl::StatusOr<Networks> Parse(absl::string_view text);

  bool Contain(const Address& address) const;
  // Public, or within.
  bool Allow(const Address& address) const { return IsPublic(address) || Contain(address); }
  // The same of a resolved address; never of one that is neither IPv4 nor IPv6.
  bool Allow(const sockaddr* address) const;

 private:
  struct Network {
    Address address;
    int bits;
  };
  std::vector<Network> networks_;
};

}  // namespace fosterwatch::webhook
