#include "services/directory/domain/entries.h"

#include <string>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"

namespace fosterwatch::directory::domain {
namespace {

v1::Body Authority() {
  v1::Body body;
  body.set_body_id("northshire");
  body.set_kind(v1::Body::KIND_LOCAL_AUTHORITY);
  body.set_name("Northshire County Council");
  auto* contact = body.add_contacts();
  contact->set_channel(type::v1::CHANNEL_EMAIL);
  contact->set_address("duty@northshire.invalid");
  return body;
}

v1::RoleHolder Holder() {
  v1::RoleHolder holder;
  holder.set_person_id("p1");
  holder.set_name("A Name");
  holder.set_title("A title");
  holder.set_email("p1@agency.example");
  holder.set_role(options::v1::ROLE_REGISTERED_MANAGER);
  *holder.mutable_from_time() = clock::ToProto(absl::FromUnixSeconds(1'000));
  return holder;
}

std::string FieldAtFault(const absl::Status& status) {
  const auto violations = ViolationsOf(status);
  return violations.empty() ? "" : violations[0].field;
}

TEST(CheckBodyTest, TakesABodyThatCanBeReached) { EXPECT_TRUE(CheckBody(Authority()).ok()); }

TEST(CheckBodyTest, NamesWhatIsWrong) {
  v1::Body body = Authority();
  body.set_body_id("North Shire");
  EXPECT_EQ(FieldAtFault(CheckBody(body)), "body.body_id");

  body = Authority();
  body.clear_contacts();
  EXPECT_EQ(FieldAtFault(CheckBody(body)), "body.contacts");

  body = Authority();
  body.mutable_contacts(0)->set_address("a@b\r\nBcc: c@d");
  EXPECT_EQ(FieldAtFault(CheckBody(body)), "body.contacts[0].address");

  body = Authority();
  body.mutable_contacts(0)->set_channel(type::v1::CHANNEL_TELEPHONE);
  EXPECT_EQ(FieldAtFault(CheckBody(body)), "body.contacts[0].released_by_person");
}

// Those that a mail server or libs/mail would refuse later, when a notice is due.
TEST(CheckBodyTest, RefusesAddressesThatNoMailCouldGoTo) {
  for (const char* address : {"duty@", "a b@c", "a@b@c", "a@b,c@d", ".duty@b.example",
                              "duty..team@b.example", "duty@b.example.", "\"duty\"@b.example"}) {
    v1::Body body = Authority();
    body.mutable_contacts(0)->set_address(address);
    EXPECT_EQ(FieldAtFault(CheckBody(body)), "body.contacts[0].address") << address;
    v1::RoleHolder holder = Holder();
    holder.set_email(address);
    EXPECT_EQ(FieldAtFault(CheckHolder(holder)), "holder.email") << address;
  }
}

TEST(CheckHolderTest, TakesTheRolesOfPeopleOnly) {
  v1::RoleHolder holder = Holder();
  for (const options::v1::Role role :
       {options::v1::ROLE_CASEWORKER, options::v1::ROLE_SUPERVISING_SOCIAL_WORKER,
        options::v1::ROLE_TEAM_MANAGER, options::v1::ROLE_DEPUTY_MANAGER,
        options::v1::ROLE_REGISTERED_MANAGER, options::v1::ROLE_RESPONSIBLE_INDIVIDUAL,
        options::v1::ROLE_ADMINISTRATOR}) {
    holder.set_role(role);
    EXPECT_TRUE(CheckHolder(holder).ok()) << options::v1::Role_Name(role);
  }
  for (const options::v1::Role role :
       {options::v1::ROLE_UNSPECIFIED, options::v1::ROLE_PUBLISHER, options::v1::ROLE_SERVICE}) {
    holder.set_role(role);
    EXPECT_EQ(FieldAtFault(CheckHolder(holder)), "holder.role") << options::v1::Role_Name(role);
  }
}

TEST(CheckPublisherTest, NamesProgramsOnceEachAndNotTooMany) {
  v1::Publisher publisher;
  publisher.set_publisher_id("case-system");
  publisher.set_source("urn:case-system");
  EXPECT_TRUE(CheckPublisher(publisher).ok());
  for (int i = 0; i < 20; ++i) publisher.add_program_ids(absl::StrCat("program:", i));
  EXPECT_TRUE(CheckPublisher(publisher).ok());
  publisher.add_program_ids("one too many");
  EXPECT_EQ(FieldAtFault(CheckPublisher(publisher)), "publisher.program_ids");
  for (const std::string& bad :
       {std::string("program:0"), std::string(), std::string("a\nb"), std::string(201, 'a')}) {
    publisher.set_program_ids(1, bad);
    publisher.mutable_program_ids()->DeleteSubrange(2, publisher.program_ids_size() - 2);
    EXPECT_EQ(FieldAtFault(CheckPublisher(publisher)), "publisher.program_ids") << bad;
  }
}

TEST(HoldsAtTest, FromIsInclusiveAndUntilExclusive) {
  const absl::Time from = absl::FromUnixSeconds(1'000), until = absl::FromUnixSeconds(2'000);
  v1::RoleHolder holder;
  *holder.mutable_from_time() = clock::ToProto(from);
  EXPECT_FALSE(HoldsAt(holder, from - absl::Microseconds(1)));
  EXPECT_TRUE(HoldsAt(holder, from));
  EXPECT_TRUE(HoldsAt(holder, absl::FromUnixSeconds(4'000'000'000)));
  *holder.mutable_until_time() = clock::ToProto(until);
  EXPECT_TRUE(HoldsAt(holder, until - absl::Microseconds(1)));
  EXPECT_FALSE(HoldsAt(holder, until));
}

}  // namespace
}  // namespace fosterwatch::directory::domain
