// fosterwatch.operations.v1.AccessService for one service: who looked at its records, and which of
// that is unusual. Also the log in which the door keeps it.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "absl/status/statusor.h"

#include "fosterwatch/operations/v1/access_rules.pb.h"
#include "fosterwatch/operations/v1/access_service.pb.h"
#include "libs/clock/working_calendar.h"
#include "libs/ledger/access.h"
#include "libs/ledger/ledger.h"
#include "libs/runtime/door.h"

namespace fosterwatch::ledger {

// Any thread, once the door is open.
class AccessService {
 public:
  // Records that a caller may not know of, as "allegation:ID". A row that names one of them, by
  // this kind or by its id alone, is not shown to the caller.
  using Withheld = std::function<absl::StatusOr<std::set<std::string>>(const runtime::Call&)>;
  struct Options {
    std::string name;  // the service's: "notifications"
    operations::v1::AccessRules rules;
    clock::WorkingCalendar calendar;
    Withheld withheld;  // none where it is not set
  };
  // The rules and the calendar as they are installed in `share_dir`.
  static absl::StatusOr<Options> OptionsFrom(const std::string& share_dir);

  // The ledger outlives it.
  AccessService(Options options, Ledger* ledger);

  // From here on the door keeps who looks at what by the methods of the package, and answers for
  // the service. Before the door opens.
  void Serve(runtime::Door& door, const std::string& package);

  absl::StatusOr<operations::v1::ListAccessResponse> ListAccess(
      const runtime::Call& call, const operations::v1::ListAccessRequest& request);
  absl::StatusOr<operations::v1::ReportUnusualAccessResponse> ReportUnusualAccess(
      const runtime::Call& call, const operations::v1::ReportUnusualAccessRequest& request);

 private:
  // Of what the caller may not know: INTERNAL where that cannot be said.
  absl::StatusOr<pg::TextArray> WithheldFrom(const runtime::Call& call) const;

  const Options options_;
  Ledger* const ledger_;
  LedgerAccessLog log_;
};

}  // namespace fosterwatch::ledger
