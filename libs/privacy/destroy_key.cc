#include "libs/privacy/destroy_key.h"

#include "libs/status/status_macros.h"

namespace fosterwatch::privacy {

absl::StatusOr<bool> DestroyKey(pg::Connection& connection, const Subject& subject,
                                absl::Time made_before) {
  ASSIGN_OR_RETURN(const pg::Result destroyed,
                   connection.Query("UPDATE privacy.subject_key"
                                    " SET wrapped_key = NULL, destroyed_time = now()"
                                    " WHERE agency_id = $1 AND subject_id = $2"
                                    " AND destroyed_time IS NULL AND created_time < $3",
                                    {subject.agency_id, subject.subject_id, made_before}));
  return destroyed.affected() > 0;
}

}  // namespace fosterwatch::privacy
