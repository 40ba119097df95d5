// A dataset's card in MLCommons' Croissant 1.1 (Benjelloun et al. 2026, http://mlcommons.org/croissant/1.1), JSON-LD
// that search engines, hubs and loaders of machine learning read:
//
//   name, description, version, license, creator...   of the deck's section `publication`; empty: left out
//   prov:wasGeneratedBy   deck with its hash, seed, version of the program, times
//   distribution          every file with size and SHA-256, and the samples as a FileSet
//   recordSet             `splits` and `samples` (file, split, parameters), whose values stand in the card, and
//                         `arrays`: each array of a sample's file with unit, type and shape
//
// Croissant knows no way into HDF5: an array's `extract.column` is the path of its dataset in the file.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/study/publication.hpp"
#include "core/named_value.hpp"
#include "core/provenance.hpp"

namespace understudy::apps {

/// A file beside the card.
struct CardFile {
  std::string path;  ///< relative to the card's folder, "/" between folders
  std::string sha256;
  std::uintmax_t bytes = 0;
};

/// An array that every sample's file has.
struct CardArray {
  std::string name, path;   ///< path of the dataset in the HDF5 file: "t0_fields/u"
  std::string description;  ///< in words, with its axes
  std::string unit;
  std::vector<long long> shape;  ///< -1: differs between samples
};

struct CardSample {
  std::string name, file,
      split;  ///< split: train, valid or test; file: its path, one of the card's
  std::string deck_hash;
  std::vector<surrogates::NamedValue> parameters;  ///< the same names in every sample
};

struct DatasetCard {
  std::string name, description;  ///< where `publication` has none
  PublicationParams publication;
  core::Provenance provenance;  ///< of the verb that made it
  std::string finished;         ///< UTC, ISO 8601
  std::vector<CardFile> samples_files, other_files;
  std::vector<CardArray> arrays;
  std::vector<CardSample> samples;
};

/// The card. Takes what it is given: whether files are there is the caller's to know.
nlohmann::json croissant(const DatasetCard& card);

/// What a card that is there says of its files; empty where it cannot be read. A sum may be taken over while a file
/// has the same size and was not written after the card.
std::vector<CardFile> files_of_card(const nlohmann::json& card);

}  // namespace understudy::apps
