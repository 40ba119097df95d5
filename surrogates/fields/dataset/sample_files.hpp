// Files of a dataset that are kept open between readings.
#pragma once

#include <cstddef>
#include <filesystem>
#include <list>

#include "mesh/io/hdf5_file.hpp"

namespace understudy::surrogates {

/// So many at most: the one that was wanted longest ago is closed first, all with this object. One thread at a time,
/// which no other thread of the process may call HDF5 beside.
class SampleFiles {
 public:
  explicit SampleFiles(std::size_t most = 1);
  SampleFiles(const SampleFiles&) = delete;
  SampleFiles& operator=(const SampleFiles&) = delete;

  /// The file, open for reading until another one takes its place. UserError where it cannot be opened.
  const mesh::Hdf5File& open(const std::filesystem::path& path);
  long long opened() const { return opened_; }  ///< so often a file was opened

 private:
  std::size_t most_;
  std::list<mesh::Hdf5File> files_;  ///< the one that was wanted last comes first
  long long opened_ = 0;
};

/// Enough for the samples that a batch draws from where these are few; each takes a few megabytes of HDF5's at most.
inline constexpr std::size_t files_of_a_stream = 8;

}  // namespace understudy::surrogates
