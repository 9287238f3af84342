#include "services/complaints/domain/procedures.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/util/json_util.h"

#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::complaints::domain {
namespace {

constexpr int kMost = 1000;
constexpr int kMostIndependents = 9;

absl::Status Invalid(absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "POLICY_INVALID",
               absl::StrCat("the book of procedures ", what));
}

absl::Status CheckOrigin(absl::string_view name, const Book::Origin& origin) {
  if (origin.source().empty()) return Invalid(absl::StrCat("names no source for ", name));
  if (origin.grade() != "H" && origin.grade() != "M" && origin.grade() != "L") {
    return Invalid(absl::StrCat("has no grade H, M or L for ", name));
  }
  return absl::OkStatus();
}

absl::Status CheckCount(absl::string_view name, int count) {
  if (count >= 1 && count <= kMost) return absl::OkStatus();
  return Invalid(absl::StrCat("needs 1 to 1000 for ", name));
}

absl::Status CheckLimit(absl::string_view name, const Book::Limit& limit) {
  if ((limit.working_days() == 0) == (limit.calendar_days() == 0)) {
    return Invalid(absl::StrCat("needs working days or calendar days for ", name));
  }
  RETURN_IF_ERROR(CheckCount(name, limit.working_days() + limit.calendar_days()));
  return CheckOrigin(name, limit.origin());
}

// A step's clock can be paused, which counts in working days alone.
absl::Status CheckStepLimit(absl::string_view name, const Book::Limit& limit) {
  if (limit.working_days() == 0) {
    return Invalid(absl::StrCat("needs working days for ", name));
  }
  return CheckLimit(name, limit);
}

absl::Status CheckStage(absl::string_view name, const Book::Stage& stage, bool last) {
  if (stage.stage_id().empty() || stage.title().empty()) {
    return Invalid(absl::StrCat("has a stage without id or title in ", name));
  }
  if (stage.steps().empty()) return Invalid(absl::StrCat("has a stage without steps in ", name));
  std::set<std::string> ids;
  for (int i = 0; i < stage.steps_size(); ++i) {
    const Book::Step& step = stage.steps(i);
    const std::string step_name = absl::StrCat(name, " ", stage.stage_id(), " ", step.step_id());
    if (step.step_id().empty() || !ids.insert(step.step_id()).second) {
      return Invalid(absl::StrCat("has a step without an id of its own in ", name));
    }
    if (step.start() == Book::START_UNSPECIFIED || (i == 0 && step.start() != Book::START_STAGE)) {
      return Invalid(absl::StrCat("does not say when this step begins: ", step_name));
    }
    RETURN_IF_ERROR(CheckStepLimit(step_name, step.limit()));
    if (!step.has_extended_limit()) continue;
    RETURN_IF_ERROR(CheckStepLimit(step_name, step.extended_limit()));
    if (step.extended_limit().working_days() <= step.limit().working_days()) {
      return Invalid(absl::StrCat("extends a limit by nothing: ", step_name));
    }
  }
  std::set<std::string> parts;
  for (const Book::Independents& part : stage.independents()) {
    const std::string part_name = absl::StrCat(name, " ", stage.stage_id(), " ", part.part_id());
    if (part.part_id().empty() || part.title().empty() || !parts.insert(part.part_id()).second) {
      return Invalid(absl::StrCat("has people from outside without an id of their own or a title: ",
                                  part_name));
    }
    if (part.count() < 1 || part.count() > kMostIndependents) {
      return Invalid(absl::StrCat("needs 1 to 9 people for ", part_name));
    }
    RETURN_IF_ERROR(CheckOrigin(part_name, part.origin()));
  }
  if (last == stage.has_request_window()) {
    return Invalid(absl::StrCat("needs a request window before the last stage only: ", name));
  }
  return last ? absl::OkStatus() : CheckLimit(name, stage.request_window());
}

absl::Status CheckProcedure(const Book::Procedure& procedure) {
  const std::string& name = procedure.procedure_id();
  if (name.empty() || procedure.title().empty() || procedure.stages().empty()) {
    return Invalid("has a procedure without id, title or stages");
  }
  RETURN_IF_ERROR(CheckOrigin(name, procedure.origin()));
  RETURN_IF_ERROR(CheckLimit(absl::StrCat(name, " acknowledgement"), procedure.acknowledgement()));
  if (procedure.has_taken_within()) {
    RETURN_IF_ERROR(
        CheckCount(absl::StrCat(name, " taken_within"), procedure.taken_within().months()));
    RETURN_IF_ERROR(
        CheckOrigin(absl::StrCat(name, " taken_within"), procedure.taken_within().origin()));
  }
  std::set<std::string> ids;
  for (int i = 0; i < procedure.stages_size(); ++i) {
    RETURN_IF_ERROR(
        CheckStage(name, procedure.stages(i), /*last=*/i + 1 == procedure.stages_size()));
    if (!ids.insert(procedure.stages(i).stage_id()).second) {
      return Invalid(absl::StrCat("has a stage twice in ", name));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckRoutes(const Book::Edition& edition) {
  std::set<int> about;
  for (const Book::Route& route : edition.routes()) {
    if (route.about_role() == options::v1::ROLE_UNSPECIFIED ||
        !about.insert(route.about_role()).second) {
      return Invalid("has a route that is not about a role of its own");
    }
    if (route.considered_by().empty()) return Invalid("has a route by which nobody considers");
    for (const int role : route.considered_by()) {
      if (role == options::v1::ROLE_UNSPECIFIED || role == route.about_role()) {
        return Invalid("has a route by which those consider whom it is about");
      }
    }
    RETURN_IF_ERROR(CheckOrigin("route", route.origin()));
  }
  return absl::OkStatus();
}

absl::Status CheckEdition(const Book::Edition& edition) {
  std::set<std::string> ids;
  bool has_limit = false;
  for (const auto& procedure : edition.procedures()) {
    RETURN_IF_ERROR(CheckProcedure(procedure));
    has_limit = has_limit || procedure.has_taken_within();
    if (!ids.insert(procedure.procedure_id()).second) return Invalid("has a procedure twice");
  }
  if (ids.empty()) return Invalid("has an edition without procedures");
  std::set<std::string> codes;
  for (const auto& category : edition.categories()) {
    if (category.code().empty() || category.title().empty() ||
        !codes.insert(category.code()).second) {
      return Invalid("has a category without a code and title of its own");
    }
  }
  if (codes.empty()) return Invalid("has an edition without categories");
  RETURN_IF_ERROR(CheckCount("event_proposal", edition.event_proposal().hours()));
  RETURN_IF_ERROR(CheckOrigin("event_proposal", edition.event_proposal().origin()));
  RETURN_IF_ERROR(CheckLimit("closing", edition.closing()));
  RETURN_IF_ERROR(CheckLimit("reopened", edition.reopened()));
  RETURN_IF_ERROR(CheckLimit("learning_review", edition.learning_review()));
  if (has_limit) {
    RETURN_IF_ERROR(CheckLimit("out_of_time_decision", edition.out_of_time_decision()));
  }
  if (edition.has_pause_reminder()) {
    RETURN_IF_ERROR(CheckLimit("pause_reminder", edition.pause_reminder()));
  }
  RETURN_IF_ERROR(CheckRoutes(edition));
  RETURN_IF_ERROR(CheckCount("completeness.window_days", edition.completeness().window_days()));
  RETURN_IF_ERROR(
      CheckCount("completeness.raise_every_hours", edition.completeness().raise_every_hours()));
  return CheckOrigin("completeness", edition.completeness().origin());
}

absl::StatusOr<absl::Time> Beginning(const Book::Edition& edition) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(edition.effective_from(), &day)) {
    return Invalid("has an edition that does not say from which day it holds");
  }
  return absl::FromCivil(day, clock::London());
}

}  // namespace

absl::StatusOr<Book> ParseProcedures(absl::string_view json) {
  Book book;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &book);
  if (!parsed.ok()) return Invalid(absl::StrCat("cannot be read: ", std::string(parsed.message())));
  if (book.editions().empty()) return Invalid("has no edition");
  absl::Time before = absl::InfinitePast();
  std::set<std::string> versions;
  for (const Book::Edition& edition : book.editions()) {
    if (edition.version().empty() || !versions.insert(edition.version()).second) {
      return Invalid("has an edition without a version of its own");
    }
    ASSIGN_OR_RETURN(const absl::Time beginning, Beginning(edition));
    if (beginning <= before) return Invalid("has editions that are not in the order of their days");
    before = beginning;
    RETURN_IF_ERROR(CheckEdition(edition));
  }
  return book;
}

absl::Status AgencyBooks::Adopt(const std::string& agency_id, absl::string_view json) {
  ASSIGN_OR_RETURN(const Book own, ParseProcedures(json));
  ASSIGN_OR_RETURN(const absl::Time from, Beginning(own.editions(0)));
  const Book::Edition& newest = ours_.editions(ours_.editions_size() - 1);
  for (const Book::Edition& edition : own.editions()) {
    for (const Book::Edition& each : ours_.editions()) {
      if (each.version() == edition.version()) {
        return Invalid(absl::StrCat("has an edition ", edition.version(), ", as ours is called"));
      }
    }
    for (const Book::Procedure& procedure : newest.procedures()) {
      const Book::Procedure* same = FindProcedure(edition, procedure.procedure_id());
      if (same == nullptr) {
        return Invalid(absl::StrCat("lacks the procedure ", procedure.procedure_id()));
      }
      for (const Book::Stage& stage : procedure.stages()) {
        if (FindStage(*same, stage.stage_id()) == nullptr) {
          return Invalid(absl::StrCat("lacks the stage ", stage.stage_id(), " of the procedure ",
                                      procedure.procedure_id()));
        }
      }
    }
  }
  Book book;
  for (const Book::Edition& edition : ours_.editions()) {
    ASSIGN_OR_RETURN(const absl::Time beginning, Beginning(edition));
    if (beginning < from) *book.add_editions() = edition;
  }
  book.MergeFrom(own);
  own_[agency_id] = std::move(book);
  return absl::OkStatus();
}

const Book& AgencyBooks::Of(absl::string_view agency_id) const {
  const auto own = own_.find(agency_id);
  return own == own_.end() ? ours_ : own->second;
}

const Book::Edition& InForce(const Book& book, absl::Time moment) {
  int last = 0;
  for (int i = 1; i < book.editions_size(); ++i) {
    const auto beginning = Beginning(book.editions(i));
    if (beginning.ok() && *beginning <= moment) last = i;
  }
  return book.editions(last);
}

const Book::Edition& EditionOf(const Book& book, absl::string_view version, absl::Time moment) {
  for (const Book::Edition& edition : book.editions()) {
    if (edition.version() == version) return edition;
  }
  return InForce(book, moment);
}

const Book::Procedure* FindProcedure(const Book::Edition& edition, absl::string_view procedure_id) {
  for (const auto& procedure : edition.procedures()) {
    if (procedure.procedure_id() == procedure_id) return &procedure;
  }
  return nullptr;
}

const Book::Stage* FindStage(const Book::Procedure& procedure, absl::string_view stage_id) {
  for (const auto& stage : procedure.stages()) {
    if (stage.stage_id() == stage_id) return &stage;
  }
  return nullptr;
}

const Book::Stage* StageAfter(const Book::Procedure& procedure, absl::string_view stage_id) {
  for (int i = 0; i + 1 < procedure.stages_size(); ++i) {
    if (procedure.stages(i).stage_id() == stage_id) return &procedure.stages(i + 1);
  }
  return nullptr;
}

bool HasCategory(const Book::Edition& edition, absl::string_view code) {
  for (const auto& category : edition.categories()) {
    if (category.code() == code) return true;
  }
  return false;
}

clock::RuleReference Reference(absl::string_view trigger, absl::string_view rule,
                               const Book::Edition& edition, const Book::Origin& origin) {
  const std::string& grade = origin.grade();
  return {std::string(trigger), std::string(rule), absl::StrCat("procedures ", edition.version()),
          origin.source(),
          grade == "H"   ? "high"
          : grade == "M" ? "medium"
                         : "low"};
}

}  // namespace fosterwatch::complaints::domain
