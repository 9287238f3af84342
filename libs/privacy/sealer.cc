#include "libs/privacy/sealer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libs/privacy/destroy_key.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::privacy {
namespace {

constexpr size_t kKeySize = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;

// The first byte of all that is sealed, so that another algorithm can follow.
constexpr char kFormat = 1;

// Keys at hand; about 200 bytes each.
constexpr size_t kMostKeys = 50'000;

const unsigned char* Unsigned(const char* data) {
  return reinterpret_cast<const unsigned char*>(data);
}
unsigned char* Unsigned(char* data) { return reinterpret_cast<unsigned char*>(data); }

// Lengths first, so that no two lists of parts read alike.
std::string Bind(absl::string_view purpose, const Subject& subject, absl::string_view context) {
  std::string bound;
  for (const absl::string_view part : {purpose, absl::string_view(subject.agency_id),
                                       absl::string_view(subject.subject_id), context}) {
    absl::StrAppend(&bound, part.size(), ":", part);
  }
  return bound;
}

std::string SealUnder(const std::string& key, const std::string& bound, absl::string_view plain) {
  std::string sealed(1 + kNonceSize + plain.size() + kTagSize, '\0');
  sealed[0] = kFormat;
  char* const nonce = sealed.data() + 1;
  randombytes_buf(nonce, kNonceSize);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      Unsigned(nonce + kNonceSize), nullptr, Unsigned(plain.data()), plain.size(),
      Unsigned(bound.data()), bound.size(), nullptr, Unsigned(nonce), Unsigned(key.data()));
  return sealed;
}

absl::StatusOr<std::string> OpenUnder(const std::string& key, const std::string& bound,
                                      absl::string_view sealed) {
  constexpr size_t kOverhead = 1 + kNonceSize + kTagSize;
  if (sealed.size() < kOverhead || sealed[0] != kFormat) {
    return absl::DataLossError("the sealed data is damaged");
  }
  std::string plain(sealed.size() - kOverhead, '\0');
  const char* const nonce = sealed.data() + 1;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          Unsigned(plain.data()), nullptr, nullptr, Unsigned(nonce + kNonceSize),
          sealed.size() - 1 - kNonceSize, Unsigned(bound.data()), bound.size(), Unsigned(nonce),
          Unsigned(key.data())) != 0) {
    return absl::DataLossError("the sealed data does not open: it was changed or moved");
  }
  return plain;
}

std::string WrapPurpose(const Subject& subject) { return Bind("subject key", subject, ""); }

absl::Status FileError(const std::string& path, const char* doing) {
  return absl::UnavailableError(
      absl::StrCat("cannot ", doing, " the key file ", path, ": ", std::strerror(errno)));
}

// Makes the whole file under another name and links it, so that of several processes one wins and
// nobody reads half a key.
absl::Status MakeKeyFile(const std::string& path) {
  std::string key(kKeySize, '\0');
  randombytes_buf(key.data(), key.size());
  std::string text = absl::StrCat(absl::BytesToHexString(key), "\n");
  std::string draft = path + ".XXXXXX";
  const int file = mkstemp(draft.data());  // mode 0600
  if (file < 0) return FileError(path, "make");
  absl::Status made;
  if (write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      fsync(file) != 0) {
    made = FileError(path, "write");
  } else if (link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    made = FileError(path, "make");
  }
  close(file);
  unlink(draft.c_str());
  sodium_memzero(key.data(), key.size());
  sodium_memzero(text.data(), text.size());
  return made;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sealer>> Sealer::Create(absl::string_view master_key) {
  if (sodium_init() < 0) return absl::InternalError("libsodium does not start");
  std::string key(master_key);
  if (key.size() == 2 * kKeySize &&
      std::all_of(key.begin(), key.end(), [](char c) { return absl::ascii_isxdigit(c); })) {
    key = absl::HexStringToBytes(key);
  }
  if (key.size() != kKeySize) {
    return absl::InvalidArgumentError("a master key is 32 bytes, or 64 hexadecimal digits");
  }
  return std::unique_ptr<Sealer>(new Sealer(std::move(key)));
}

absl::StatusOr<std::unique_ptr<Sealer>> Sealer::FromFile(const std::string& path, bool create) {
  if (sodium_init() < 0) return absl::InternalError("libsodium does not start");
  if (access(path.c_str(), F_OK) != 0) {
    if (!create) return absl::NotFoundError(absl::StrCat("there is no key file ", path));
    RETURN_IF_ERROR(MakeKeyFile(path));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return FileError(path, "read");
  std::string text(std::istreambuf_iterator<char>(file), {});
  // 32 raw bytes may begin or end with what looks like white space.
  if (text.size() != kKeySize) text = std::string(absl::StripAsciiWhitespace(text));
  absl::StatusOr<std::unique_ptr<Sealer>> sealer = Create(text);
  sodium_memzero(text.data(), text.size());
  if (!sealer.ok()) {
    return absl::Status(sealer.status().code(),
                        absl::StrCat("key file ", path, ": ", sealer.status().message()));
  }
  return sealer;
}

Sealer::Sealer(std::string master_key) : master_key_(std::move(master_key)) {}

Sealer::~Sealer() {
  sodium_memzero(master_key_.data(), master_key_.size());
  for (auto& [subject, entry] : keys_) sodium_memzero(entry.key.data(), entry.key.size());
}

absl::Status Sealer::Keep(const pg::Result& rows, absl::flat_hash_map<Subject, Entry>* found) {
  for (int row = 0; row < rows.rows(); ++row) {
    Subject subject{rows.Text(row, 0), rows.Text(row, 1)};
    Entry entry;
    entry.read_time = absl::Now();
    if (!rows.IsNull(row, 2)) {
      auto key = OpenUnder(master_key_, WrapPurpose(subject), rows.Text(row, 2));
      if (!key.ok()) {
        return absl::DataLossError(
            "a subject's key does not open under this master key: it is another key, or the "
            "table was changed");
      }
      entry.key = *std::move(key);
      entry.confirmed = rows.Bool(row, 3);
    }
    found->insert_or_assign(std::move(subject), std::move(entry));
  }
  return absl::OkStatus();
}

absl::Status Sealer::Prepare(pg::Connection& connection, const std::vector<Subject>& subjects,
                             bool create) {
  // In order, so that two transactions that make the same keys wait for each other one way only.
  std::vector<Subject> missing;
  {
    absl::MutexLock lock(&mutex_);
    const absl::Time stale = absl::Now() - kKeyAge;
    absl::flat_hash_set<Subject> seen;
    for (const Subject& subject : subjects) {
      if (!seen.insert(subject).second) continue;
      const auto it = keys_.find(subject);
      if (it != keys_.end() && it->second.confirmed && it->second.read_time > stale) {
        it->second.used = ++uses_;
      } else {
        missing.push_back(subject);
      }
    }
  }
  if (missing.empty()) return absl::OkStatus();
  std::sort(missing.begin(), missing.end(), [](const Subject& a, const Subject& b) {
    return std::tie(a.agency_id, a.subject_id) < std::tie(b.agency_id, b.subject_id);
  });

  absl::flat_hash_map<Subject, Entry> found;
  pg::TextArray agency_ids, subject_ids;
  pg::BytesArray new_keys;
  for (const Subject& subject : missing) {
    agency_ids.push_back(subject.agency_id);
    subject_ids.push_back(subject.subject_id);
    if (!create) continue;
    std::string key(kKeySize, '\0');
    randombytes_buf(key.data(), key.size());
    new_keys.push_back({SealUnder(master_key_, WrapPurpose(subject), key)});
    sodium_memzero(key.data(), key.size());
  }
  // now() is when this transaction began, and the default of created_time: where they are equal,
  // the key may be this transaction's own and go with it.
  const pg::Statement read = {
      "SELECT k.agency_id, k.subject_id, k.wrapped_key, k.created_time <> now() "
      "FROM unnest($1, $2) AS wanted (agency, subject), LATERAL "
      "(SELECT * FROM privacy.subject_key WHERE subject_key.agency_id = wanted.agency "
      "AND subject_key.subject_id = wanted.subject OFFSET 0) AS k",
      {agency_ids, subject_ids}};
  if (create) {
    // Most are new, so they are made at once and read back: where there is a key already, made by
    // another transaction or long ago, it stays the subject's.
    ASSIGN_OR_RETURN(
        const std::vector<pg::Result> made,
        connection.Pipeline(
            {{"INSERT INTO privacy.subject_key (agency_id, subject_id, wrapped_key) "
              "SELECT agency_id, subject_id, wrapped_key "
              "FROM unnest($1, $2, $3) WITH ORDINALITY "
              "AS made (agency_id, subject_id, wrapped_key, position) ORDER BY position "
              "ON CONFLICT DO NOTHING",
              {agency_ids, subject_ids, new_keys}},
             read}));
    RETURN_IF_ERROR(Keep(made[1], &found));
  } else {
    ASSIGN_OR_RETURN(const pg::Result existing, connection.Query(read));
    RETURN_IF_ERROR(Keep(existing, &found));
  }

  absl::MutexLock lock(&mutex_);
  for (const Subject& subject : missing) {
    const auto it = found.find(subject);
    if (it != found.end()) {
      it->second.used = ++uses_;
      keys_.insert_or_assign(subject, std::move(it->second));
      continue;
    }
    // None yet. Another transaction may be making it, and sealing under what is at hand.
    Entry& entry = keys_[subject];
    if (entry.confirmed) entry = Entry{};
    entry.used = ++uses_;
  }
  Bound(missing.size());
  return absl::OkStatus();
}

void Sealer::Bound(size_t prepared) {
  const size_t most = std::max(kMostKeys, 2 * prepared);
  if (keys_.size() <= most) return;
  // Half at once, the longest unused, so that this is rare.
  std::vector<uint64_t> uses;
  uses.reserve(keys_.size());
  for (const auto& [subject, entry] : keys_) uses.push_back(entry.used);
  const auto middle = uses.begin() + uses.size() / 2;
  std::nth_element(uses.begin(), middle, uses.end());
  for (auto it = keys_.begin(); it != keys_.end();) {
    const auto current = it++;
    if (current->second.used < *middle) keys_.erase(current);
  }
}

absl::StatusOr<std::string> Sealer::KeyOf(const Subject& subject, absl::StatusCode gone) {
  absl::MutexLock lock(&mutex_);
  const auto it = keys_.find(subject);
  if (it == keys_.end()) return absl::InternalError("the subject's key was not prepared");
  if (it->second.key.empty()) {
    return Error(gone, "SUBJECT_SHREDDED", "the subject's key does not exist or was destroyed");
  }
  return it->second.key;
}

absl::StatusOr<std::string> Sealer::Seal(const Subject& subject, absl::string_view context,
                                         absl::string_view plain) {
  ASSIGN_OR_RETURN(const std::string key, KeyOf(subject, absl::StatusCode::kFailedPrecondition));
  return SealUnder(key, Bind("sealed", subject, context), plain);
}

absl::StatusOr<std::string> Sealer::Open(const Subject& subject, absl::string_view context,
                                         absl::string_view sealed) {
  ASSIGN_OR_RETURN(const std::string key, KeyOf(subject, absl::StatusCode::kNotFound));
  return OpenUnder(key, Bind("sealed", subject, context), sealed);
}

absl::Status Sealer::Shred(pg::Connection& connection, const Subject& subject) {
  ASSIGN_OR_RETURN(const bool destroyed, DestroyKey(connection, subject));
  absl::MutexLock lock(&mutex_);
  Entry& entry = keys_[subject];
  sodium_memzero(entry.key.data(), entry.key.size());
  entry = Entry{};
  if (!destroyed) {
    return Error(absl::StatusCode::kNotFound, "SUBJECT_SHREDDED",
                 "the subject's key does not exist or was destroyed");
  }
  return absl::OkStatus();
}

pg::Migration SealerMigration(const std::string& role) {
  constexpr char kSql[] = R"sql(
CREATE SCHEMA privacy;

CREATE TABLE privacy.subject_key (
  agency_id text NOT NULL,
  subject_id text NOT NULL,
  wrapped_key bytea,
  created_time timestamptz NOT NULL DEFAULT now(),
  destroyed_time timestamptz,
  PRIMARY KEY (agency_id, subject_id),
  CONSTRAINT subject_key_destroyed CHECK ((wrapped_key IS NULL) = (destroyed_time IS NOT NULL))
);

ALTER TABLE privacy.subject_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE privacy.subject_key FORCE ROW LEVEL SECURITY;

CREATE POLICY agency_reads ON privacy.subject_key FOR SELECT TO {role}
  USING (agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies', true), ',')));
CREATE POLICY agency_makes ON privacy.subject_key FOR INSERT TO {role}
  WITH CHECK (agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies', true), ',')));
-- The only change there is.
CREATE POLICY agency_destroys ON privacy.subject_key FOR UPDATE TO {role}
  USING (agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies', true), ',')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies', true), ','))
    AND wrapped_key IS NULL);
CREATE POLICY relay_reads ON privacy.subject_key FOR SELECT TO {role_relay} USING (true);

GRANT USAGE ON SCHEMA privacy TO {role}, {role_relay};
GRANT SELECT ON privacy.subject_key TO {role}, {role_relay};
GRANT INSERT (agency_id, subject_id, wrapped_key) ON privacy.subject_key TO {role};
GRANT UPDATE (wrapped_key, destroyed_time) ON privacy.subject_key TO {role};
)sql";
  return {"privacy_0001_subject_key",
          absl::StrReplaceAll(kSql, {{"{role}", pg::QuoteName(role)},
                                     {"{role_relay}", pg::QuoteName(role + "_relay")}})};
}

}  // namespace fosterwatch::privacy
