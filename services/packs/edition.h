// A frozen edition of figures as a document for the board. Pure: an edition never changes, and so
// does its document.
#pragma once

#include <string>

#include "fosterwatch/kpis/v1/edition.pb.h"
#include "libs/document/document.h"

namespace fosterwatch::packs {

// What has become known after it was frozen is no part of it; its page, at public_url, has that.
document::Document EditionDocument(const kpis::v1::Edition& edition, const std::string& agency,
                                   const std::string& public_url);

}  // namespace fosterwatch::packs
