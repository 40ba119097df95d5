// Files of a dataset that are kept open between readings.
#pragma once

#include <cstddef>
#include <filesystem>
#include <list>
#include <memory>

#include "mesh/io/hdf5_file.hpp"

namespace understudy::surrogates {

/// So many at most: the one that was wanted longest ago is closed first, all with this object. One thread at a time,
/// beside which no other thread of the process may call HDF5.
class SampleFiles {
 public:
  explicit SampleFiles(std::size_t most);
  SampleFiles(const SampleFiles&) = delete;
  SampleFiles& operator=(const SampleFiles&) = delete;

  /// The file, open for reading. UserError where it cannot be opened.
  std::shared_ptr<const mesh::Hdf5File> open(const std::filesystem::path& path);
  long long opened() const { return opened_; }  ///< so often a file was opened

 private:
  std::size_t most_;
  std::list<std::shared_ptr<const mesh::Hdf5File>> files_;  ///< the last one that was wanted first
  long long opened_ = 0;
};

}  // namespace understudy::surrogates
