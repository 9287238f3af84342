// The commands, each added to the command line with what it does. A command sets Context::run.
#pragma once

#include "CLI/CLI.hpp"
#include "apps/fosterwatch/remote.h"

namespace fosterwatch::app {

// serve, database setup, rebuild.
void AddOperation(CLI::App& app, Context* context);
// forget carer, list, again.
void AddForget(CLI::App& app, Context* context);
// topics apply, list; consumers list, resume.
void AddBus(CLI::App& app, Context* context);
// doctor, health.
void AddDoctor(CLI::App& app, Context* context);
// token, links.
void AddSignIn(CLI::App& app, Context* context);
// demonstration load.
void AddDemonstration(CLI::App& app, Context* context);
// event report, list, show, explain, give, acknowledge, return, enquiry-outcome, sign-off,
// conclude.
void AddEvent(CLI::App& app, Context* context);
// event provisional, complete, decide-repeat, withdraw, evidence; after AddEvent.
void AddEventReporting(CLI::App& app, Context* context);
// event confirm, discuss, outcome, add-action, close-action; after AddEvent.
void AddEventDuties(CLI::App& app, Context* context);
// event export, trend; after AddEvent.
void AddEventOversight(CLI::App& app, Context* context);
// event proof; after AddEvent.
void AddEventProof(CLI::App& app, Context* context);
// allegation receive, list, show, explain, and what moves one on.
void AddAllegation(CLI::App& app, Context* context);
// audit start, list, show, form, grade, close-finding, complete.
void AddAudit(CLI::App& app, Context* context);
// chronology.
void AddChronology(CLI::App& app, Context* context);
// complaint record, list, show, why, procedures; compliment record, list.
void AddComplaint(CLI::App& app, Context* context);
// complaint acknowledge, answer, extend, close, ...: what is done with one; after AddComplaint.
void AddComplaintActs(CLI::App& app, Context* context);
// complaint seen, themes, statement; after AddComplaint.
void AddComplaintOversight(CLI::App& app, Context* context);
// decision record, agree, list, show.
void AddDecision(CLI::App& app, Context* context);
// body list, record; body webhook set, rotate, test.
void AddBody(CLI::App& app, Context* context);
// delegation record, end, list.
void AddDelegation(CLI::App& app, Context* context);
// absence record, end, list.
void AddAbsence(CLI::App& app, Context* context);
// holder appoint, end, list.
void AddHolder(CLI::App& app, Context* context);
// sessions list, end.
void AddSessions(CLI::App& app, Context* context);
// carer list, show, count, duties, register, changes, policy, take-over, and what is done with one.
void AddCarer(CLI::App& app, Context* context);
// visit record, list, close-action.
void AddVisit(CLI::App& app, Context* context);
// placement start, move, end, correct, show, list, households, codes.
void AddPlacement(CLI::App& app, Context* context);
// import carers, children, placements, figures.
void AddImport(CLI::App& app, Context* context);
// directory check.
void AddDirectory(CLI::App& app, Context* context);
// alert list, ack.
void AddAlert(CLI::App& app, Context* context);
// send list, show.
void AddSend(CLI::App& app, Context* context);
// template list, preview.
void AddTemplate(CLI::App& app, Context* context);
// mail returned.
void AddMail(CLI::App& app, Context* context);
// pack inspection, board.
void AddPack(CLI::App& app, Context* context);
// parked list, show, retry, discard.
void AddParked(CLI::App& app, Context* context);
// access list, unusual.
void AddAccess(CLI::App& app, Context* context);
// publisher check.
void AddPublisher(CLI::App& app, Context* context);
// kpi list, show, explain, series; kpi edition, restatement, plan, quality.
void AddKpi(CLI::App& app, Context* context);
// law show, try, adopt, policy; form list, show.
void AddLaw(CLI::App& app, Context* context);

}  // namespace fosterwatch::app
