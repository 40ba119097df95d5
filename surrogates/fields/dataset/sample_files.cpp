#include "surrogates/fields/dataset/sample_files.hpp"

#include <algorithm>

namespace understudy::surrogates {

SampleFiles::SampleFiles(std::size_t most) : most_(std::max<std::size_t>(1, most)) {}

std::shared_ptr<const mesh::Hdf5File> SampleFiles::open(const std::filesystem::path& path) {
  const auto found =
      std::ranges::find_if(files_, [&](const auto& file) { return file->path() == path; });
  if (found != files_.end()) {
    files_.splice(files_.begin(), files_, found);
  } else {
    if (files_.size() >= most_) files_.pop_back();
    files_.push_front(
        std::make_shared<const mesh::Hdf5File>(path, mesh::H5Mode::read, core::Comm::self()));
    ++opened_;
  }
  return files_.front();
}

}  // namespace understudy::surrogates
