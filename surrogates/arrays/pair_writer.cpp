// Pairs of arrays, written to their files.
#include <algorithm>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "surrogates/arrays/pair_file.hpp"

namespace understudy::surrogates {

PairWriter::PairWriter(std::filesystem::path directory, PairInfo info, core::Provenance provenance,
                       long long shard)
    : directory_(std::move(directory)),
      info_(std::move(info)),
      provenance_(std::move(provenance)),
      shard_(std::max(1LL, shard)) {
  require_valid(info_);
}

PairWriter::~PairWriter() {
  try {
    flush();
  } catch (const std::exception& error) {
    core::log::warn("{} samples of {} are lost: {}", index_.size(), info_.name, error.what());
  }
}

void PairWriter::append(long long sample, Split split, std::span<const float> input,
                        std::span<const float> output) {
  const auto take = [&](const ArrayInfo& side, std::span<const float> values) {
    if (static_cast<long long>(values.size()) != side.count())
      throw core::UserError(core::format("sample {} of {}: {} values for {}; {} are expected",
                                         sample, info_.name, values.size(), to_string(side),
                                         side.count()));
    require_finite(values, side, info_.name, sample);
  };
  if (sample < 0)
    throw core::UserError(
        core::format("{}: a sample's number is {}; it starts at 0", info_.name, sample));
  take(info_.input, input);
  take(info_.output, output);
  index_.push_back(sample);
  splits_.push_back(static_cast<std::uint8_t>(split));
  inputs_.insert(inputs_.end(), input.begin(), input.end());
  outputs_.insert(outputs_.end(), output.begin(), output.end());
  if (static_cast<long long>(index_.size()) >= shard_) flush();
}

void PairWriter::flush() {
  if (index_.empty()) return;
  core::make_folder(directory_);
  const auto path = directory_ / core::format("pairs_{:06}.h5", index_.front());
  const std::uint64_t n = index_.size();
  const auto shape_of = [&](const ArrayInfo& side) {
    mesh::H5Shape shape{n};
    for (const long long length : side.shape) shape.push_back(static_cast<std::uint64_t>(length));
    return shape;
  };
  mesh::write_hdf5_atomically(path, core::Comm::self(), [&](mesh::Hdf5File& file) {
    write_pair_info(file, info_);
    for (const auto& [key, value] : provenance_.as_map())
      file.set_attribute("", "provenance." + key, value);
    file.set_attribute("", "cost_core_s", cost_core_s_);
    file.put("index", std::vector<std::int64_t>(index_.begin(), index_.end()), {n});
    file.put("split", splits_, {n});
    file.put("inputs", inputs_, shape_of(info_.input));
    file.put("outputs", outputs_, shape_of(info_.output));
  });
  index_.clear();
  splits_.clear();
  inputs_.clear();
  outputs_.clear();
  cost_core_s_ = 0;
}

}  // namespace understudy::surrogates
