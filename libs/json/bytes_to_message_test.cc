#include "libs/json/bytes_to_message.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"

#include "libs/json/zoo_test.pb.h"
#include "libs/status/error.h"

namespace fosterwatch::json {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> FieldsAtFault(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const Violation& violation : ViolationsOf(status)) fields.push_back(violation.field);
  return fields;
}

TEST(BytesToMessageTest, ReadsAMessageAsItIs) {
  zoo::Animal sent;
  sent.set_given_name("Ada é");
  sent.add_kinds(zoo::KIND_OWL);
  sent.mutable_born_time()->set_seconds(1);
  (*sent.mutable_friends())[1].set_tame(true);
  sent.set_picture(std::string("\0\xff", 2));
  zoo::Animal read;
  ASSERT_EQ(BytesToMessage(sent.SerializeAsString(), read), absl::OkStatus());
  EXPECT_EQ(read.SerializeAsString(), sent.SerializeAsString());
}

TEST(BytesToMessageTest, RefusesWhatIsNoSuchMessage) {
  zoo::Animal read;
  const absl::Status status = BytesToMessage("\xff\xff", read);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "MALFORMED_PROTOBUF");
  EXPECT_THAT(FieldsAtFault(status), IsEmpty());
}

TEST(BytesToMessageTest, NamesEveryFieldAtFaultButNoValue) {
  zoo::Animal sent;
  sent.GetReflection()->MutableUnknownFields(&sent)->AddLengthDelimited(77, "Jane");
  sent.add_kinds(zoo::KIND_CAT);
  sent.add_kinds(static_cast<zoo::Kind>(99));
  zoo::Animal* young = sent.add_young();
  young->set_given_name(std::string("Jane\0", 5));
  young->GetReflection()->MutableUnknownFields(young)->AddVarint(78, 1);
  zoo::Animal read;
  const absl::Status status = BytesToMessage(sent.SerializeAsString(), read);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "UNKNOWN_FIELD");
  EXPECT_THAT(FieldsAtFault(status),
              ElementsAre("77", "kinds[1]", "young[0].78", "young[0].given_name"));
  EXPECT_EQ(status.ToString().find("Jane"), std::string::npos);
}

}  // namespace
}  // namespace fosterwatch::json
