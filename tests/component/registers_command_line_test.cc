// Complaints, allegations, audits, carers, visits, placements and imports on the command line, by
// the real binary: each verb does what it says, and what is given badly is named.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/clock/working_calendar.h"
#include "libs/testing/await.h"
#include "libs/testing/cluster.h"
#include "tests/component/command_line_fixture.h"

namespace fosterwatch {
namespace {

using fosterwatch::testing::AwaitTrue;
using nlohmann::json;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

std::string Day(int from_today) {
  return absl::FormatCivilTime(clock::LondonDay(absl::Now()) + from_today);
}

// "a b 'c d'" as a shell takes it apart.
Words Split(const std::string& line) {
  Words words;
  bool quoted = false, open = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
      if (!open) words.emplace_back();
      open = true;
    } else if (c == ' ' && !quoted) {
      open = false;
    } else {
      if (!open) words.emplace_back();
      open = true;
      words.back() += c;
    }
  }
  return words;
}

class RegistersCommandLineTest : public CommandLineTest {
 protected:
  Answer Say(const std::string& line) { return Run(Split(line)); }
  // A command that must go well.
  Answer Do(const std::string& line) {
    Answer answer = Say(line);
    EXPECT_EQ(answer.code, 0) << line << "\n" << answer.output;
    return answer;
  }
  json Get(const std::string& line) { return Do(line + " --json").json(); }
  // One that is refused, for this reason or at this field.
  void Refuse(int code, const std::string& line, const std::string& why) {
    const Answer answer = Say(line);
    EXPECT_EQ(answer.code, code) << line << "\n" << answer.output;
    EXPECT_THAT(answer.output, HasSubstr(why)) << line;
  }
  // Every verb of a noun, as its help lists them.
  Words VerbsOf(const std::string& noun) {
    Words verbs;
    bool listed = false;
    for (const auto line : absl::StrSplit(Do(noun + " --help").output, '\n')) {
      if (listed && absl::StartsWith(line, "  ") && line.size() > 2 && line[2] != ' ') {
        verbs.emplace_back(line.substr(2, line.find(' ', 2) - 2));
      } else if (listed) {
        break;
      }
      listed |= absl::StartsWith(line, "Subcommands:");
    }
    return verbs;
  }
  std::string File(const std::string& name, const std::string& text) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
  static std::string Read(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  void Complaints();
  void Allegations();
  void Audits();
  void Carers();
  void Placements();
  void Imports();
};

void RegistersCommandLineTest::Complaints() {
  Refuse(2,
         "complaint record --giver ghost --about carer --received-by letter --category DELAY"
         " --summary x",
         "giver");
  Refuse(4,
         "complaint record --giver anonymous --about carer --carer nobody --received-by letter"
         " --category DELAY --summary x",
         "UNKNOWN_CARER");
  const json made = Get(
      "complaint record --giver child --giver-id C-0011 --about carer --carer F-0011 --child C-0011"
      " --received-by telephone --category QUALITY_OF_CARE --summary 'No pocket money'"
      " --point 'three weeks' --request-id command-line-complaint");
  const std::string id = made.value("complaintId", ""), point = made["points"][0]["pointId"];
  ASSERT_FALSE(id.empty());
  Refuse(4,
         "complaint record --giver child --about carer --carer F-0011 --received-by letter"
         " --category DELAY --summary y --request-id command-line-complaint",
         "REQUEST_ID_REUSED");
  Do("complaint acknowledge " + id + " --advocate-offered");
  Do("complaint investigator " + id + " --outside 'Ms Brown'");
  Refuse(4, "complaint independent " + id + " panel --name 'Ms Grey'", "NOT_ASKED_FOR");
  Do("complaint pause " + id + " --reason 'the family is away'");
  Do("complaint resume " + id + " --reason 'they are back'");
  Do("complaint add-point " + id + " --text 'no phone either'");
  Refuse(2, "complaint decide-point " + id + " " + point + " --outcome maybe --reason x",
         "outcome");
  const json points = Get("complaint show " + id)["points"];
  ASSERT_EQ(points.size(), 2u);
  for (const auto& each : points) {
    Do(absl::StrCat("complaint decide-point ", id, " ", each["pointId"].get<std::string>(),
                    " --outcome upheld --reason 'as said'"));
  }
  Do("complaint serious " + id + " --reason 'for weeks'");
  const json serious = Get("complaint show " + id);
  ASSERT_FALSE(serious["eventProposals"].empty());
  Do(absl::StrCat("complaint decline-event ", id, " ",
                  serious["eventProposals"][0]["proposalId"].get<std::string>(),
                  " --reason 'put right at once'"));
  EXPECT_THAT(
      Do(absl::StrCat("complaint why ", id, " ", serious["duties"][0]["dutyId"].get<std::string>()))
          .output,
      HasSubstr("ACKNOWLEDGEMENT_DUE"));
  Do("complaint answer " + id + " --text 'We are sorry'");
  Refuse(4, "complaint close " + id + " --outcome upheld", "action_taken");
  Do("complaint action-taken " + id + " --text 'paid'");
  const json closed = Get("complaint close " + id + " --outcome upheld");
  EXPECT_EQ(closed["state"], "STATE_CLOSED");
  const std::string review = closed["learningReviews"][0]["reviewId"];
  Refuse(4, "complaint close-review " + id + " " + review, "NOT_READY_TO_CLOSE");
  Do("complaint learning " + id + " " + review + " --text 'ask every child'");
  const json learning =
      Get(absl::StrCat("complaint learning-action ", id, " ", review,
                       " --text 'a list' --owner caseworker-1 --due '", Day(20), " 12:00'"));
  const std::string action = learning["learningReviews"][0]["actions"][0]["actionId"];
  Do(absl::StrCat("complaint close-learning-action ", id, " ", review, " ", action,
                  " --evidence 'the list'"));
  Do("complaint close-review " + id + " " + review);
  Do("complaint reopen " + id + " --reason 'it happened again'");
  Refuse(5, "complaint withdraw " + id + " --reason 'settled after all'", "MANAGER_WITHDRAWS");
  Do("complaint withdraw " + id + " --reason 'settled after all' --as registered_manager");

  const std::string other = Get(
      "complaint record --giver parent --giver-name 'A parent' --about service --received-by letter"
      " --category DELAY --summary 'Nobody rang back' --procedure ca1989")["complaintId"];
  Do("complaint extend " + other +
     " --reason 'over the holidays' --agreed-by registered-manager-1 --agreed-with 'the parent'");
  Do("complaint disclose-harm " + other + " --text 'a bruise'");
  Do("complaint reclassify " + other + " --procedure reg18 --reason 'the wrong one'");
  EXPECT_THAT(Do("complaint list --state open").output, HasSubstr(other));
  EXPECT_EQ(Get("complaint list --carer F-0011")["complaints"].size(), 1u);
  EXPECT_THAT(Do("complaint procedures").output, HasSubstr("reg18"));
  EXPECT_THAT(Do("complaint themes").output, HasSubstr("QUALITY_OF_CARE"));
  EXPECT_THAT(Do("complaint statement --csv").output, HasSubstr(","));
  const std::string late = Get(
      "complaint record --giver parent --giver-name 'A parent' --about service --received-by letter"
      " --category DELAY --summary 'Years ago' --procedure ca1989 --happened '2019-05-01 12:00'")
      ["complaintId"];
  EXPECT_THAT(Do("complaint show " + late).output, HasSubstr("nobody has decided yet"));
  EXPECT_THAT(Do("complaint list --state open").output, HasSubstr("out of time"));
  Refuse(4, "complaint answer " + late + " --text x", "OUT_OF_TIME");
  Refuse(2, "complaint out-of-time " + late + " perhaps --reason x", "decision");
  Do("complaint out-of-time " + late + " accepted --reason 'she was eight then'");
  EXPECT_THAT(Do("complaint show " + late).output, HasSubstr("she was eight then"));
  Refuse(4, "complaint out-of-time " + late + " declined --reason x", "DECIDED_BEFORE");
  Do("complaint seen list");
  Refuse(2, "complaint seen match", "required");
  Refuse(3, "complaint seen take-back nothing " + id + " --reason x", "NOT_FOUND");
  Refuse(3, "complaint show nothing", "NOT_FOUND");
  Refuse(3, "complaint show " + id + " --agency another", "NOT_FOUND");
  Refuse(5, "complaint close " + other + " --outcome x --as caseworker", "PERMISSION_DENIED");

  Do("compliment record --giver professional --giver-name 'A teacher' --about carer --carer F-0011 "
     "--received-by email"
     " --category QUALITY_OF_CARE --summary 'Patient and kind'");
  EXPECT_EQ(Get("compliment list --carer F-0011")["complaints"].size(), 1u);
}

void RegistersCommandLineTest::Allegations() {
  Refuse(2, "allegation receive --carer F-0012 --ground rumour --informant child --summary x",
         "ground");
  Refuse(4, "allegation receive --carer nobody --ground harm --informant child --summary x",
         "UNKNOWN_CARER");
  const json made =
      Get("allegation receive --carer F-0012 --child C-0012 --ground harm --informant"
          " child --summary 'What the child said'");
  const std::string id = made.value("allegationId", "");
  ASSERT_FALSE(id.empty());
  EXPECT_THAT(Do(absl::StrCat("allegation explain ", id, " ",
                              made["duties"][0]["dutyId"].get<std::string>()))
                  .output,
              HasSubstr("working day"));
  Do("allegation amend " + id + " --addition 'and the week before' --reason 'said later'");
  Do("allegation link " + id + " placement=P-1");
  Refuse(4, "allegation review " + id, "WRONG_STATE");
  Do("allegation refer " + id + " --officer 'Ms Officer' --channel telephone");
  Do("allegation meeting " + id + " --decisions 'the police look into it'");
  Do("allegation investigate " + id + " --kind police");
  const json concluded =
      Get("allegation conclude " + id + " --outcome unfounded --reasons 'as found'");
  Do("allegation review " + id);
  Refuse(4, "allegation learn " + id + " --learning x --action 'a form'", "NO_ROLE_HOLDER");
  Do("allegation learn " + id +
     " --learning 'see children alone' --action 'a form' --owner caseworker-1");
  Do("allegation add-item " + id + " --description 'a letter' --owner caseworker-1");
  const json items = Get("allegation show " + id)["checklist"];
  ASSERT_GT(items.size(), 2u);
  Do(absl::StrCat("allegation assign-item ", id, " ",
                  items[0]["action"]["actionId"].get<std::string>(), " --owner caseworker-2"));
  Refuse(4, "allegation close " + id + " --summary x", "NOT_READY");
  for (const auto& item : items) {
    if (item["code"] == "LEARNING") continue;  // done by what was learnt
    Do(absl::StrCat("allegation close-item ", id, " ",
                    item["action"]["actionId"].get<std::string>(), " --evidence done"));
  }
  for (const auto& telling : concluded["tellings"]) {
    Do(absl::StrCat("allegation tell ", id, " ", telling["party"].get<std::string>(),
                    " --channel telephone"));
  }
  EXPECT_EQ(Get("allegation close " + id + " --summary 'what was done'")["state"], "STATE_CLOSED");
  Do("allegation reopen " + id + " --reason 'a new witness'");
  EXPECT_EQ(Get("allegation list --carer F-0012")["allegations"].size(), 1u);
  EXPECT_THAT(Do("allegation list --open").output, HasSubstr("F-0012"));
  EXPECT_THAT(Do("chronology --carer F-0012").output, HasSubstr(id));
  EXPECT_THAT(Do("chronology --child C-0012").output, HasSubstr(id));
  Refuse(2, "chronology --carer F-0012 --child C-0012", "excludes");
  Refuse(3, "allegation show nothing", "NOT_FOUND");
}

void RegistersCommandLineTest::Audits() {
  Refuse(2, "audit start --scope everything", "scope");
  Refuse(2, "audit start --scope active --kind carer", "kind");
  Refuse(4, "audit start --scope active --kind allegation --until '2001-01-01 00:00'",
         "NOTHING_TO_AUDIT");
  const json audit = Get("audit start --scope active");
  const std::string id = audit.value("auditId", "");
  ASSERT_FALSE(id.empty());
  Refuse(4, "audit complete " + id + " --summary x", "RECORDS_NOT_GRADED");
  std::string action;
  for (const auto& record : audit["records"]) {
    const std::string kind = record["kind"] == "KIND_EVENT"       ? "event"
                             : record["kind"] == "KIND_COMPLAINT" ? "complaint"
                                                                  : "allegation";
    std::string line = absl::StrCat("audit grade ", id, " --kind ", kind, " --record ",
                                    record["recordId"].get<std::string>());
    for (const char* question : {"voice", "outcome", "learning"}) {
      absl::StrAppend(&line, " --answer ", question, "=MET");
    }
    for (const char* question : {"written_record", "answered_in_time", "independence"}) {
      if (kind == "complaint") absl::StrAppend(&line, " --answer ", question, "=MET");
    }
    if (kind != "complaint") absl::StrAppend(&line, " --answer told_in_time=MET");
    for (const char* question : {"follow_up", "approval"}) {
      if (kind == "allegation") absl::StrAppend(&line, " --answer ", question, "=MET");
    }
    if (kind == "event") absl::StrAppend(&line, " --answer signed_off=MET");
    if (action.empty()) {
      Refuse(4, line + " --answer safety=MET --answer safety=NOT_MET", "DUPLICATE");
      const std::string unmet = line + " --answer 'safety=NOT_MET:nobody looked'";
      Refuse(4, unmet, "FINDING_MISSING");
      Refuse(4, unmet + " --finding 'caseworker-1=write it up'", "FINDING_MISSING");
      line = unmet + " --finding 'safety:caseworker-1=write it up'";
    } else {
      absl::StrAppend(&line, " --answer safety=MET");
    }
    const json graded = Get(line);
    for (const auto& one : graded["records"]) {
      if (action.empty() && one.contains("findings") && !one["findings"].empty()) {
        action = one["findings"][0]["action"]["actionId"];
      }
    }
  }
  Do("audit close-finding " + id + " " + action + " --evidence written");
  EXPECT_EQ(Get("audit complete " + id + " --summary 'all is well'")["state"], "STATE_COMPLETED");
  EXPECT_EQ(Get("audit list")["audits"].size(), 1u);
  EXPECT_THAT(Do("audit show " + id).output, HasSubstr("completed"));
  EXPECT_THAT(Do("audit form").output, HasSubstr("Met"));
  Refuse(3, "audit show nothing", "NOT_FOUND");
}

void RegistersCommandLineTest::Carers() {
  // The demonstration agency's carers came in by an import, with little overdue.
  const json counts = Get("carer count");
  int owed = 0, overdue = 0;
  for (const auto& duty : counts["duties"]) {
    owed += std::stoi(duty.value("owed", "0"));
    overdue += std::stoi(duty.value("overdue", "0"));
  }
  EXPECT_GT(owed, 1500);
  EXPECT_GT(overdue, 10) << "a few visits are missing, as everywhere";
  EXPECT_LT(overdue, 60);

  Refuse(4, "carer apply N-1", "REQUIRED");
  Do("carer apply N-1 --kind mainstream --address '1 New Street' --foster-parent"
     " 'Ann New|1980-02-03|female' --received-date " +
     Day(-200));
  const json applied = Get("carer show N-1");
  for (const auto& missing : applied["application"]["missing"]) {
    const std::vector<std::string> parts = absl::StrSplit(missing.get<std::string>(), '/');
    Do(absl::StrCat("carer information N-1 --code ", parts[0],
                    parts.size() > 1 ? " --foster-parent-id " + parts[1] : "", " --obtained-date ",
                    Day(-20)));
  }
  Do("carer stage-two N-1 --begun-date " + Day(-60));
  Do(absl::StrCat("carer recommend N-1 --body fostering-panel --matter approval --meeting-date ",
                  Day(-10),
                  " --minutes-received-time now-48h --suitable --max-children 2"
                  " --max-age 17 --reasons minuted --member-ids team-manager-1"));
  Refuse(4,
         "carer decide N-1 --outcome approved --decision-maker-id team-manager-1 --reasons x"
         " --max-children 2",
         "MAKER_ON_PANEL");
  Refuse(4,
         "carer decide N-1 --outcome approved --decision-maker-id ghost --reasons x"
         " --max-children 2",
         "NO_ROLE_HOLDER");
  const json decided =
      Get("carer decide N-1 --outcome approved --decision-maker-id responsible-individual-1"
          " --reasons 'as recommended' --max-children 2 --max-age 17");
  EXPECT_EQ(decided["status"], "STATUS_APPROVED");
  Do(absl::StrCat("carer tell N-1 --written --decision-id ",
                  decided["decisions"][0]["decisionId"].get<std::string>()));

  const std::string id = "F-0013";
  Refuse(2, "visit record " + id + " --visited yesterday", "visited");
  const json visited = Get("visit record " + id +
                           " --unannounced --supervision --saw-child C-0013:alone"
                           " --finding 'caseworker-1=a lock'");
  Do(absl::StrCat("visit close-action ", id, " --evidence locked --action-id ",
                  visited["actions"][0]["actionId"].get<std::string>()));
  EXPECT_GE(Get("visit list --carer " + id)["items"].size(), 1u);
  Do("carer check " + id + " --kind dbs --foster-parent-id 1 --done-date " + Day(-1));
  Refuse(2, "carer check " + id + " --kind horoscope --done-date " + Day(-1), "kind");
  Do(absl::StrCat("carer terms ", id, " --max-children 1 --max-age 17 --effective-date ", Day(0),
                  " --agreed-date ", Day(0)));
  Do(absl::StrCat("carer exempt ", id, " --body-id northshire --child-ids C-0013 --from-date ",
                  Day(0), " --reason 'brothers and sisters' --siblings"));
  const json inputs = Get("carer review-inputs " + id);
  int visits_before = 0;
  for (const auto& input : inputs["inputs"]) {
    if (input["kind"] == "KIND_VISIT") visits_before = input.value("count", 0);
  }
  EXPECT_GE(visits_before, 1) << inputs;
  Do(absl::StrCat("carer review ", id, " --review-date ", Day(0),
                  " --foster-parents-heard --still-suitable --terms-appropriate --report 'as seen'"
                  " --reviewer-id caseworker-2"));
  const json reviewed = Get("carer show " + id)["reviews"].back();
  EXPECT_EQ(reviewed["inputs"].size(), 9u) << "of each kind, as it was shown before";
  // N-1 is of the same person as N-2, who lives elsewhere.
  Do("carer apply N-2 --kind mainstream --address '2 Other Street' --foster-parent"
     " 'ann new|1980-02-03|female' --received-date " +
     Day(-1));
  EXPECT_EQ(Get("carer duplicates --carer N-2")["pairs"][0]["carerId"], "N-1");
  Refuse(4, "carer merge N-2 --into-carer-id N-1 --reason twice", "APPLICATION_OPEN");
  Do("carer withdraw N-2 --reason twice --withdrawn-date " + Day(0));
  Do("carer merge N-2 --into-carer-id N-1 --reason twice");
  EXPECT_EQ(Get("carer show N-2")["mergedIntoCarerId"], "N-1");
  Do("carer undo-merge N-2 --reason 'cousins of one name'");
  Do("carer keep-apart N-2 --other-carer-id N-1");
  EXPECT_EQ(Get("carer duplicates --carer N-2").value("pairs", json::array()).size(), 0u);
  Refuse(4, "carer ending-review " + id + " --placement-id P-none", "UNKNOWN_REVIEW");
  Refuse(4, "carer assign-ending-review " + id + " --placement-id P-none --owner-id ghost",
         "NO_ROLE_HOLDER");
  Do(absl::StrCat("carer particulars ", id,
                  " --address '2 New Street' --foster-parent"
                  " 'Ann Moved|1980-02-03|female||1' --effective-date ",
                  Day(0)));
  // Each kind of line may be put right.
  const auto change_of = [&](const std::string& kind) {
    const json changes = Get("carer changes " + id);
    for (const auto& shown : changes["changes"]) {
      if (shown["change"].contains(kind) && shown.value("replacedByChangeId", "").empty()) {
        return shown["change"]["changeId"].get<std::string>();
      }
    }
    return std::string();
  };
  const auto correct = [&](const std::string& kind, const std::string& instead) {
    return absl::StrCat("carer correct ", id, " --change-id ", change_of(kind),
                        " --reason 'misread' ", instead);
  };
  Refuse(2, correct("review", "--went-to-panel perhaps"), "went-to-panel");
  Do(correct("review", "--went-to-panel yes"));
  Do(correct("exemption",
             "--exempt-child-ids C-0013 --exempt-child-ids C-0014 --exempt-body-id"
             " northshire --exempt-reason twins"));
  Do(correct("terms", "--max-children 3"));
  Refuse(2, correct("carerKind", "--connected perhaps"), "connected");
  Do(correct("carerKind", "--connected no"));
  Refuse(4, correct("review", "--max-children 3"), "OTHER_KIND");
  const json corrected = Get("carer changes " + id);
  bool to_panel = false, both = false;
  for (const auto& shown : corrected["changes"]) {
    const json& change = shown["change"];
    to_panel |= change.contains("review") && change["review"].value("wentToPanel", false);
    both |= change.contains("exemption") && change["exemption"]["childIds"].size() == 2;
  }
  EXPECT_TRUE(to_panel);
  EXPECT_TRUE(both);

  Do(absl::StrCat("carer suspend ", id, " --from-date ", Day(0), " --reason 'an allegation'"));
  Do(absl::StrCat("carer lift-suspension ", id, " --until-date ", Day(0)));
  Do("carer hold " + id + " --reason 'a claim'");
  Do("carer lift-hold " + id + " --reason settled");
  const json asked = Get(absl::StrCat(
      "carer access ", id, " --service-name Elsewhere --basis consent --received-date ", Day(0)));
  Do(absl::StrCat("carer answer-access ", id, " --access-request-id ",
                  asked["accessRequests"][0]["accessRequestId"].get<std::string>(),
                  " --answer given --answered-date ", Day(0)));
  Do(absl::StrCat("carer resign ", id, " --received-date ", Day(0), " --reason moving"));
  Refuse(4, "carer resign " + id + " --received-date " + Day(0), "RESIGNED_BEFORE");

  // The demonstration's supervising social worker sees the first twelve, until there are more.
  const std::string worker = " --as supervising-social-worker";
  EXPECT_EQ(Get("carer list" + worker)["carers"].size(), 12u);
  Refuse(3, "carer show F-0020" + worker, "NOT_FOUND");
  Refuse(4, "carer supervisor F-0020 --supervisor-id ghost", "NO_ROLE_HOLDER");
  Do("carer supervisor F-0020 --supervisor-id supervising-social-worker-1 --from-date " + Day(0));
  EXPECT_THAT(Do("carer show F-0020" + worker).output, HasSubstr("supervised from " + Day(0)));
  EXPECT_EQ(Get("carer list --supervisor supervising-social-worker-1")["carers"].size(), 13u);
  EXPECT_THAT(Do("carer list --unsupervised").output, HasSubstr("F-0021"));
  Refuse(2, "carer open-in-emergency F-0021", "reason");
  Refuse(3, "carer open-in-emergency --child C-none --reason 'rang at night'", "NOT_FOUND");
  Do("carer open-in-emergency --child C-0021 --reason 'rang at night'");
  Do("carer show F-0021" + worker);
  const json opened = Get("carer emergencies --not-reviewed")["items"];
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_EQ(opened[0]["carerId"], "F-0021");
  Do(absl::StrCat("carer review-emergency F-0021 --note 'rightly so' --end --emergency-id ",
                  opened[0]["emergency"]["emergencyId"].get<std::string>()));
  EXPECT_THAT(Do("carer emergencies").output, HasSubstr("registered-manager-1"));
  Refuse(3, "carer show F-0021" + worker, "NOT_FOUND");

  // Whoever hears a complaint records it; reading them is for others.
  Do("complaint record --giver anonymous --about carer --carer F-0030 --received-by letter"
     " --category DELAY --summary x" +
     worker);
  Refuse(5, "complaint list" + worker, "PERMISSION_DENIED");

  EXPECT_THAT(Do("carer list --overdue").output, HasSubstr("F-0"));
  EXPECT_GE(Get("carer duties --overdue")["items"].size(), 10u);
  EXPECT_THAT(Do("carer register --csv").output, HasSubstr("carer_id,kind,"));
  EXPECT_EQ(Get("carer policy")["usualLimit"], 3);
  Refuse(3, "carer show nobody", "NOT_FOUND");
  Refuse(5, "carer hold " + id + " --reason x --as caseworker", "PERMISSION_DENIED");
}

void RegistersCommandLineTest::Placements() {
  Refuse(4,
         "placement move --child C-0015 --carer nobody --code U6 --reason CREQB --date " + Day(0),
         "UNKNOWN_CARER");
  Refuse(4, "placement end --child C-0015 --reason NONSENSE --date " + Day(0), "reason_code");
  Do("placement move --child C-0015 --carer F-0016 --code U6 --reason CREQB --date " + Day(0));
  const json listed = Get("placement list --child C-0015");
  ASSERT_EQ(listed["placements"].size(), 2u);
  const std::string id = listed["placements"][0]["placementId"];
  Do("placement correct " + id + " --code U4 --why 'misread'");
  EXPECT_EQ(Get("placement show " + id)["placementCode"], "U4");
  EXPECT_THAT(Do("placement households --carer F-0016").output, HasSubstr("F-0016"));
  Do("placement end --child C-0015 --reason CREQB --date " + Day(0));
  Do("placement start --child C-0015 --carer F-0015 --code U6 --date " + Day(0));
  EXPECT_THAT(Do("placement codes").output, HasSubstr("CREQB"));
  Refuse(3, "placement show nothing", "NOT_FOUND");
}

void RegistersCommandLineTest::Imports() {
  const std::string carers = File(
      "carers.csv",
      "carer_id,kind,name,address,approved_date,review_dates,max_children,person_1_name,"
      "person_1_birth_date,person_1_sex,person_1_dbs_date,training_standards_date\n"
      "I-1,mainstream,The Ones,1 Long Lane,2020-05-04,2025-05-01;2026-05-01,2,Ann One,1980-01-01,"
      "female,2025-03-01,2021-01-01\n"
      "I-2,mainstream,The Twos,2 Long Lane,2020-05-04,,2,Ann Two,1980-01-01,female,2999-01-01,\n"
      "I-3,sideways,The Threes,3 Long Lane,2020-05-04,,2,Ann Three,1980-01-01,female,,\n"
      "I-4,connected,The Fours,4 Long Lane,,,2,Ann Four,1980-01-01,female,,\n");
  const std::string rejects = folder_ + "/rejects.csv";
  const Answer dry = Say("import carers " + carers + " --dry-run");
  EXPECT_EQ(dry.code, 4);
  EXPECT_THAT(dry.output, HasSubstr("1 to be recorded, 0 unchanged, 3 rejected"));
  EXPECT_EQ(Say("carer show I-1").code, 3) << "nothing was recorded";
  EXPECT_EQ(Say("import carers " + carers + " --rejects " + rejects).code, 4);
  const std::string why = Read(rejects);
  EXPECT_THAT(why, HasSubstr("3,IN_THE_FUTURE,person_1_dbs_date,"));
  EXPECT_THAT(why, HasSubstr("4,UNKNOWN_WORD,kind,"));
  EXPECT_THAT(why, HasSubstr("5,"));
  EXPECT_THAT(why, HasSubstr(",approved_date,"));
  const json taken = Get("carer show I-1");
  EXPECT_EQ(taken["status"], "STATUS_APPROVED");
  ASSERT_EQ(taken["checks"].size(), 2u);
  EXPECT_EQ(taken["checks"][0]["fosterParentId"], "1");
  EXPECT_THAT(Say("import carers " + carers).output,
              HasSubstr("0 recorded, 1 unchanged, 3 rejected"));

  const std::string children =
      File("children.csv",
           "child_id,name,birth_date,responsible_authority_id,area_authority_id\n"
           "K-1,Kim One,2015-01-01,northshire,northshire\nK-2,Kim Two,2015-02-30,northshire,x\n");
  EXPECT_THAT(Say("import children " + children).output,
              HasSubstr("1 recorded, 0 unchanged, 1 rejected"));
  const std::string placements = File(
      "placements.csv", "child_id,carer_id,start_date,placement_code\nK-1,I-1,2024-03-01,U6\n");
  EXPECT_THAT(Do("import placements " + placements).output, HasSubstr("1 recorded"));
  EXPECT_EQ(Get("placement list --carer I-1")["placements"].size(), 1u);
  Refuse(4, "import carers " + File("bad.csv", "carer_id,colour\nI-9,red\n"), "WRONG_COLUMNS");
  Refuse(3, "import carers " + folder_ + "/none.csv", "NO_FILE");
}

TEST_F(RegistersCommandLineTest, EachVerbDoesWhatItSaysAndNamesWhatIsGivenBadly) {
  for (const char* noun : {"complaint", "compliment", "allegation", "audit", "carer", "visit",
                           "placement", "import"}) {
    const Words verbs = VerbsOf(noun);
    EXPECT_GT(verbs.size(), 1u) << noun;
    for (const std::string& verb : verbs) {
      Refuse(2, absl::StrCat(noun, " ", verb, " --nonsense"), "");
    }
  }
  const testing::Cluster cluster;
  settings_["FOSTERWATCH_POSTGRES"] = cluster.conninfo();
  settings_["FOSTERWATCH_POSTGRES_ADMIN"] = cluster.admin();
  Do("database setup");
  const testing::Process server = Serve();
  Do("demonstration load");
  // The other registers hear of carers and children a moment later.
  ASSERT_TRUE(AwaitTrue([&] {
    return Say("allegation receive --carer F-0257 --child C-0356 --ground harm --informant child"
               " --summary 'What the child said' --request-id first")
               .code == 0;
  }));
  ASSERT_TRUE(AwaitTrue([&] {
    return Say("complaint record --giver child --giver-id C-0356 --about carer --carer F-0257"
               " --child C-0356 --received-by letter --category DELAY --summary x"
               " --request-id first")
               .code == 0;
  }));
  Complaints();
  Allegations();
  Audits();
  Carers();
  Placements();
  Imports();
}

}  // namespace
}  // namespace fosterwatch
