// Takes a CSV file into a register: reads it as a stream, sends its rows in batches from several
// threads, and keeps of each row no more than a number for itself and one for each of its
// likenesses, so that memory does not grow with the file but by those.
//
// Promises
// - Every row ends in exactly one of: recorded, unchanged, rejected; rejects are written in the
//   order of their lines, each with its reason, so that the file of rejects, mended, is a file to
//   import.
// - A row that is refused for what has not arrived yet (a carer, a body or a child just recorded)
//   is sent again for some seconds; so is a batch that found nobody there.
// - Nothing is merged: rows that look like another one, of the file or of the register, are
//   recorded as they are, and proposed in a file of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "apps/fosterwatch/import_register.h"

namespace fosterwatch::app {

struct ImportOptions {
  std::string file;
  std::string rejects_file;     // empty: none is written
  std::string duplicates_file;  // empty: none is written
  bool dry_run = false;
  // How long in all to wait for what has not arrived.
  absl::Duration patience = absl::Seconds(5);
  // How long each batch is sent again while nobody answers, or not in time: a register that is
  // busy is not away, and what it has recorded meanwhile comes back as such.
  absl::Duration answer_patience = absl::Seconds(60);
  // Told of how much of the file is done, from 0 to 1, and of how many rows. One thread at a time.
  std::function<void(double done, int64_t rows)> progress;
};

struct ImportSummary {
  int64_t rows = 0;
  int64_t recorded = 0;
  int64_t unchanged = 0;
  int64_t rejected = 0;
  int64_t possible_duplicates = 0;
};

// Errors are those of the file as a whole (NO_FILE, WRONG_COLUMNS, ROW_TOO_LONG), or of a register
// that does not answer: then what was recorded stays, and the same file may be given again.
absl::StatusOr<ImportSummary> RunImport(Register& destination, const ImportOptions& options);

}  // namespace fosterwatch::app
