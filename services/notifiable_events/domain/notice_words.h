// The words of notices as data, in editions: what a notice said can be shown again long after its
// words were changed, and who writes them need not build a program. (The words of alerts belong to
// notifications.)
//
// Nothing personal can come into a subject line: all that a subject may take in is the rule,
// whether the report is provisional, and our reference; the file is refused where one asks for
// more.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notice_words.pb.h"

namespace fosterwatch::notifiable_events::domain {

// Reads policy/notice_words.json (fosterwatch.notifiable_events.v1.NoticeWords). INVALID_ARGUMENT
// (NOTICE_WORDS_INVALID) for unknown fields; no edition, editions of one version or not in the
// order of their days; a template that is missing, unknown or there twice; a subject that is not
// one line of at most 150 printable ASCII characters, or takes in what a subject may not; a
// placeholder that is unknown, or a brace that belongs to none.
absl::StatusOr<v1::NoticeWords> ParseNoticeWords(absl::string_view json);

// The edition that holds at a moment: the last whose day has begun in London; before the first
// one's day, the first.
const v1::NoticeWordsEdition& InForce(const v1::NoticeWords& words, absl::Time moment);

// The template of that name, which each edition has. Names that are known: those of
// NoticeContent.template, and of the lines and rules that they take in.
const v1::NoticeTemplate& TemplateOf(const v1::NoticeWordsEdition& edition, absl::string_view name);

}  // namespace fosterwatch::notifiable_events::domain
