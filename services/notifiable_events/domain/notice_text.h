// What a notice says. Regulation 36(1) says whom to tell, not in which words; the Chief Inspector's
// own form asks for what happened, when and where, and what was done (Ofsted, "Tell Ofsted about an
// incident").
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "services/notifiable_events/domain/law.h"
#include "services/notifiable_events/domain/notice_words.h"

namespace fosterwatch::notifiable_events::domain {

// In these words, the text of one message that gives these notices of the event together, as the
// record now stands; while the report is provisional, subject and body say so. Times in
// Europe/London. The subject names no person. The child and carer are named by their references
// only. NOT_FOUND (UNKNOWN_NOTICE); INVALID_ARGUMENT for no notice at all.
absl::StatusOr<v1::NoticeContent> NoticeText(const v1::NotifiableEvent& event,
                                             const std::vector<std::string>& notice_ids,
                                             const Law& law, const v1::NoticeWordsEdition& words);

}  // namespace fosterwatch::notifiable_events::domain
