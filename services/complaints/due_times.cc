#include "services/complaints/due_times.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "libs/pg/connection.h"
#include "libs/runtime/log.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::complaints {
namespace {

constexpr int kPage = 200;
constexpr absl::Duration kAgainAfter = absl::Seconds(5);

// One page of them; how many it moved.
absl::StatusOr<int> MovePage(App& app, const std::string& conninfo) {
  ASSIGN_OR_RETURN(const auto connection, pg::Connection::Open(conninfo));
  ASSIGN_OR_RETURN(
      const pg::Result found,
      connection->Query(absl::StrCat("SELECT agency_id, complaint_id FROM view.complaint"
                                     " WHERE calendars <> '' AND calendars <> $1 LIMIT ",
                                     kPage),
                        {app.calendar_version()}));
  for (int row = 0; row < found.rows(); ++row) {
    const auto moved =
        app.ledger().SubmitAndWait(app.MoveDueTimes(found.Text(row, 0), found.Text(row, 1)));
    RETURN_IF_ERROR(moved.status());
  }
  return found.rows();
}

}  // namespace

void RecountDueTimes(App& app, const std::string& relay_conninfo, const runtime::Stop& stop) {
  int moved = 0;
  bool was_ok = true;
  absl::Duration wait = absl::ZeroDuration();
  while (!stop.WaitFor(wait)) {
    const absl::StatusOr<int> page = MovePage(app, relay_conninfo);
    if (!page.ok()) {
      if (was_ok) runtime::LogStatus("due times cannot be counted again", page.status());
      was_ok = false;
      wait = kAgainAfter;
      continue;
    }
    was_ok = true;
    wait = absl::ZeroDuration();
    moved += *page;
    if (*page > 0) continue;
    if (moved > 0) {
      runtime::LogInfo("due times were counted again by new bank holidays",
                       {{"complaints", absl::StrCat(moved)}, {"days", app.calendar_version()}});
    }
    break;
  }
  while (!stop.WaitFor(absl::Minutes(1))) {
  }
}

}  // namespace fosterwatch::complaints
