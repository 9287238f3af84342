// Every service of the protos, for tests that ask something of each method. The list is written by
// hand, as a message of each file has to be linked in; AccessContractTest holds it to the protos.
#pragma once

#include <vector>

#include "google/protobuf/descriptor.h"

namespace fosterwatch::testing {

std::vector<const google::protobuf::ServiceDescriptor*> EveryService();

// Every method of these but those that answer with a stream.
std::vector<const google::protobuf::MethodDescriptor*> EveryUnaryMethod();

}  // namespace fosterwatch::testing
