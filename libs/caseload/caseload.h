// Who may see which household, of those who do not see all of them: in tables of the service's own
// database, filled from the facts of the registers that know it, or in the service that decides it
// from its own. What no row says is in nobody's caseload: a household of which nothing was heard
// yet, and a child who lives with nobody.
//
// Both tables have the agency's wall (ledger::ViewRights). Moments are instants; a grant holds from
// its first moment up to, but not at, its last one, so that one ends by itself.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/repeated_ptr_field.h"

#include "fosterwatch/type/v1/caseload.pb.h"
#include "libs/ledger/ledger.h"
#include "libs/pg/connection.h"
#include "libs/runtime/caseload.h"
#include "libs/runtime/door.h"

namespace fosterwatch::caseload {

// Where a service keeps them.
struct Tables {
  // Of GrantsSql.
  std::string grants = "reference.caseload";
  // Of ResidenceSql; or any with the columns agency_id, child_id and carer_id.
  std::string residence = "reference.residence";
};

// The schema of the grants, and of who lives where, under such a name.
std::string GrantsSql(const std::string& table, const std::string& role);
std::string ResidenceSql(const std::string& table, const std::string& role);

// Puts all grants of a household there. Not of arrays alone: two of one household in one
// transaction run one after the other.
pg::Statement Grants(const std::string& table, const std::string& agency_id,
                     const std::string& carer_id,
                     const google::protobuf::RepeatedPtrField<type::v1::CaseloadGrant>& grants);
// The child lives with that carer now; with nobody where `carer_id` is empty.
pg::Statement Residence(const std::string& table, const std::string& agency_id,
                        const std::string& child_id, const std::string& carer_id);

// For whom a list is, and when.
struct Asker {
  std::string agency_id;
  absl::Time now;
  // Of this person's own caseload alone; of everything where it is empty.
  std::string own_of = "";
};
Asker AskerOf(const runtime::Call& call, absl::Time now);

// Conditions of a list of one agency, which is $1, with the numbers of two further values: the
// person, and the moment. "carer_id" -> "carer_id IN (SELECT ...)".
std::string OwnCarer(const Tables& tables, absl::string_view column, int person, int now);
std::string OwnChild(const Tables& tables, absl::string_view column, int person, int now);

// Asks these tables. Carers and children it knows by itself.
class Reader : public runtime::Caseload {
 public:
  struct Options {
    Tables tables;
    // Kinds of records that the service has itself ("placement"): the SQL that selects of the
    // agency $1 those of the ids $2 that are the person's ($3) at the moment $4.
    std::map<std::string, std::string> kinds;
    // Kinds of ids that are parts of a record which is named beside them ("decision"): they show
    // nothing by themselves.
    std::set<std::string> parts;
    std::function<absl::Time()> now;
  };
  // The ledger outlives it.
  Reader(ledger::Ledger* ledger, Options options);

  absl::StatusOr<std::set<std::string>> Foreign(const std::string& agency_id,
                                                const std::string& person_id,
                                                const std::set<std::string>& records) override;

 private:
  ledger::Ledger* const ledger_;
  const Options options_;
};

}  // namespace fosterwatch::caseload
