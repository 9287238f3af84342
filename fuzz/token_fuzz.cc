// Access tokens. Input: a letter, then
//   r  a token as it came
//   m  changes to a good token: a byte each for place (two) and value
//   s  a line of the header's typ, then claims, which are signed with the right key
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include <cjose/cjose.h>

#include "fuzz/fuzz.h"
#include "libs/auth/jose.h"
#include "libs/auth/token.h"

namespace fosterwatch::auth {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);
constexpr char kGoodClaims[] =
    R"({"iss":"i","aud":"a","sub":"p-1","agency":"agency-a","roles":["caseworker"],"exp":1795000600})";

class Issuer {
 public:
  Issuer() : key_(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, nullptr)) {
    CHECKED(key_ != nullptr && cjose_jwk_set_kid(key_.get(), "k", 1, nullptr));
    char* const json = cjose_jwk_to_json(key_.get(), /*priv=*/false, nullptr);
    std::string folder = "/tmp/fosterwatch-fuzz-XXXXXX";
    CHECKED(json != nullptr && mkdtemp(folder.data()) != nullptr);
    const std::string file = folder + "/jwks.json";
    CHECKED(jose::WriteFile(file, "{\"keys\":[" + std::string(json) + "]}", 0600, false).ok());
    cjose_get_dealloc()(json);
    auto verifier = Verifier::FromFile(file, "i", "a");
    CHECKED(verifier.ok());
    verifier_ = *std::move(verifier);
    std::remove(file.c_str());
    std::remove(folder.c_str());
    good_ = Sign("at+jwt", kGoodClaims);
    CHECKED(verifier_->Verify(good_, kNow).ok());
  }

  std::string Sign(const std::string& type, absl::string_view claims) const {
    const jose::Header header(cjose_header_new(nullptr));
    cjose_header_set(header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES256, nullptr);
    cjose_header_set(header.get(), CJOSE_HDR_KID, "k", nullptr);
    cjose_header_set(header.get(), "typ", type.c_str(), nullptr);
    const jose::Signature signature(cjose_jws_sign(key_.get(), header.get(),
                                                   reinterpret_cast<const uint8_t*>(claims.data()),
                                                   claims.size(), nullptr));
    const char* token = nullptr;
    if (signature == nullptr || !cjose_jws_export(signature.get(), &token, nullptr)) return "";
    return token;
  }

  Verifier& verifier() { return *verifier_; }
  const std::string& good() const { return good_; }

 private:
  const jose::Key key_;
  std::unique_ptr<Verifier> verifier_;
  std::string good_;
};

}  // namespace

FUZZ_TARGET(token) {
  static auto* const issuer = new Issuer;
  if (input.empty()) return;
  const char what = input[0];
  input.remove_prefix(1);
  std::string token(input);
  if (what == 'm') {
    token = issuer->good();
    for (; input.size() >= 3; input.remove_prefix(3)) {
      const size_t place = (static_cast<uint8_t>(input[0]) << 8 | static_cast<uint8_t>(input[1]));
      token[place % token.size()] = input[2];
    }
  } else if (what == 's') {
    const std::string type(fuzz::TakeLine(&input));
    token = issuer->Sign(type, input);
  }
  const auto caller = issuer->verifier().Verify(token, kNow);
  if (!caller.ok()) {
    CHECKED(absl::IsUnauthenticated(caller.status()));
    return;
  }
  // Without the key there is no other good token.
  if (what != 's') CHECKED(token == issuer->good());
  CHECKED(caller->agency_id == "*" || IsAgencyId(caller->agency_id));
  CHECKED(caller->agency_id != "*" || caller->Has(options::v1::ROLE_SERVICE));
}

}  // namespace fosterwatch::auth
