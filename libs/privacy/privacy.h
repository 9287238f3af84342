// What may leave, what stays, and what is sealed: by the field classes of options.proto.
//
// Timestamps and durations without a class of their own are PUBLIC: they are moments. Any other
// message-typed field without a class takes the classes of its leaves; one with a class gives it to
// all it holds. A map needs a class of its own. Threads: pure functions.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

#include "fosterwatch/options/v1/options.pb.h"

namespace fosterwatch::privacy {

// INTERNAL, naming the field, where any leaf field of the message type (recursively) has no class.
absl::Status CheckClassified(const google::protobuf::Descriptor* descriptor);

// Clears every field, at any depth, that is not of one of these classes, and those without a class.
// Unknown fields go too: nobody has classified them. A sub-message that is left empty stays, so
// that indexes hold and a oneof still says which case it is; but KeepPersonal clears a sub-message,
// or a whole repeated field of them, that holds nothing personal.
void KeepPublic(google::protobuf::Message* message);
void KeepClear(google::protobuf::Message* message);     // PUBLIC and INTERNAL
void KeepPersonal(google::protobuf::Message* message);  // PERSONAL only

// True if any personal field is set.
bool HasPersonal(const google::protobuf::Message& message);

// Puts the personal part back: the inverse of splitting by KeepClear and KeepPersonal. Repeated
// messages are merged element by element. Both are of the same type.
void MergePersonal(const google::protobuf::Message& personal, google::protobuf::Message* clear);

}  // namespace fosterwatch::privacy
