#include "libs/webhook/networks.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "libs/status/status_macros.h"

namespace fosterwatch::webhook {
namespace {

constexpr int kMappedBits = 96;

Address Mapped(const void* four_bytes) {
  Address address{};
  address[10] = address[11] = 0xff;
  std::memcpy(address.data() + 12, four_bytes, 4);
  return address;
}

bool Within(const Address& address, const Address& network, int bits) {
  const int whole = bits / 8, rest = bits % 8;
  if (!std::equal(network.begin(), network.begin() + whole, address.begin())) return false;
  if (rest == 0) return true;
  const auto mask = static_cast<uint8_t>(0xff << (8 - rest));
  return (address[whole] & mask) == (network[whole] & mask);
}

struct Block {
  const char* address;
  int bits;
};

// IANA IPv4 and IPv6 special-purpose address registries.
constexpr Block kSpecial[] = {{"0.0.0.0", 8},       {"10.0.0.0", 8},     {"100.64.0.0", 10},
                              {"127.0.0.0", 8},     {"169.254.0.0", 16}, {"172.16.0.0", 12},
                              {"192.0.0.0", 24},    {"192.0.2.0", 24},   {"192.31.196.0", 24},
                              {"192.52.193.0", 24}, {"192.88.99.0", 24}, {"192.168.0.0", 16},
                              {"192.175.48.0", 24}, {"198.18.0.0", 15},  {"198.51.100.0", 24},
                              {"203.0.113.0", 24},  {"224.0.0.0", 4},    {"240.0.0.0", 4},
                              {"2001::", 23},       {"2001:db8::", 32},  {"3fff::", 20}};

std::vector<std::pair<Address, int>> Special() {
  std::vector<std::pair<Address, int>> special;
  for (const Block& block : kSpecial) {
    const bool four = std::strchr(block.address, ':') == nullptr;
    special.emplace_back(*ParseAddress(block.address), block.bits + (four ? kMappedBits : 0));
  }
  return special;
}

bool IsMapped(const Address& address) {
  static const Address kMapped = Mapped("\0\0\0\0");
  return Within(address, kMapped, kMappedBits);
}

}  // namespace

absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  if (absl::StartsWith(text, "[") && absl::EndsWith(text, "]")) {
    text = text.substr(1, text.size() - 2);
  }
  const std::string address(text);
  in_addr four;
  if (inet_pton(AF_INET, address.c_str(), &four) == 1) return Mapped(&four);
  Address six;
  if (inet_pton(AF_INET6, address.c_str(), six.data()) == 1) return six;
  return absl::InvalidArgumentError("not the address of a machine");
}

bool IsLoopback(const Address& address) {
  if (IsMapped(address)) return address[12] == 127;
  Address one{};
  one[15] = 1;
  return address == one;
}

bool IsPublic(const Address& address) {
  static const auto& special = *new std::vector<std::pair<Address, int>>(Special());
  // What carries an IPv4 address is as public as that one.
  static const Address six_to_four = *ParseAddress("2002::"), nat = *ParseAddress("64:ff9b::");
  if (Within(address, six_to_four, 16)) return IsPublic(Mapped(address.data() + 2));
  if (Within(address, nat, 96)) return IsPublic(Mapped(address.data() + 12));
  // Of IPv6, only 2000::/3 is given out.
  if (!IsMapped(address) && (address[0] & 0xe0) != 0x20) return false;
  return std::none_of(special.begin(), special.end(), [&](const auto& block) {
    return Within(address, block.first, block.second);
  });
}

absl::StatusOr<Networks> Networks::Parse(absl::string_view text) {
  Networks networks;
  for (absl::string_view entry : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    entry = absl::StripAsciiWhitespace(entry);
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(entry, absl::MaxSplits('/', 1));
    const absl::StatusOr<Address> address = ParseAddress(parts.first);
    const bool four = !absl::StrContains(parts.first, ':');
    int bits = four ? 32 : 128;
    if (!address.ok() ||
        (absl::StrContains(entry, '/') &&
         (!absl::SimpleAtoi(parts.second, &bits) || bits < 0 || bits > (four ? 32 : 128)))) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", entry, "' is not a network such as 10.20.0.0/16"));
    }
    networks.networks_.push_back({*address, bits + (four ? kMappedBits : 0)});
  }
  return networks;
}

bool Networks::Contain(const Address& address) const {
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    return Within(address, network.address, network.bits);
  });
}

bool Networks::Allow(const sockaddr* address) const {
  if (address->sa_family == AF_INET) {
    return Allow(Mapped(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr));
  }
  if (address->sa_family == AF_INET6) {
    Address six;
    std::memcpy(six.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, six.size());
    return Allow(six);
  }
  return false;
}

}  // namespace fosterwatch::webhook
