// Requests of any type, filled with what is plausible, and what answers of any type tell: for tests
// that ask every method the same.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace fosterwatch::testing {

// A string field of a request that names something.
struct IdField {
  google::protobuf::Message* in = nullptr;
  const google::protobuf::FieldDescriptor* field = nullptr;
  std::string path;  // "report.child_id"

  void Set(const std::string& id) const;
};

// What somebody has seen of an agency.
struct Known {
  // By the name of the field: "child_id", in the order in which they were seen.
  std::map<std::string, std::vector<std::string>> ids;
  // By the method's full name.
  std::map<std::string, std::string> page_tokens;
  // What people are called and what was written about them.
  std::vector<std::string> texts;

  void Learn(const google::protobuf::MethodDescriptor& method,
             const google::protobuf::Message& answer);
  // What the other knows too.
  void Forget(const Known& other);
  // For that field of a request; "" where nothing of the kind was seen.
  std::string Of(const google::protobuf::MethodDescriptor& method, const std::string& path) const;
  // Which of it the other knows too, or "".
  std::string FoundIn(const Known& other) const;
  // What of it stands in the message, but for what is in `said` already; or "".
  std::string FoundIn(const google::protobuf::Message& message, const std::string& said) const;
};

// An id of the same shape that is nobody's; another one each time.
std::string MadeUp(const std::string& id);

std::unique_ptr<google::protobuf::Message> Parsed(const google::protobuf::Descriptor& type,
                                                  const std::string& bytes);

// Whether it changes nothing, by its name.
bool OnlyLooks(const google::protobuf::MethodDescriptor& method);
// Whether its request itself has a field that names something.
bool NamesSomething(const google::protobuf::MethodDescriptor& method);

// `whole`: each field has some value, and each that names something an id of the first of `known`
// that knows one. Otherwise empty, but for what no request may leave out.
std::unique_ptr<google::protobuf::Message> AnyRequest(
    const google::protobuf::MethodDescriptor& method, const std::vector<const Known*>& known,
    bool whole);

// The fields that name something, page tokens among them, at any depth; those of a repeated field
// by its first.
std::vector<IdField> IdsIn(google::protobuf::Message& message);
// Every text, those among them.
std::vector<IdField> TextsIn(google::protobuf::Message& message);

// How many there are in the longest list that the message itself has.
int LongestList(const google::protobuf::Message& message);

// All strings of a message, one a line.
std::string AllTextOf(const google::protobuf::Message& message);

}  // namespace fosterwatch::testing
