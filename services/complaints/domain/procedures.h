// The procedures by which complaints are considered, as data with effective dates and sources
// (policy/procedures.json): the agency's own under regulation 18 of the Fostering Services
// (England) Regulations 2011, and the local authority's three stages (SI 2006/1738).
//
// Immutable after Parse and free to share between threads.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/complaints/v1/procedures.pb.h"
#include "libs/clock/deadline.h"

namespace fosterwatch::complaints::domain {

using Book = v1::ProcedureBook;

// INVALID_ARGUMENT (POLICY_INVALID) where the file is not a whole book: unknown fields, editions
// out of the order of their days, an id twice, a limit or an origin missing, a step that cannot
// begin.
absl::StatusOr<Book> ParseProcedures(absl::string_view json);

// The books of all agencies: ours, and of an agency with editions of its own ours until the first
// day of these, and they from then on. What was begun under an edition stays under it.
class AgencyBooks {
 public:
  explicit AgencyBooks(Book ours) : ours_(std::move(ours)) {}

  // The agency's own editions. INVALID_ARGUMENT (POLICY_INVALID) as ParseProcedures says it, where
  // a version is one of ours, and where an edition lacks a procedure or a stage of our newest one,
  // by its id: a complaint may stand there on the day.
  absl::Status Adopt(const std::string& agency_id, absl::string_view json);

  const Book& Of(absl::string_view agency_id) const;

 private:
  Book ours_;
  std::map<std::string, Book, std::less<>> own_;
};

// The edition that holds at a moment; before the first, the first.
const Book::Edition& InForce(const Book& book, absl::Time moment);
// The edition of that version; where the book has it no longer, the one that holds at `moment`.
const Book::Edition& EditionOf(const Book& book, absl::string_view version, absl::Time moment);

// Null where there is none.
const Book::Procedure* FindProcedure(const Book::Edition& edition, absl::string_view procedure_id);
const Book::Stage* FindStage(const Book::Procedure& procedure, absl::string_view stage_id);
// The stage that follows; null behind the last.
const Book::Stage* StageAfter(const Book::Procedure& procedure, absl::string_view stage_id);
bool HasCategory(const Book::Edition& edition, absl::string_view code);

// What a due time by this rule says of it.
clock::RuleReference Reference(absl::string_view trigger, absl::string_view rule,
                               const Book::Edition& edition, const Book::Origin& origin);

}  // namespace fosterwatch::complaints::domain
