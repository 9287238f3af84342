// Every method of every service, as the protos list them, in a whole process with two agencies: to
// one, what is the other's is as what is nowhere; each role is let in where docs/roles.md says so;
// no text and no number brings a service down. A new method is asked without anybody adding it
// here. reliability.md S3, S4, S5, S18.
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/options/v1/options.pb.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/component/any_request.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"
#include "tests/support/services.h"

namespace fosterwatch::testing {
namespace {

using google::protobuf::MethodDescriptor;
using ::testing::IsEmpty;

constexpr char kTheirs[] = "demonstration";
constexpr char kOurs[] = "northern";

// The roles that people hold for a whole agency: all but that for one's own caseload.
std::vector<options::v1::Role> WholeAgency() {
  std::vector<options::v1::Role> roles;
  for (int i = 0; i < options::v1::Role_descriptor()->value_count(); ++i) {
    const auto role =
        static_cast<options::v1::Role>(options::v1::Role_descriptor()->value(i)->number());
    if (role == options::v1::ROLE_UNSPECIFIED || role == options::v1::ROLE_SERVICE ||
        role == options::v1::ROLE_SUPERVISING_SOCIAL_WORKER) {
      continue;
    }
    roles.push_back(role);
  }
  return roles;
}

Person Ours() { return {kOurs, "our-manager", WholeAgency()}; }
// Of an agency that has nothing; of another one each time.
Person Nobody() { return {MadeUp("nothing-"), "nobody", WholeAgency()}; }
Person Theirs() { return {kTheirs, "registered-manager-1", WholeAgency()}; }

class EveryMethodTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    ASSERT_EQ(installation_->Run({"topics", "apply"}), 0);
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    Agency ours(installation_, kOurs);
    // Before there is anything of the others that it could show.
    own_ = new Known(Harvest(Ours()));
    ASSERT_EQ(installation_->Run({"demonstration", "load"}), 0);
    const std::vector<std::vector<std::string>> records = {
        {"event", "report", "--kind", "child-missing", "--child", "C-0012", "--occurred", "now-3h",
         "--aware", "now-2h", "--summary", "They were not back by ten"},
        {"complaint",       "record",     "--giver",
         "child",           "--giver-id", "C-0012",
         "--about",         "carer",      "--carer",
         "F-0012",          "--child",    "C-0012",
         "--received-by",   "telephone",  "--category",
         "QUALITY_OF_CARE", "--summary",  "They got no pocket money",
         "--point",         "three weeks"},
        {"allegation", "receive", "--carer", "F-0012", "--child", "C-0012", "--ground", "harm",
         "--informant", "child", "--summary", "They said what was done"},
        {"audit", "start", "--scope", "active"},
    };
    for (const auto& record : records) {
      // Until the register has heard of the children.
      ASSERT_TRUE(AwaitTrue([&] { return installation_->RunWith(record, {}) == 0; }))
          << installation_->Run(record);
    }
    Known theirs = Harvest(Theirs());
    theirs.ids["agency_id"] = {kTheirs};
    // Every agency counts its plans from one.
    theirs.ids.erase("plan_id");
    theirs.Forget(*own_);
    theirs_ = new Known(std::move(theirs));
  }
  static void TearDownTestSuite() {
    delete theirs_;
    delete own_;
    delete installation_;
  }

  static absl::StatusOr<std::string> Ask(const Person& person, const MethodDescriptor* method,
                                         const google::protobuf::Message& request) {
    return installation_->client().CallBytes(
        "any", absl::StrCat("/", method->service()->full_name(), "/", method->name()),
        request.SerializeAsString(),
        {.token = installation_->TokenOf(person), .timeout = absl::Seconds(60)});
  }

  // What all methods that only look tell this person: first of what needs no id, then of that.
  static Known Harvest(const Person& person) {
    Known known;
    for (int round = 0; round < 3; ++round) {
      for (const auto* method : EveryUnaryMethod()) {
        if (!OnlyLooks(*method)) continue;
        const auto request = AnyRequest(*method, {&known}, round > 0);
        const auto answer = Ask(person, method, *request);
        if (answer.ok()) known.Learn(*method, *Parsed(*method->output_type(), *answer));
      }
    }
    return known;
  }

  // How many facts of agencies other than ours one of us has recorded, or of ours.
  static int64_t RecordedByUs(bool with_others) {
    int64_t facts = 0;
    for (const char* service : {"allegations", "carers", "complaints", "directory", "kpis",
                                "notifiable_events", "notifications", "placements"}) {
      const auto rows = installation_->Database(service)->Query(
          "SELECT count(*) FROM ledger.fact WHERE actor = $1 AND (agency_id <> $2) = $3",
          {Ours().person_id, kOurs, with_others});
      EXPECT_THAT(rows.status(), IsOk()) << service;
      if (rows.ok()) facts += rows->Int(0, 0);
    }
    return facts;
  }

  // An answer as far as it may depend on what is there: an id that was asked for reads as "<id>".
  static std::string Told(const absl::StatusOr<std::string>& answer, const std::string& id) {
    if (answer.ok()) return "OK";
    std::string told =
        absl::StrCat(answer.status().ToString(absl::StatusToStringMode::kWithNoExtraData), " ",
                     ReasonOf(answer.status()));
    for (const Violation& violation : ViolationsOf(answer.status())) {
      absl::StrAppend(&told, " | ", violation.field, ": ", violation.description);
    }
    // Shorter ones stand in days and numbers, too.
    return id.size() < 5 ? told : absl::StrReplaceAll(told, {{id, "<id>"}});
  }

  // The same question twice, but for what one of its fields names: what is of the other agency,
  // and what is nowhere.
  struct Pair {
    const MethodDescriptor* method = nullptr;
    size_t place = 0;             // among the ids of a whole request
    bool alone = false;           // nothing in the other fields
    bool makes = false;           // takes ids that are new, and makes a record of that id
    std::string field, id;        // of theirs
    std::string theirs, nowhere;  // what was told
    std::string shown;            // of theirs, where it was answered, beyond what was said before
    size_t size_of_theirs = 0, size_of_nowhere = 0;
  };

  // Everything that can be asked, one field at a time: with something in all other fields, by
  // preference of the first of `known`, and of methods that only look also with nothing in them.
  static std::vector<Pair> Questions(const std::vector<const Known*>& known) {
    std::vector<Pair> pairs;
    for (const auto* method : EveryUnaryMethod()) {
      const auto any = AnyRequest(*method, known, true);
      const bool makes = !OnlyLooks(*method) && Ask(Nobody(), method, *any).ok();
      const std::vector<IdField> fields = IdsIn(*any);
      for (size_t place = 0; place < fields.size(); ++place) {
        const std::string id = theirs_->Of(*method, fields[place].path);
        if (id.empty()) continue;
        pairs.push_back({method, place, false, makes, fields[place].path, id});
        if (!OnlyLooks(*method) || fields[place].in != any.get()) continue;
        pairs.push_back({method, place, true, makes, fields[place].path, id});
      }
    }
    // Once it has made a record of an id of theirs, the asking agency has one of its own.
    std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& one, const Pair& other) {
      const auto rank = [](const Pair& pair) { return pair.makes ? 2 : !OnlyLooks(*pair.method); };
      return rank(one) < rank(other);
    });
    return pairs;
  }

  // Asks one of the two and adds to `said` what was said.
  static void AskOne(const Person& person, const std::vector<const Known*>& known, bool nowhere,
                     Pair* pair, std::string* said) {
    auto request = AnyRequest(*pair->method, known, true);
    const IdField field = IdsIn(*request)[pair->place];
    const std::string name = nowhere ? MadeUp(pair->id) : pair->id;
    if (pair->alone) {
      request = AnyRequest(*pair->method, known, false);
      IdField{request.get(), field.field, field.path}.Set(name);
    } else {
      for (const IdField& each : IdsIn(*request)) {
        if (each.path == "page_token") each.Set("");
      }
      field.Set(name);
    }
    absl::StrAppend(said, AllTextOf(*request));
    const auto answer = Ask(person, pair->method, *request);
    (nowhere ? pair->nowhere : pair->theirs) = Told(answer, name);
    if (!answer.ok()) return;
    (nowhere ? pair->size_of_nowhere : pair->size_of_theirs) = answer->size();
    if (nowhere) return;
    pair->shown = theirs_->FoundIn(*Parsed(*pair->method->output_type(), *answer), *said);
  }

  static std::vector<Pair> AskAll(const Person& person, const std::vector<const Known*>& known) {
    std::vector<Pair> pairs = Questions(known);
    std::string said;
    for (Pair& pair : pairs) {
      AskOne(person, known, true, &pair, &said);
      pair.makes |= !OnlyLooks(*pair.method) && pair.nowhere == "OK";
      if (!pair.makes) AskOne(person, known, false, &pair, &said);
    }
    for (Pair& pair : pairs) {
      if (pair.makes) AskOne(person, known, false, &pair, &said);
    }
    return pairs;
  }

  static Installation* installation_;
  static Known* own_;
  static Known* theirs_;
};

Installation* EveryMethodTest::installation_ = nullptr;
Known* EveryMethodTest::own_ = nullptr;
Known* EveryMethodTest::theirs_ = nullptr;

TEST_F(EveryMethodTest, WhatIsAnotherAgencysIsAsWhatIsNowhere) {
  EXPECT_EQ(theirs_->FoundIn(Harvest(Ours())), "") << "by asking for everything";
  const std::vector<Pair> pairs = AskAll(Ours(), {own_, theirs_});
  for (const Pair& pair : pairs) {
    // A token only says where a list goes on, which is our own list, whosesoever token it is.
    if (!pair.makes && pair.field != "page_token") {
      EXPECT_EQ(pair.theirs, pair.nowhere) << pair.method->full_name() << " by " << pair.field;
    }
    EXPECT_EQ(pair.shown, "") << pair.method->full_name() << " by " << pair.field;
  }
  EXPECT_EQ(RecordedByUs(true), 0) << "with others";
  EXPECT_GT(RecordedByUs(false), 0);
  EXPECT_GT(pairs.size(), 300u);
  std::printf("%zu pairs of questions to %zu methods\n", pairs.size(), EveryUnaryMethod().size());
}

// Whether the test above could see anything: to whom it belongs, what is there is not as what is
// nowhere.
TEST_F(EveryMethodTest, WhoseItIsFindsIt) {
  std::set<std::string> name_something, found, not_found;
  for (const auto* method : EveryUnaryMethod()) {
    if (NamesSomething(*method)) name_something.insert(method->full_name());
  }
  for (const Pair& pair : AskAll(Theirs(), {theirs_, own_})) {
    if (pair.theirs != pair.nowhere || pair.size_of_theirs > pair.size_of_nowhere) {
      found.insert(pair.method->full_name());
    }
  }
  std::set_difference(name_something.begin(), name_something.end(), found.begin(), found.end(),
                      std::inserter(not_found, not_found.end()));
  // Of these there is nothing here, or another role asks.
  const std::set<std::string> elsewhere = {
      "fosterwatch.carers.v1.CarersService.ListDuplicates",
      "fosterwatch.carers.v1.CarersService.ListEmergencies",
      "fosterwatch.carers.v1.CarersService.OpenInEmergency",
      "fosterwatch.directory.v1.DirectoryService.EndAbsence",
      "fosterwatch.directory.v1.DirectoryService.EndDelegation",
      "fosterwatch.directory.v1.DirectoryService.GetWebhook",
      "fosterwatch.directory.v1.DirectoryService.ListAbsences",
      "fosterwatch.directory.v1.DirectoryService.ListDelegations",
      // Nobody has signed in; SignInsTest asks when somebody has.
      "fosterwatch.directory.v1.SignInsService.EndMySession",
      "fosterwatch.directory.v1.SignInsService.EndSession",
      "fosterwatch.directory.v1.SignInsService.EndTokensOf",
      "fosterwatch.directory.v1.SignInsService.ListSessions",
      "fosterwatch.directory.v1.SignInsService.RecordRefusedSignIn",
      "fosterwatch.directory.v1.SignInsService.RecordSignOut",
      "fosterwatch.kpis.v1.ActionPlansService.AddAction",
      "fosterwatch.kpis.v1.ActionPlansService.FinishAction",
      "fosterwatch.kpis.v1.ActionPlansService.GetPlan",
      "fosterwatch.kpis.v1.ActionPlansService.NamePlanOwner",
      "fosterwatch.kpis.v1.ActionPlansService.ReviewPlan",
      "fosterwatch.kpis.v1.EditionsService.AcceptRestatement",
      "fosterwatch.kpis.v1.EditionsService.GetEdition",
      "fosterwatch.kpis.v1.EditionsService.ListRestatements",
      "fosterwatch.notifiable_events.v1.DecisionService.AgreeDecision",
      "fosterwatch.notifiable_events.v1.DecisionService.GetDecision",
      "fosterwatch.notifiable_events.v1.DecisionService.ListDecisions",
      "fosterwatch.operations.v1.ParkedService.DiscardParked",
      "fosterwatch.operations.v1.ParkedService.GetParked",
      "fosterwatch.operations.v1.ParkedService.RetryParked",
      "fosterwatch.packs.v1.PacksService.GetPack",
      "fosterwatch.packs.v1.PacksService.MakeBoardEdition",
      "fosterwatch.packs.v1.PacksService.ReadPackFile",
  };
  for (const std::string& method : not_found) EXPECT_TRUE(elsewhere.contains(method)) << method;
  std::printf("%zu methods find what they are asked for\n", found.size());
}

// What a person with one role may ask is what the method's option says; RolesPageTest holds the
// options to docs/roles.md.
TEST_F(EveryMethodTest, EachRoleIsLetInWhereItIsNamedAndNowhereElse) {
  std::vector<options::v1::Role> roles = WholeAgency();
  roles.push_back(options::v1::ROLE_SUPERVISING_SOCIAL_WORKER);
  int asked = 0;
  for (const auto* method : EveryUnaryMethod()) {
    const auto& access = method->options().GetExtension(options::v1::access);
    for (const options::v1::Role role : roles) {
      Person person = Nobody();
      person.roles = {role};
      const auto request = AnyRequest(*method, {}, false);
      const bool refused = ReasonOf(Ask(person, method, *request).status()) == "ROLE_NOT_ALLOWED";
      const bool named = absl::c_linear_search(access.roles(), role) ||
                         absl::c_linear_search(access.own_caseload(), role);
      // The gateway's own methods are for whoever is signed in.
      EXPECT_EQ(refused, !named) << method->full_name() << " as " << role;
      ++asked;
    }
  }
  std::printf("%d calls\n", asked);
}

// What is meant for a database, a file or a page, and what is too much, in every field in turn.
TEST_F(EveryMethodTest, NoTextAndNoNumberIsAFaultOfOurs) {
  const std::vector<std::string> texts = {"'",
                                          "x' OR '1'='1",
                                          "x'); SELECT pg_sleep(30); --",
                                          "$1 \\ \" % _ ;",
                                          "../../../etc/passwd",
                                          "<script>alert(1)</script>",
                                          std::string(100'000, '(')};
  int asked = 0;
  const auto ask = [&](const MethodDescriptor* method, const google::protobuf::Message& request,
                       const std::string& what) {
    const absl::Time begin = absl::Now();
    const auto answer = Ask(Theirs(), method, request);
    ++asked;
    const absl::StatusCode code = answer.status().code();
    EXPECT_TRUE(code != absl::StatusCode::kInternal && code != absl::StatusCode::kUnknown &&
                code != absl::StatusCode::kDataLoss && code != absl::StatusCode::kUnavailable)
        << method->full_name() << " by " << what.substr(0, 60) << ": " << answer.status();
    EXPECT_LT(absl::Now() - begin, absl::Seconds(20)) << method->full_name() << " by " << what;
    return answer;
  };
  for (const auto* method : EveryUnaryMethod()) {
    const size_t fields = TextsIn(*AnyRequest(*method, {theirs_, own_}, true)).size();
    for (size_t i = 0; i < fields; ++i) {
      for (const std::string& text : texts) {
        const auto request = AnyRequest(*method, {theirs_, own_}, true);
        const IdField field = TextsIn(*request)[i];
        field.Set(text);
        ask(method, *request, absl::StrCat(field.path, " ", text)).IgnoreError();
      }
    }
    const auto request = AnyRequest(*method, {}, false);
    const auto* size = method->input_type()->FindFieldByName("page_size");
    if (size == nullptr) continue;
    request->GetReflection()->SetInt32(request.get(), size, 1'000'000'000);
    const auto answer = ask(method, *request, "page_size");
    if (answer.ok()) {
      EXPECT_LE(LongestList(*Parsed(*method->output_type(), *answer)), 1000) << method->full_name();
    }
  }
  EXPECT_TRUE(installation_->process().Running());
  std::printf("%d calls\n", asked);
}

}  // namespace
}  // namespace fosterwatch::testing
