// The SQL by which a loop looks for what is due; apart, so that a test can ask for its plan. Used
// by the loop and its test only.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"

namespace fosterwatch::duty {

// For the loop's own connection: whatever the statistics say (there are none on a fresh table), a
// look walks the index.
inline constexpr char kLookSettings[] =
    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off;";

// What a row is called among those to be left alone for now.
inline constexpr char kRowKey[] = "agency_id || '/' || subject_id || '/' || id";

// The first due time: $1 the kind, $2 the rows to be left alone. NULL where there is none.
inline std::string NextSql() {
  const auto head = [](const char* which) {
    return absl::StrCat("(SELECT due_at FROM view.timer WHERE kind = $1 AND ", which, " AND ",
                        kRowKey, " <> ALL ($2) ORDER BY due_at LIMIT 1)");
  };
  return absl::StrCat("SELECT min(due_at) FROM (", head("urgent"), " UNION ALL ",
                      head("NOT urgent"), ") AS heads");
}

// What is due at $3, at most `limit` urgent ones and as many others.
inline std::string DueSql(int limit) {
  const auto rows = [limit](const char* which) {
    return absl::StrCat(
        "(SELECT agency_id, subject_id, id, due_at, urgent FROM view.timer WHERE kind = $1 AND ",
        which, " AND due_at <= $3 AND ", kRowKey, " <> ALL ($2) ORDER BY due_at, id LIMIT ", limit,
        ")");
  };
  return absl::StrCat(rows("urgent"), " UNION ALL ", rows("NOT urgent"));
}

}  // namespace fosterwatch::duty
