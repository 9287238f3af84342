// Keys, and tokens that they sign, also such as no issuer would. For tests.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "libs/auth/jose.h"

namespace fosterwatch::auth {

using nlohmann::json;

class Folder {
 public:
  Folder() {
    char path[] = "/tmp/fosterwatch-auth.XXXXXX";
    path_ = mkdtemp(path);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

inline std::string Read(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

inline json JsonOf(const jose::Key& key, bool with_private = false) {
  char* text = cjose_jwk_to_json(key.get(), with_private, nullptr);
  json jwk = json::parse(text);
  std::free(text);
  return jwk;
}

inline jose::Key EcKey(cjose_jwk_ec_curve curve = CJOSE_JWK_EC_P_256) {
  return jose::Key(cjose_jwk_create_EC_random(curve, nullptr));
}

inline jose::Key RsaKey(int bits) {
  const unsigned char exponent[] = {1, 0, 1};
  return jose::Key(cjose_jwk_create_RSA_random(bits, exponent, sizeof exponent, nullptr));
}

inline json SetOf(const std::vector<std::pair<std::string, const jose::Key*>>& keys) {
  json set = {{"keys", json::array()}};
  for (const auto& [id, key] : keys) {
    json jwk = JsonOf(*key);
    jwk["kid"] = id;
    set["keys"].push_back(jwk);
  }
  return set;
}

// Signs whatever it is given, also what no issuer would.
inline std::string Sign(const jose::Key& key, const json& header, const std::string& claims) {
  jose::Header protected_header(cjose_header_new(nullptr));
  for (const auto& [name, value] : header.items()) {
    if (value.is_string()) {
      const std::string text = value.get<std::string>();
      cjose_header_set(protected_header.get(), name.c_str(), text.c_str(), nullptr);
    } else {
      cjose_header_set_raw(protected_header.get(), name.c_str(), value.dump().c_str(), nullptr);
    }
  }
  const jose::Signature signature(cjose_jws_sign(key.get(), protected_header.get(),
                                                 reinterpret_cast<const uint8_t*>(claims.data()),
                                                 claims.size(), nullptr));
  const char* token = nullptr;
  EXPECT_TRUE(signature != nullptr && cjose_jws_export(signature.get(), &token, nullptr));
  return token == nullptr ? "" : token;
}

}  // namespace fosterwatch::auth
