// What only people know of their results, for the cards that go with them (croissant.json of a dataset,
// ro-crate-metadata.json of a folder): the deck's section `publication`. What is empty is left out of the cards;
// docs/publishing.md says what readers of theirs then miss. None of it bears on what is computed.
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"

namespace understudy::apps {

struct PublicationParams {
  std::string title;                  ///< empty: the deck's name
  std::string description;            ///< empty: made from what the program knows
  std::string license;                ///< address, or identifier of SPDX ("CC-BY-4.0")
  std::vector<std::string> creators;  ///< "Name" or "Name <address>"
  std::vector<std::string> keywords;
  std::string version = "1.0.0";  ///< of the data: MAJOR.MINOR.PATCH
  std::string date;               ///< of publication, YYYY-MM-DD
  std::string url;                ///< page of the published data
  std::string citation;           ///< as BibTeX, or a text
  bool croissant = true;          ///< dataset/croissant.json
  bool ro_crate = true;           ///< ro-crate-metadata.json
  void describe(core::ParamVisitor& v);
};

/// The address of a license: itself, or that of the SPDX identifier; "" of "".
std::string license_address(const std::string& license);

/// A creator as the deck has it.
struct Creator {
  std::string name, address;  ///< address: empty where none is given
};
Creator creator_of(const std::string& text);

}  // namespace understudy::apps
