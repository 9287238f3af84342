#include "services/directory/domain/check.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "services/directory/domain/test_support.h"

namespace fosterwatch::directory::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using v1::Body;

constexpr char kNow[] = "2026-11-22T12:00:00Z";

void Contact(Body& body, type::v1::Channel channel, const std::string& address) {
  auto* contact = body.add_contacts();
  contact->set_channel(channel);
  contact->set_address(address);
}

Body MakeBody(const std::string& id, Body::Kind kind) {
  Body body;
  body.set_body_id(id);
  body.set_kind(kind);
  body.set_name(id);
  Contact(body, type::v1::CHANNEL_EMAIL, "duty@" + id + ".example");
  return body;
}

// Everybody can be reached.
Directory Complete() {
  Directory directory;
  directory.bodies = {MakeBody("ofsted", Body::KIND_CHIEF_INSPECTOR),
                      MakeBody("dfe", Body::KIND_SECRETARY_OF_STATE),
                      MakeBody("northshire", Body::KIND_LOCAL_AUTHORITY),
                      MakeBody("police", Body::KIND_POLICE),
                      MakeBody("icb", Body::KIND_HEALTH_BODY)};
  directory.bodies[2].set_police_body_id("police");
  directory.bodies[2].set_health_body_id("icb");
  directory.holders = People();
  return directory;
}

v1::Absence Away(const std::string& person, options::v1::Role role, const std::string& from,
                 const std::string& until = "", const std::string& cover = "") {
  v1::Absence absence;
  absence.set_absence_id("a-" + person);
  absence.set_person_id(person);
  absence.set_role(role);
  absence.set_covered_by_person_id(cover);
  *absence.mutable_from_time() = ProtoAt(from);
  if (!until.empty()) *absence.mutable_until_time() = ProtoAt(until);
  return absence;
}

v1::Absence ManagerAway(const std::string& from, const std::string& until,
                        const std::string& cover = "d1") {
  return Away("m1", options::v1::ROLE_REGISTERED_MANAGER, from, until, cover);
}

v1::Delegation Given(const std::string& from, const std::string& until,
                     const std::string& to = "d1") {
  v1::Delegation delegation;
  delegation.set_delegation_id("x1");
  delegation.set_from_person_id("m1");
  delegation.set_to_person_id(to);
  delegation.set_scope(v1::Delegation::SCOPE_SIGN_OFF);
  *delegation.mutable_from_time() = ProtoAt(from);
  *delegation.mutable_until_time() = ProtoAt(until);
  return delegation;
}

// "UNREACHABLE ROLE_UNHELD role=2 person at 2026-..", with what is set only.
std::string Text(const v1::Finding& finding) {
  std::string text = absl::StrCat(v1::Finding::Severity_Name(finding.severity()).substr(9), " ",
                                  v1::Finding::Code_Name(finding.code()).substr(5));
  if (finding.role() != 0)
    absl::StrAppend(&text, " ", options::v1::Role_Name(finding.role()).substr(5));
  if (!finding.person_id().empty()) absl::StrAppend(&text, " ", finding.person_id());
  if (!finding.body_id().empty()) absl::StrAppend(&text, " ", finding.body_id());
  if (finding.body_kind() != 0)
    absl::StrAppend(&text, " ", Body::Kind_Name(finding.body_kind()).substr(5));
  if (finding.contact() != 0) absl::StrAppend(&text, " contact ", finding.contact());
  if (!finding.absence_id().empty()) absl::StrAppend(&text, " ", finding.absence_id());
  if (!finding.delegation_id().empty()) absl::StrAppend(&text, " ", finding.delegation_id());
  if (finding.has_at_time()) {
    absl::StrAppend(
        &text, " from ",
        absl::FormatTime("%d %b %H:%M", clock::FromProto(finding.at_time()), absl::UTCTimeZone()));
  }
  return text;
}

std::vector<std::string> Found(const Directory& directory) {
  std::vector<std::string> found;
  for (const v1::Finding& finding : Check(directory, Policy(), At(kNow))) {
    found.push_back(Text(finding));
  }
  return found;
}

// What is found once `change` has been made to a complete directory.
std::vector<std::string> FoundAfter(const std::function<void(Directory&)>& change) {
  Directory directory = Complete();
  change(directory);
  return Found(directory);
}

TEST(CheckTest, ACompleteDirectoryHasNoFindings) { EXPECT_THAT(Found(Complete()), IsEmpty()); }

TEST(CheckTest, ARungThatNobodyHoldsAndWhoHeldItLast) {
  EXPECT_THAT(FoundAfter([](Directory& d) { d.holders.erase(d.holders.begin() + 1); }),
              ElementsAre("UNREACHABLE ROLE_UNHELD DEPUTY_MANAGER"));
  EXPECT_THAT(FoundAfter([](Directory& d) {
                *d.holders[0].mutable_until_time() = ProtoAt("2026-11-22T12:00:00Z");
              }),
              ElementsAre("UNREACHABLE ROLE_UNHELD REGISTERED_MANAGER m1"));
}

TEST(CheckTest, AHolderWhoseTimeEndsSoonAndWhomNobodyFollows) {
  const auto ends = [](Directory& d) {
    *d.holders[0].mutable_until_time() = ProtoAt("2026-12-01T00:00:00Z");
  };
  EXPECT_THAT(FoundAfter(ends),
              ElementsAre("COMING ROLE_UNHELD REGISTERED_MANAGER m1 from 01 Dec 00:00"));
  EXPECT_THAT(FoundAfter([&](Directory& d) {
                ends(d);
                d.holders.push_back(Holder("m2", options::v1::ROLE_REGISTERED_MANAGER));
                *d.holders.back().mutable_from_time() = ProtoAt("2026-12-01T00:00:00Z");
              }),
              IsEmpty());
  // Beyond the days that are looked ahead.
  EXPECT_THAT(FoundAfter([](Directory& d) {
                *d.holders[0].mutable_until_time() = ProtoAt("2026-12-07T00:00:00Z");
              }),
              IsEmpty());
}

TEST(CheckTest, AddressesThatNoMailCanGoTo) {
  EXPECT_THAT(FoundAfter([](Directory& d) { d.holders[3].set_email("nobody"); }),
              ElementsAre("UNREACHABLE ROLE_WITHOUT_ADDRESS RESPONSIBLE_INDIVIDUAL"));
  EXPECT_THAT(FoundAfter([](Directory& d) {
                d.holders.push_back(Holder("t2", options::v1::ROLE_TEAM_MANAGER));
                d.holders.back().set_email("t2@");
              }),
              ElementsAre("WARNING HOLDER_WITHOUT_ADDRESS TEAM_MANAGER t2"));
  // A role that is on no rung.
  EXPECT_THAT(FoundAfter([](Directory& d) { d.holders[4].set_email(""); }), IsEmpty());
}

TEST(CheckTest, AHolderWhoIsAwayWithoutCover) {
  EXPECT_THAT(
      FoundAfter([](Directory& d) {
        d.absences.push_back(Away("d1", options::v1::ROLE_DEPUTY_MANAGER, "2026-11-22T12:00:00Z"));
      }),
      ElementsAre("UNREACHABLE ROLE_AWAY DEPUTY_MANAGER",
                  "WARNING COVER_MISSING DEPUTY_MANAGER d1 a-d1"));
  EXPECT_THAT(FoundAfter([](Directory& d) {
                d.absences.push_back(Away("d1", options::v1::ROLE_DEPUTY_MANAGER,
                                          "2026-11-25T12:00:00Z", "2026-11-27T12:00:00Z"));
              }),
              ElementsAre("COMING ROLE_AWAY DEPUTY_MANAGER from 25 Nov 12:00",
                          "WARNING COVER_MISSING DEPUTY_MANAGER d1 a-d1 from 25 Nov 12:00"));
  EXPECT_THAT(FoundAfter([](Directory& d) {
                d.absences.push_back(
                    Away("d1", options::v1::ROLE_DEPUTY_MANAGER, "2026-11-22T12:00:00Z", "", "t1"));
              }),
              IsEmpty());
  // A second team manager is there, so that nobody is out of reach.
  EXPECT_THAT(
      FoundAfter([](Directory& d) {
        d.holders.push_back(Holder("t2", options::v1::ROLE_TEAM_MANAGER));
        d.absences.push_back(Away("t1", options::v1::ROLE_TEAM_MANAGER, "2026-11-22T12:00:00Z"));
      }),
      ElementsAre("WARNING COVER_MISSING TEAM_MANAGER t1 a-t1"));
  // Over, or called off.
  EXPECT_THAT(
      FoundAfter([](Directory& d) {
        d.absences.push_back(Away("d1", options::v1::ROLE_DEPUTY_MANAGER, "2026-11-20T12:00:00Z",
                                  "2026-11-22T12:00:00Z"));
        d.absences.push_back(Away("t1", options::v1::ROLE_TEAM_MANAGER, "2026-11-25T12:00:00Z"));
        *d.absences.back().mutable_ended_time() = d.absences.back().from_time();
      }),
      IsEmpty());
}

TEST(CheckTest, ACoverWhoIsAwayTooOrHasLostTheirRole) {
  EXPECT_THAT(FoundAfter([](Directory& d) {
                d.absences.push_back(Away("d1", options::v1::ROLE_DEPUTY_MANAGER,
                                          "2026-11-22T09:00:00Z", "2026-11-30T09:00:00Z", "t1"));
                d.absences.push_back(Away("t1", options::v1::ROLE_TEAM_MANAGER,
                                          "2026-11-25T09:00:00Z", "2026-11-26T09:00:00Z", "r1"));
              }),
              ElementsAre("COMING ROLE_AWAY DEPUTY_MANAGER from 25 Nov 09:00",
                          // The responsible individual leads no team.
                          "COMING ROLE_AWAY TEAM_MANAGER from 25 Nov 09:00",
                          "WARNING COVER_AWAY DEPUTY_MANAGER d1 a-d1 from 25 Nov 09:00",
                          "WARNING COVER_WITHOUT_ROLE TEAM_MANAGER t1 a-t1 from 25 Nov 09:00"));
  EXPECT_THAT(
      FoundAfter([](Directory& d) {
        d.holders.push_back(Holder("d2", options::v1::ROLE_DEPUTY_MANAGER));
        *d.holders.back().mutable_until_time() = ProtoAt("2026-11-24T00:00:00Z");
        d.absences.push_back(Away("r1", options::v1::ROLE_RESPONSIBLE_INDIVIDUAL,
                                  "2026-11-22T09:00:00Z", "2026-11-30T09:00:00Z", "d2"));
      }),
      ElementsAre("COMING ROLE_AWAY RESPONSIBLE_INDIVIDUAL from 24 Nov 00:00",
                  "WARNING COVER_WITHOUT_ROLE RESPONSIBLE_INDIVIDUAL r1 a-r1 from 24 Nov 00:00"));
}

TEST(CheckTest, BodiesThatTheLawNeedsAndThatAreNotThere) {
  EXPECT_THAT(
      FoundAfter([](Directory& d) { d.bodies.erase(d.bodies.begin(), d.bodies.begin() + 2); }),
      ElementsAre("UNREACHABLE BODY_MISSING CHIEF_INSPECTOR",
                  "UNREACHABLE BODY_MISSING SECRETARY_OF_STATE"));
  EXPECT_THAT(FoundAfter([](Directory& d) { d.bodies.erase(d.bodies.begin() + 3); }),
              ElementsAre("UNREACHABLE POLICE_MISSING northshire POLICE"));
  EXPECT_THAT(FoundAfter([](Directory& d) { d.bodies[2].clear_health_body_id(); }),
              ElementsAre("UNREACHABLE HEALTH_BODY_MISSING northshire HEALTH_BODY"));
  // A body of another kind is none.
  EXPECT_THAT(FoundAfter([](Directory& d) { d.bodies[2].set_police_body_id("icb"); }),
              ElementsAre("UNREACHABLE POLICE_MISSING northshire POLICE"));
}

TEST(CheckTest, ContactsThatCannotBeUsed) {
  EXPECT_THAT(FoundAfter([](Directory& d) { d.bodies[0].clear_contacts(); }),
              ElementsAre("UNREACHABLE BODY_WITHOUT_CONTACT ofsted CHIEF_INSPECTOR"));
  EXPECT_THAT(FoundAfter([](Directory& d) { d.bodies[0].mutable_contacts(0)->set_address("x@"); }),
              ElementsAre("UNREACHABLE CONTACT_UNUSABLE ofsted CHIEF_INSPECTOR contact 1"));
  const auto webhook = [](Directory& d) {
    Contact(d.bodies[3], type::v1::CHANNEL_WEBHOOK, "https://police.example/notices");
  };
  EXPECT_THAT(FoundAfter(webhook), ElementsAre("WARNING CONTACT_UNUSABLE police POLICE contact 2"));
  EXPECT_THAT(FoundAfter([&](Directory& d) {
                webhook(d);
                d.with_secret.insert("police");
              }),
              IsEmpty());
  EXPECT_THAT(FoundAfter([](Directory& d) {
                Contact(d.bodies[1], type::v1::CHANNEL_TELEPHONE, "01632 960 000");
                Contact(d.bodies[1], type::v1::CHANNEL_TELEPHONE, "ask");
                Contact(d.bodies[1], type::v1::CHANNEL_ONLINE_FORM, "https://dfe.example/form");
                Contact(d.bodies[1], type::v1::CHANNEL_ONLINE_FORM, "the form");
              }),
              ElementsAre("WARNING CONTACT_UNUSABLE dfe SECRETARY_OF_STATE contact 3",
                          "WARNING CONTACT_UNUSABLE dfe SECRETARY_OF_STATE contact 5"));
}

TEST(CheckTest, TheManagerOnLeaveAndTheDeputyWithoutADelegation) {
  const auto leave = [](Directory& d) {
    d.absences.push_back(ManagerAway("2026-11-23T09:00:00Z", "2026-12-04T09:00:00Z"));
  };
  EXPECT_THAT(
      FoundAfter(leave),
      ElementsAre("WARNING DELEGATION_MISSING REGISTERED_MANAGER m1 a-m1 from 23 Nov 09:00"));
  EXPECT_THAT(FoundAfter([&](Directory& d) {
                leave(d);
                d.delegations.push_back(Given("2026-11-23T09:00:00Z", "2026-12-04T09:00:00Z"));
              }),
              IsEmpty());
  // It ends while the manager is still away.
  EXPECT_THAT(FoundAfter([&](Directory& d) {
                leave(d);
                d.delegations.push_back(Given("2026-11-23T09:00:00Z", "2026-12-01T09:00:00Z"));
              }),
              ElementsAre("WARNING DELEGATION_ENDS d1 x1 from 01 Dec 09:00"));
  // Another registered manager signs off.
  EXPECT_THAT(FoundAfter([&](Directory& d) {
                leave(d);
                d.holders.push_back(Holder("m2", options::v1::ROLE_REGISTERED_MANAGER));
              }),
              IsEmpty());
}

TEST(CheckTest, ADelegationWhosePersonsHaveLostTheirRoles) {
  EXPECT_THAT(
      FoundAfter([](Directory& d) {
        d.delegations.push_back(Given("2026-11-20T09:00:00Z", "2027-01-04T09:00:00Z", "c1"));
      }),
      ElementsAre("WARNING DELEGATE_WITHOUT_ROLE c1 x1"));
  EXPECT_THAT(FoundAfter([](Directory& d) {
                d.holders.push_back(Holder("m2", options::v1::ROLE_REGISTERED_MANAGER));
                *d.holders[0].mutable_until_time() = ProtoAt("2026-11-24T00:00:00Z");
                d.delegations.push_back(Given("2026-11-20T09:00:00Z", "2027-01-04T09:00:00Z"));
              }),
              ElementsAre("WARNING DELEGATOR_WITHOUT_ROLE m1 x1 from 24 Nov 00:00"));
}

TEST(CheckTest, AManagerWhoIsAwayFor28Days) {
  const auto away = [](const char* from, const char* until) {
    return [=](Directory& d) {
      d.absences.push_back(ManagerAway(from, until));
      d.delegations.push_back(Given(from, "2027-06-01T00:00:00Z"));
    };
  };
  EXPECT_THAT(FoundAfter(away("2026-11-20T09:00:00Z", "2026-12-17T00:00:00Z")), IsEmpty());
  EXPECT_THAT(FoundAfter(away("2026-11-20T09:00:00Z", "2026-12-17T00:00:01Z")),
              ElementsAre("WARNING MANAGER_AWAY_LONG REGISTERED_MANAGER m1 a-m1"));
  // Over a change of clocks: days of London, not hours.
  EXPECT_THAT(FoundAfter(away("2027-03-10T00:00:00Z", "2027-04-05T23:00:00Z")), IsEmpty());
  EXPECT_THAT(
      FoundAfter(away("2027-03-10T00:00:00Z", "2027-04-06T23:00:00Z")),
      ElementsAre("WARNING MANAGER_AWAY_LONG REGISTERED_MANAGER m1 a-m1 from 10 Mar 00:00"));
  // Nobody knows for how long.
  EXPECT_THAT(FoundAfter(away("2026-11-20T09:00:00Z", "")),
              ElementsAre("WARNING MANAGER_AWAY_LONG REGISTERED_MANAGER m1 a-m1"));
  // Planned, beyond the days that are looked ahead: it has to be told a month before.
  EXPECT_THAT(
      FoundAfter(away("2027-02-01T09:00:00Z", "2027-03-08T09:00:00Z")),
      ElementsAre("WARNING MANAGER_AWAY_LONG REGISTERED_MANAGER m1 a-m1 from 01 Feb 09:00"));
  // Two that follow each other are one.
  EXPECT_THAT(FoundAfter([&](Directory& d) {
                away("2026-11-10T09:00:00Z", "2026-11-20T09:00:00Z")(d);
                d.absences.push_back(ManagerAway("2026-11-20T09:00:00Z", "2026-12-08T09:00:00Z"));
              }),
              ElementsAre("WARNING MANAGER_AWAY_LONG REGISTERED_MANAGER m1 a-m1"));
  // Also over a weekend; not over a working day.
  for (const bool back : {false, true}) {
    EXPECT_THAT(
        FoundAfter([&](Directory& d) {
          away("2026-11-10T09:00:00Z", "2026-11-13T17:00:00Z")(d);
          d.absences.push_back(ManagerAway(back ? "2026-11-17T09:00:00Z" : "2026-11-16T09:00:00Z",
                                           "2026-12-08T09:00:00Z"));
        }),
        back ? ::testing::Matcher<std::vector<std::string>>(IsEmpty())
             : ElementsAre("WARNING MANAGER_AWAY_LONG REGISTERED_MANAGER m1 a-m1"));
  }
}

TEST(CheckedTest, KeepsTheWorstAndCountsAll) {
  std::vector<v1::Finding> findings(600);
  for (int i = 0; i < 3; ++i) findings[i].set_severity(v1::Finding::SEVERITY_UNREACHABLE);
  const v1::DirectoryCheck check = Checked(findings, Policy(), At(kNow), At(kNow));
  EXPECT_EQ(check.findings_size(), 500);
  EXPECT_EQ(check.findings_count(), 600);
  EXPECT_EQ(check.unreachable_count(), 3);
}

// Whatever single thing is taken from a complete directory of any size, a finding names it.
RC_GTEST_PROP(CheckProperties, WhatIsTakenAwayIsNamed, ()) {
  Directory directory = Complete();
  const int authorities = *rc::gen::inRange(1, 6);
  for (int i = 1; i < authorities; ++i) {
    const std::string n = absl::StrCat(i);
    directory.bodies.push_back(MakeBody("la-" + n, Body::KIND_LOCAL_AUTHORITY));
    directory.bodies.back().set_police_body_id("police-" + n);
    directory.bodies.back().set_health_body_id("icb-" + n);
    directory.bodies.push_back(MakeBody("police-" + n, Body::KIND_POLICE));
    directory.bodies.push_back(MakeBody("icb-" + n, Body::KIND_HEALTH_BODY));
  }
  RC_ASSERT(Found(directory).empty());
  const auto names = [&](auto says) {
    const auto found = Check(directory, Policy(), At(kNow));
    return std::any_of(found.begin(), found.end(), says);
  };
  const size_t index = *rc::gen::inRange<size_t>(0, directory.bodies.size());
  const Body body = directory.bodies[index];
  const bool of_authority = body.kind() == Body::KIND_LOCAL_AUTHORITY;
  switch (*rc::gen::inRange(0, 5)) {
    case 0: {  // a body
      // An authority that is not there is no rung: nobody says that there is one.
      RC_PRE(!of_authority);
      directory.bodies.erase(directory.bodies.begin() + static_cast<ptrdiff_t>(index));
      RC_ASSERT(names([&](const v1::Finding& f) {
        return f.body_kind() == body.kind() && f.severity() == v1::Finding::SEVERITY_UNREACHABLE;
      }));
      break;
    }
    case 1:  // its contacts
      directory.bodies[index].clear_contacts();
      RC_ASSERT(names([&](const v1::Finding& f) { return f.body_id() == body.body_id(); }));
      break;
    case 2:  // its address
      directory.bodies[index].mutable_contacts(0)->clear_address();
      RC_ASSERT(names(
          [&](const v1::Finding& f) { return f.body_id() == body.body_id() && f.contact() == 1; }));
      break;
    case 3: {  // a holder: by leaving, their address, or going away
      const size_t holder = *rc::gen::inRange<size_t>(0, 4);
      const v1::RoleHolder held = directory.holders[holder];
      switch (*rc::gen::inRange(0, 3)) {
        case 0:
          directory.holders.erase(directory.holders.begin() + static_cast<ptrdiff_t>(holder));
          break;
        case 1:
          directory.holders[holder].clear_email();
          break;
        default:
          directory.absences.push_back(Away(held.person_id(), held.role(), kNow));
      }
      RC_ASSERT(names([&](const v1::Finding& f) {
        return f.role() == held.role() && f.severity() == v1::Finding::SEVERITY_UNREACHABLE;
      }));
      break;
    }
    default:  // who polices an area, or serves it
      RC_PRE(of_authority);
      if (*rc::gen::arbitrary<bool>()) {
        directory.bodies[index].clear_police_body_id();
      } else {
        directory.bodies[index].clear_health_body_id();
      }
      RC_ASSERT(names([&](const v1::Finding& f) { return f.body_id() == body.body_id(); }));
  }
}

}  // namespace
}  // namespace fosterwatch::directory::domain
