// The complaints statement (regulation 18(6)) as a document. Pure.
#pragma once

#include <string>

#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/complaints/v1/oversight_service.pb.h"
#include "libs/document/document.h"

namespace fosterwatch::packs {

// Its tables, each with where its figures are explained. `procedures` has the words of procedures,
// stages and categories; `page` is the address of the page of the same statement.
document::Section StatementSection(const complaints::v1::Statement& statement,
                                   const complaints::v1::ListProceduresResponse& procedures,
                                   const std::string& page);

document::Document StatementDocument(const complaints::v1::Statement& statement,
                                     const complaints::v1::ListProceduresResponse& procedures,
                                     const std::string& agency, const std::string& page);

}  // namespace fosterwatch::packs
