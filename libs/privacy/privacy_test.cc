#include "libs/privacy/privacy.h"

#include <memory>
#include <random>
#include <stdexcept>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

#include "libs/testing/status_matchers.h"

namespace fosterwatch::privacy {
namespace {

using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;
using ::testing::HasSubstr;

// A fact with every shape that a field can have.
constexpr char kFile[] = R"pb(
  name: "privacy_test.proto"
  package: "t"
  syntax: "proto3"
  dependency: "google/protobuf/timestamp.proto"
  dependency: "google/protobuf/duration.proto"
  dependency: "fosterwatch/options/v1/options.proto"
  message_type {
    name: "Person"
    field {
      name: "id"
      number: 1
      type: TYPE_STRING
      label: LABEL_OPTIONAL
      options {
        [fosterwatch.options.v1.field_class]: FIELD_CLASS_PUBLIC
      }
    }
    field {
      name: "name"
      number: 2
      type: TYPE_STRING
      label: LABEL_OPTIONAL
      options {
        [fosterwatch.options.v1.field_class]: FIELD_CLASS_PERSONAL
      }
    }
    field {
      name: "born"
      number: 3
      type: TYPE_MESSAGE
      type_name: ".google.protobuf.Timestamp"
      label: LABEL_OPTIONAL
      options {
        [fosterwatch.options.v1.field_class]: FIELD_CLASS_PERSONAL
      }
    }
    field {
      name: "friends"
      number: 4
      type: TYPE_MESSAGE
      type_name: ".t.Person"
      label: LABEL_REPEATED
    }
    field {
      name: "codes"
      number: 5
      type: TYPE_INT64
      label: LABEL_REPEATED
      options {
        [fosterwatch.options.v1.field_class]: FIELD_CLASS_INTERNAL
      }
    }
    field {
      name: "nicknames"
      number: 6
      type: TYPE_STRING
      label: LABEL_REPEATED
      options {
        [fosterwatch.options.v1.field_class]: FIELD_CLASS_PERSONAL
      }
    }
  }
  message_type {
    name: "Fact"
    field {
      name: "code"
      number: 1
      type: TYPE_INT32
      label: LABEL_OPTIONAL
      options {
        [fosterwatch.options.v1.field_class]: FIELD_CLASS_PUBLIC
      }
    }
    field {
      name: "person"
      number: 2
      type: TYPE_MESSAGE
      type_name: ".t.Person"
      label: LABEL_OPTIONAL
    }
    field {
      name: "others"
      number: 3
      type: TYPE_MESSAGE
      type_name: ".t.Person"
      label: LABEL_REPEATED
    }
    field {
      name: "happened"
      number: 4
      type: TYPE_MESSAGE
      type_name: ".google.protobuf.Timestamp"
      label: LABEL_OPTIONAL
    }
    field {
      name: "lasted"
      number: 5
      type: TYPE_MESSAGE
      type_name: ".google.protobuf.Duration"
      label: LABEL_REPEATED
    }
    field {
      name: "note"
      number: 6
      type: TYPE_STRING
      label: LABEL_OPTIONAL
      oneof_index: 0
      options {
        [fosterwatch.options.v1.field_class]: FIELD_CLASS_PERSONAL
      }
    }
    field {
      name: "short_code"
      number: 7
      type: TYPE_STRING
      label: LABEL_OPTIONAL
      oneof_index: 0
      options {
        [fosterwatch.options.v1.field_class]: FIELD_CLASS_PUBLIC
      }
    }
    field {
      name: "writer"
      number: 8
      type: TYPE_MESSAGE
      type_name: ".t.Person"
      label: LABEL_OPTIONAL
      oneof_index: 0
    }
    field {
      name: "whole"
      number: 9
      type: TYPE_MESSAGE
      type_name: ".t.Person"
      label: LABEL_OPTIONAL
      options {
        [fosterwatch.options.v1.field_class]: FIELD_CLASS_PERSONAL
      }
    }
    field {
      name: "phone"
      number: 10
      type: TYPE_STRING
      label: LABEL_OPTIONAL
      oneof_index: 1
      proto3_optional: true
      options {
        [fosterwatch.options.v1.field_class]: FIELD_CLASS_PERSONAL
      }
    }
    field {
      name: "score"
      number: 11
      type: TYPE_DOUBLE
      label: LABEL_OPTIONAL
      options {
        [fosterwatch.options.v1.field_class]: FIELD_CLASS_INTERNAL
      }
    }
    oneof_decl { name: "content" }
    oneof_decl { name: "_phone" }
  }
  message_type {
    name: "Unclassified"
    field {
      name: "people"
      number: 1
      type: TYPE_MESSAGE
      type_name: ".t.Inner"
      label: LABEL_REPEATED
    }
  }
  message_type {
    name: "Inner"
    field {
      name: "id"
      number: 1
      type: TYPE_STRING
      label: LABEL_OPTIONAL
      options {
        [fosterwatch.options.v1.field_class]: FIELD_CLASS_PUBLIC
      }
    }
    field { name: "forgotten" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
  }
  message_type {
    name: "Mapped"
    field {
      name: "labels"
      number: 1
      type: TYPE_MESSAGE
      type_name: ".t.Mapped.LabelsEntry"
      label: LABEL_REPEATED
    }
    nested_type {
      name: "LabelsEntry"
      field { name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
      field { name: "value" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
      options { map_entry: true }
    }
  }
)pb";

class PrivacyTest : public ::testing::Test {
 protected:
  PrivacyTest() {
    // Named, so that their files are linked in.
    google::protobuf::Timestamp::descriptor();
    google::protobuf::Duration::descriptor();
    google::protobuf::FileDescriptorProto file;
    if (!google::protobuf::TextFormat::ParseFromString(kFile, &file) ||
        pool_.BuildFile(file) == nullptr) {
      throw std::runtime_error("the test's own types do not build");
    }
  }

  const Descriptor* Type(const std::string& name) { return pool_.FindMessageTypeByName(name); }

  std::unique_ptr<Message> Make(const std::string& type, const std::string& text) {
    std::unique_ptr<Message> message(factory_.GetPrototype(Type(type))->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, message.get())) << text;
    return message;
  }

  // What is left of `text` after `keep`, as one line of text.
  std::string After(void (*keep)(Message*), const std::string& text) {
    const auto message = Make("t.Fact", text);
    keep(message.get());
    return message->ShortDebugString();
  }

  google::protobuf::DescriptorPool pool_{google::protobuf::DescriptorPool::generated_pool()};
  google::protobuf::DynamicMessageFactory factory_{&pool_};
};

constexpr char kText[] = R"pb(
  code: 7
  person {
    id: "p1"
    name: "Jane"
    born { seconds: 1 }
    codes: 5
    nicknames: "J"
  }
  others { name: "Only a name" }
  others {
    id: "p2"
    friends { id: "p3" name: "Deep" }
  }
  happened { seconds: 2 }
  note: "free text"
  whole { id: "p4" name: "All of it" }
  phone: ""
  score: 0.5
)pb";

TEST_F(PrivacyTest, OnlyPublicFieldsLeave) {
  EXPECT_EQ(After(KeepPublic, kText),
            "code: 7 person { id: \"p1\" } others { } others { id: \"p2\" friends { id: \"p3\" } } "
            "happened { seconds: 2 }");
}

TEST_F(PrivacyTest, ClearIsPublicAndInternal) {
  EXPECT_EQ(After(KeepClear, kText),
            "code: 7 person { id: \"p1\" codes: 5 } others { } others { id: \"p2\" friends { id: "
            "\"p3\" } } happened { seconds: 2 } score: 0.5");
}

TEST_F(PrivacyTest, PersonalIsTheRest) {
  EXPECT_EQ(After(KeepPersonal, kText),
            "person { name: \"Jane\" born { seconds: 1 } nicknames: \"J\" } others { name: \"Only "
            "a name\" } others { friends { name: \"Deep\" } } note: \"free text\" whole { id: "
            "\"p4\" name: \"All of it\" } phone: \"\"");
}

TEST_F(PrivacyTest, NothingPersonalLeavesNothing) {
  const std::string text = "code: 1 person { id: 'p1' } others { id: 'p2' } writer { id: 'p3' }";
  EXPECT_EQ(After(KeepPersonal, text), "");
  EXPECT_FALSE(HasPersonal(*Make("t.Fact", text)));
  EXPECT_TRUE(HasPersonal(*Make("t.Fact", "others { } others { friends { name: 'x' } }")));
  EXPECT_TRUE(HasPersonal(*Make("t.Fact", "phone: ''")));
}

TEST_F(PrivacyTest, AOneofStillSaysItsCaseWhenItsContentIsPersonal) {
  EXPECT_EQ(After(KeepPublic, "writer { name: 'Jane' }"), "writer { }");
}

TEST_F(PrivacyTest, UnknownFieldsAreDropped) {
  for (const auto keep : {KeepPublic, KeepClear, KeepPersonal}) {
    const auto message = Make("t.Fact", kText);
    const Reflection* reflection = message->GetReflection();
    reflection->MutableUnknownFields(message.get())->AddLengthDelimited(900, "Jane");
    for (const char* name : {"person", "whole"}) {
      Message* inner =
          reflection->MutableMessage(message.get(), Type("t.Fact")->FindFieldByName(name));
      inner->GetReflection()->MutableUnknownFields(inner)->AddLengthDelimited(901, "Jane again");
    }
    keep(message.get());
    const std::string bytes = message->SerializeAsString();
    EXPECT_EQ(bytes.find("Jane again"), std::string::npos);
    EXPECT_TRUE(reflection->GetUnknownFields(*message).empty());
  }
}

TEST_F(PrivacyTest, AFieldWithoutAClassIsRefusedAndNamedAtAnyDepth) {
  EXPECT_THAT(CheckClassified(Type("t.Unclassified")),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("t.Inner.forgotten")));
  EXPECT_THAT(CheckClassified(Type("t.Mapped")),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("t.Mapped.labels")));
  EXPECT_THAT(CheckClassified(Type("t.Fact")), IsOk());
}

TEST_F(PrivacyTest, AFieldWithoutAClassStaysNowhere) {
  for (const auto keep : {KeepPublic, KeepClear, KeepPersonal}) {
    const auto message = Make("t.Unclassified", "people { forgotten: 'secret' }");
    keep(message.get());
    EXPECT_EQ(message->SerializeAsString().find("secret"), std::string::npos);
    const auto mapped = Make("t.Mapped", "labels { key: 'secret' value: 'secret' }");
    keep(mapped.get());
    EXPECT_EQ(mapped->ByteSizeLong(), 0u);
  }
}

class Filler {
 public:
  explicit Filler(unsigned int seed) : random_(seed) {}

  void Fill(Message* message, int depth) {
    const Descriptor* type = message->GetDescriptor();
    const Reflection* reflection = message->GetReflection();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      const int times = field->is_repeated() ? Pick(4) : Pick(2);
      for (int n = 0; n < times; ++n) {
        if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
          Message* inner = field->is_repeated() ? reflection->AddMessage(message, field)
                                                : reflection->MutableMessage(message, field);
          if (depth > 0) Fill(inner, depth - 1);
        } else {
          Set(reflection, message, field);
        }
      }
    }
  }

 private:
  int Pick(int below) { return static_cast<int>(random_() % below); }

  void Set(const Reflection* reflection, Message* message, const FieldDescriptor* field) {
    const std::string text = Pick(3) == 0 ? "" : absl::StrCat("v", random_());
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        field->is_repeated() ? reflection->AddString(message, field, text)
                             : reflection->SetString(message, field, text);
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        field->is_repeated() ? reflection->AddInt64(message, field, Pick(3))
                             : reflection->SetInt64(message, field, Pick(3));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection->SetInt32(message, field, Pick(3));
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        reflection->SetDouble(message, field, Pick(3));
        break;
      default:
        FAIL() << field->full_name();
    }
  }

  std::mt19937 random_;
};

TEST_F(PrivacyTest, ClearAndPersonalTogetherAreTheOriginal) {
  for (unsigned int seed = 0; seed < 2000; ++seed) {
    const auto original = Make("t.Fact", "");
    Filler(seed).Fill(original.get(), 3);
    const std::unique_ptr<Message> clear(original->New()), personal(original->New());
    clear->CopyFrom(*original);
    personal->CopyFrom(*original);
    KeepClear(clear.get());
    KeepPersonal(personal.get());
    EXPECT_FALSE(HasPersonal(*clear));
    EXPECT_EQ(HasPersonal(*original), personal->ByteSizeLong() > 0);
    MergePersonal(*personal, clear.get());
    ASSERT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*clear, *original))
        << "seed " << seed << "\n"
        << original->DebugString() << "became\n"
        << clear->DebugString();
  }
}

}  // namespace
}  // namespace fosterwatch::privacy
