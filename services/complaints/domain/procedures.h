// The procedures by which complaints are considered, as data with effective dates and sources
// (policy/procedures.json): the agency's own under regulation 18 of the Fostering Services
// (England) Regulations 2011, and the local authority's three stages (SI 2006/1738).
//
// Immutable after Parse and free to share between threads.
#pragma once

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
