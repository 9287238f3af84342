#include "services/kpis/domain/edition.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/util/message_differencer.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/kpis/domain/period.h"

namespace fosterwatch::kpis::domain {
namespace {

using v1::Edition;
using v1::EditionFile;
using v1::Restatement;
using v1::StatedFigure;
using v1::StatedKpi;

constexpr char kWaiting[] = "RESTATEMENT_WAITING";

bool SameFigure(const StatedFigure& a, const StatedFigure& b) {
  return a.has_value() == b.has_value() && a.value() == b.value() &&
         a.numerator() == b.numerator() && a.denominator() == b.denominator();
}

std::string Number(bool present, double value) {
  return present ? absl::StrFormat("%.17g", value) : "-";
}

std::string Line(const StatedFigure& figure) {
  return absl::StrCat(figure.period(), " value=", Number(figure.has_value(), figure.value()),
                      " of=", figure.numerator(), "/", figure.denominator(),
                      " target=", Number(figure.has_target(), figure.target()),
                      " status=", static_cast<int>(figure.status()), "\n");
}

const Edition* Last(const EditionFile& file) {
  return file.editions().empty() ? nullptr : &file.editions(file.editions_size() - 1);
}

const Restatement* Waiting(const EditionFile& file, const std::string& code) {
  for (const Restatement& each : file.restatements()) {
    if (each.state() == Restatement::STATE_WAITING && each.code() == code) return &each;
  }
  return nullptr;
}

// By the last edition, or by its last restatement that was accepted.
StatedFigure LastStated(const EditionFile& file, const Edition& edition, const StatedKpi& kpi) {
  StatedFigure stated = kpi.figure();
  for (const Restatement& each : file.restatements()) {
    if (each.edition_id() == edition.edition_id() && each.code() == kpi.code() &&
        each.state() == Restatement::STATE_ACCEPTED) {
      stated = each.after();
    }
  }
  return stated;
}

absl::Status Refused(absl::string_view reason, absl::string_view message) {
  return Error(absl::StatusCode::kFailedPrecondition, reason, message);
}

void FallAway(const Restatement& waiting, Facts& facts) {
  facts.emplace_back().mutable_restatement_fell_away()->set_restatement_id(
      waiting.restatement_id());
  auto& settled = *facts.emplace_back().mutable_attention_settled();
  settled.set_attention_id(waiting.restatement_id());
  settled.set_subject_id(waiting.code());
}

}  // namespace

StatedFigure StatedFigureOf(const v1::Figure& figure) {
  StatedFigure stated;
  stated.set_period(figure.period());
  if (figure.has_value()) stated.set_value(figure.value());
  stated.set_numerator(figure.numerator());
  stated.set_denominator(figure.denominator());
  if (figure.has_target()) stated.set_target(figure.target());
  stated.set_status(figure.status());
  stated.set_red_not_ruled_out(figure.red_not_ruled_out());
  return stated;
}

StatedKpi StatedKpiOf(const v1::KpiDefinition& kpi, const v1::Figure& figure,
                      const std::vector<v1::Figure>& history) {
  StatedKpi stated;
  stated.set_code(kpi.code());
  stated.set_title(kpi.title());
  stated.set_unit(kpi.unit());
  stated.set_direction(kpi.direction());
  stated.set_definition_version(kpi.version());
  *stated.mutable_figure() = StatedFigureOf(figure);
  for (const v1::Figure& each : history) *stated.add_history() = StatedFigureOf(each);
  return stated;
}

std::string ContentOf(const Edition& edition) {
  std::string content =
      absl::StrCat("edition ", edition.set(), " ", edition.period(), " ", edition.number(), " ",
                   absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", clock::FromProto(edition.frozen_time()),
                                    absl::UTCTimeZone()),
                   "\n");
  for (const StatedKpi& kpi : edition.kpis()) {
    absl::StrAppend(&content, kpi.code(), " version=", kpi.definition_version(), "\n",
                    Line(kpi.figure()));
    for (const StatedFigure& each : kpi.history()) absl::StrAppend(&content, Line(each));
  }
  return content;
}

absl::StatusOr<Facts> Freeze(const EditionFile& file, const Freezing& freezing,
                             absl::FunctionRef<std::string(absl::string_view)> sha256) {
  const auto month = MonthOf(freezing.period);
  if (!month) return InvalidField("period", "INVALID_PERIOD", "is not a month such as 2026-10");
  if (freezing.now < StartOfMonth(*month + 1)) {
    return Refused("MONTH_NOT_OVER", "the month is not over yet");
  }
  bool any = false;
  for (const StatedKpi& kpi : freezing.kpis) any |= kpi.figure().has_value();
  if (!any) return Refused("NOTHING_TO_STATE", "no figure of the set is known for the month");
  for (const Restatement& each : file.restatements()) {
    if (each.state() == Restatement::STATE_WAITING) {
      return Refused("RESTATEMENTS_WAITING", "restatements of the month wait to be accepted");
    }
  }
  Edition edition;
  edition.set_set(freezing.set);
  edition.set_period(freezing.period);
  edition.set_number(file.editions_size() + 1);
  edition.set_edition_id(absl::StrCat(freezing.set, "-", freezing.period, "-", edition.number()));
  *edition.mutable_frozen_time() = clock::ToProto(freezing.now);
  edition.set_frozen_by(freezing.person_id);
  for (const StatedKpi& kpi : freezing.kpis) *edition.add_kpis() = kpi;
  if (const Edition* last = Last(file)) {
    Edition same = *last;
    *same.mutable_kpis() = edition.kpis();
    if (google::protobuf::util::MessageDifferencer::Equals(same, *last)) {
      return Refused("UNCHANGED", "the month's last edition states the same");
    }
    for (const Restatement& each : file.restatements()) {
      if (each.edition_id() == last->edition_id() && each.state() == Restatement::STATE_ACCEPTED) {
        edition.add_restatement_ids(each.restatement_id());
      }
    }
  }
  edition.set_content(ContentOf(edition));
  edition.set_hash(sha256(edition.content()));
  Facts facts(1);
  *facts[0].mutable_edition_frozen()->mutable_edition() = std::move(edition);
  return facts;
}

Facts Compare(const EditionFile& file, const std::map<std::string, StatedFigure>& figures,
              const std::map<std::string, std::string>& causes, absl::Time now) {
  Facts facts;
  const Edition* last = Last(file);
  if (last == nullptr) return facts;
  int number = file.restatements_size();
  for (const StatedKpi& kpi : last->kpis()) {
    const auto figure = figures.find(kpi.code());
    if (figure == figures.end()) continue;
    const StatedFigure stated = LastStated(file, *last, kpi);
    const Restatement* waiting = Waiting(file, kpi.code());
    if (SameFigure(stated, figure->second)) {
      if (waiting != nullptr) FallAway(*waiting, facts);
      continue;
    }
    if (waiting != nullptr) {
      if (SameFigure(waiting->after(), figure->second)) continue;
      FallAway(*waiting, facts);
    }
    Restatement restatement;
    restatement.set_restatement_id(absl::StrCat(last->set(), "-", last->period(), "-r", ++number));
    restatement.set_edition_id(last->edition_id());
    restatement.set_set(last->set());
    restatement.set_code(kpi.code());
    *restatement.mutable_before() = stated;
    *restatement.mutable_after() = figure->second;
    if (const auto cause = causes.find(kpi.code()); cause != causes.end()) {
      restatement.set_cause_fact_id(cause->second);
    }
    *restatement.mutable_noticed_time() = clock::ToProto(now);
    restatement.set_state(Restatement::STATE_WAITING);
    *facts.emplace_back().mutable_restatement_noticed()->mutable_restatement() = restatement;
    auto& needed = *facts.emplace_back().mutable_attention_needed();
    needed.set_attention_id(restatement.restatement_id());
    needed.set_code(kWaiting);
    needed.set_subject_id(kpi.code());
  }
  return facts;
}

absl::StatusOr<Facts> Accept(const EditionFile& file, absl::string_view restatement_id,
                             absl::string_view reason, absl::string_view person_id,
                             absl::Time now) {
  FieldCheck check;
  check.Require("reason", reason, kMaxReason);
  RETURN_IF_ERROR(check.ToStatus());
  const Restatement* restatement = FindRestatement(file, restatement_id);
  if (restatement == nullptr) {
    return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such restatement",
                 {{"restatement_id", "names no restatement of this agency"}});
  }
  if (restatement->state() != Restatement::STATE_WAITING) {
    return Refused("NOT_WAITING", "the restatement does not wait any more");
  }
  Facts facts(2);
  auto& accepted = *facts[0].mutable_restatement_accepted();
  accepted.set_restatement_id(std::string(restatement_id));
  accepted.set_accepted_by(std::string(person_id));
  *accepted.mutable_accepted_time() = clock::ToProto(now);
  accepted.set_reason(std::string(reason));
  auto& settled = *facts[1].mutable_attention_settled();
  settled.set_attention_id(restatement->restatement_id());
  settled.set_subject_id(restatement->code());
  return facts;
}

const Edition* FindEdition(const EditionFile& file, absl::string_view edition_id) {
  for (const Edition& each : file.editions()) {
    if (each.edition_id() == edition_id) return &each;
  }
  return nullptr;
}

const Restatement* FindRestatement(const EditionFile& file, absl::string_view restatement_id) {
  for (const Restatement& each : file.restatements()) {
    if (each.restatement_id() == restatement_id) return &each;
  }
  return nullptr;
}

void Evolve(EditionFile& file, const v1::KpiFact& fact, absl::Time recorded) {
  const auto with = [&](const std::string& restatement_id, auto change) {
    for (Restatement& each : *file.mutable_restatements()) {
      if (each.restatement_id() == restatement_id) change(each);
    }
  };
  switch (fact.fact_case()) {
    case v1::KpiFact::kEditionFrozen:
      *file.add_editions() = fact.edition_frozen().edition();
      break;
    case v1::KpiFact::kRestatementNoticed:
      *file.add_restatements() = fact.restatement_noticed().restatement();
      break;
    case v1::KpiFact::kRestatementAccepted:
      with(fact.restatement_accepted().restatement_id(), [&](Restatement& each) {
        each.set_state(Restatement::STATE_ACCEPTED);
        each.set_accepted_by(fact.restatement_accepted().accepted_by());
        *each.mutable_accepted_time() = fact.restatement_accepted().accepted_time();
        each.set_reason(fact.restatement_accepted().reason());
      });
      break;
    case v1::KpiFact::kRestatementFellAway:
      with(fact.restatement_fell_away().restatement_id(), [&](Restatement& each) {
        each.set_state(Restatement::STATE_FALLEN_AWAY);
        *each.mutable_fallen_away_time() = clock::ToProto(recorded);
      });
      break;
    default:
      break;
  }
}

}  // namespace fosterwatch::kpis::domain
