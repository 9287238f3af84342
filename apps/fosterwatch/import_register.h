// What a register's CSV file looks like, and how its rows reach the register: one for each noun of
// `fosterwatch import`.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "apps/fosterwatch/csv.h"
#include "apps/fosterwatch/remote.h"

namespace fosterwatch::app {

struct Column {
  std::string name;
  bool required = false;
  std::string what;  // for the help text
};

// The names of a file's columns, in its order.
class Header {
 public:
  // What is wrong with the names, all at once: INVALID_ARGUMENT (WRONG_COLUMNS). Those that a file
  // of rejects adds are passed over.
  static absl::StatusOr<Header> Of(const CsvRow& first, const std::vector<Column>& columns);

  const std::vector<std::string>& names() const { return names_; }
  bool Has(absl::string_view name) const;
  // "" where the file has no such column, or the row ends before it.
  const std::string& Get(const CsvRow& row, absl::string_view name) const;

 private:
  std::vector<std::string> names_;
};

// The columns that a file of rejects puts before those of the file.
inline constexpr const char* kRejectColumns[] = {"line", "reason", "field", "description"};

struct RowResult {
  enum Outcome { kRecorded, kUnchanged, kRejected };
  Outcome outcome = kRejected;
  std::string reason;
  std::string field;
  std::string description;
};

class Register {
 public:
  // How many rows go together, and how many such batches are under way at once.
  struct Pace {
    int batch = 250;
    int senders = 4;
  };
  virtual ~Register() = default;
  virtual Pace pace() const { return {}; }
  virtual const std::vector<Column>& columns() const = 0;
  // What a row is about: the same id on two rows of a file is a fault.
  virtual std::string IdOf(const Header& header, const CsvRow& row) const = 0;
  // Two ids that share one of these may be one person, or one household; none where nothing can be
  // told.
  virtual std::vector<std::string> LikenessesOf(const Header& header, const CsvRow& row) const = 0;
  // Each likeness and the id of everybody who is in the register already.
  virtual absl::Status EachKnown(
      const std::function<void(const std::string& likeness, const std::string& id)>& take) = 0;
  // Records the rows, or says what would come of it: one result for each. An error: nothing is
  // known of any, and the same may be sent again. From several threads at once.
  virtual absl::StatusOr<std::vector<RowResult>> Send(const Header& header,
                                                      const std::vector<CsvRow>& rows,
                                                      bool dry_run) = 0;
};

// "carers", "children", "placements", "figures". The remote outlives it.
std::unique_ptr<Register> MakeRegister(const std::string& noun, Remote* remote);

}  // namespace fosterwatch::app
