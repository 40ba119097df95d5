// Pairs of arrays, read from their files.
#include <algorithm>
#include <bit>
#include <map>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/memory.hpp"
#include "surrogates/arrays/pair_file.hpp"

namespace understudy::surrogates {

namespace {

std::vector<std::filesystem::path> shards_of(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(directory, code)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("pairs_") && name.ends_with(".h5")) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

// Number of samples in a shard whose datasets fit its header.
std::uint64_t samples_in(const mesh::Hdf5File& file, const PairInfo& info) {
  const mesh::H5Shape index = file.shape("index");
  const std::uint64_t n = index.empty() ? 0 : index[0];
  const auto require = [&](const std::string& name, const std::vector<long long>& shape) {
    mesh::H5Shape expected{n};
    for (const long long length : shape) expected.push_back(static_cast<std::uint64_t>(length));
    file.require_shape(name, expected, "sample, then the header's shape");
  };
  require("index", {});
  require("split", {});
  require("inputs", info.input.shape);
  require("outputs", info.output.shape);
  return n;
}

// FNV-1a over the values' words (Fowler, Noll & Vo): gigabytes are to be told apart in seconds.
std::uint64_t digest(std::span<const float> values) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const float value : values)
    hash = (hash ^ std::bit_cast<std::uint32_t>(value)) * 1099511628211ULL;
  return hash;
}

struct Shard {
  PairInfo info;
  std::vector<std::int64_t> index;
  std::vector<std::uint8_t> split;
  std::vector<float> inputs, outputs;
  double cost_core_s = 0;
};

Shard read_shard(const std::filesystem::path& path) {
  const mesh::Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
  Shard shard;
  shard.info = read_pair_info(file);
  const std::uint64_t n = samples_in(file, shard.info);
  shard.index = file.get<std::int64_t>("index");
  shard.split = file.get<std::uint8_t>("split");
  shard.inputs = file.get<float>("inputs");
  shard.outputs = file.get<float>("outputs");
  shard.cost_core_s = file.attribute<double>("", "cost_core_s");
  for (std::uint64_t s = 0; s < n; ++s) {
    if (shard.split[s] > 2)
      throw core::UserError(core::format("{} is damaged: sample {} has the split {}", path.string(),
                                         shard.index[s], shard.split[s]));
    const auto part = [&](const std::vector<float>& values) {
      return std::span(values).subspan(s * (values.size() / n), values.size() / n);
    };
    require_finite(part(shard.inputs), shard.info.input, path.string(), shard.index[s]);
    require_finite(part(shard.outputs), shard.info.output, path.string(), shard.index[s]);
  }
  return shard;
}

}  // namespace

std::vector<long long> finished_samples(const std::filesystem::path& directory,
                                        const PairInfo& info, const std::string& deck_hash) {
  std::vector<long long> finished;
  for (const auto& path : shards_of(directory)) {
    const mesh::Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
    require_pairs(info, read_pair_info(file), path.string());
    const auto made_by = file.attribute<std::string>("", "provenance.deck_hash");
    if (made_by != deck_hash)
      throw core::UserError(core::format(
          "{} was made by another deck (hash {}; this one's is {}). Remove the folder, or "
          "take another",
          path.string(), made_by, deck_hash));
    samples_in(file, info);
    const auto index = file.get<std::int64_t>("index");
    finished.insert(finished.end(), index.begin(), index.end());
  }
  std::ranges::sort(finished);
  return finished;
}

double cost_of_samples(const std::filesystem::path& directory) {
  double core_s = 0;
  for (const auto& path : shards_of(directory))
    core_s += mesh::Hdf5File(path, mesh::H5Mode::read, core::Comm::self())
                  .attribute<double>("", "cost_core_s");
  return core_s;
}

void remove_samples(const std::filesystem::path& directory) {
  for (const auto& path : shards_of(directory)) {
    std::error_code code;
    std::filesystem::remove(path, code);
    if (code)
      throw core::UserError(core::format("cannot remove {}: {}", path.string(), code.message()));
  }
}

std::vector<long long> PairDataset::of(Split s) const {
  std::vector<long long> positions;
  for (long long n = 0; n < samples(); ++n)
    if (split[n] == s) positions.push_back(n);
  return positions;
}

std::span<const float> PairDataset::input(long long n) const {
  const auto count = static_cast<std::size_t>(info.input.count());
  return std::span(inputs).subspan(static_cast<std::size_t>(n) * count, count);
}

std::span<const float> PairDataset::output(long long n) const {
  const auto count = static_cast<std::size_t>(info.output.count());
  return std::span(outputs).subspan(static_cast<std::size_t>(n) * count, count);
}

PairDataset read_pairs(const std::filesystem::path& directory) {
  const auto files = shards_of(directory);
  if (files.empty())
    throw core::UserError(
        core::format("no pairs in {} (no file pairs_*.h5); `understudy generate` makes them",
                     directory.string()));
  PairDataset data;
  // Where each sample goes is known before the values are read: they are held once.
  std::map<long long, std::filesystem::path> where;
  for (const auto& path : files) {
    const mesh::Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
    const PairInfo info = read_pair_info(file);
    if (where.empty()) data.info = info;
    require_pairs(data.info, info, path.string());
    for (const auto n : file.get<std::int64_t>("index"))
      if (const auto [known, fresh] = where.emplace(n, path); !fresh)
        throw core::UserError(core::format("sample {} is in {} and in {}; remove one of them", n,
                                           known->second.string(), path.string()));
  }
  std::map<long long, std::size_t> place;
  for (const auto& [n, path] : where) {
    place[n] = data.index.size();
    data.index.push_back(n);
  }
  core::require_memory(
      {.bytes = sizeof(float) * static_cast<double>(where.size()) *
                static_cast<double>(data.info.input.count() + data.info.output.count()),
       .what = core::format("the {} pairs in {}", where.size(), directory.string()),
       .remedy = "generate fewer (dataset.training), coarser in time (time.record_every_s) or on "
                 "fewer cells",
       .at_least = true,
       .on_host = true},
      core::Comm::self());
  data.split.resize(where.size());
  data.inputs.resize(where.size() * static_cast<std::size_t>(data.info.input.count()));
  data.outputs.resize(where.size() * static_cast<std::size_t>(data.info.output.count()));
  for (const auto& path : files) {
    const Shard shard = read_shard(path);
    data.cost_core_s += shard.cost_core_s;
    const std::size_t n = shard.index.size();
    for (std::size_t s = 0; s < n; ++s) {
      const std::size_t to = place.at(shard.index[s]);
      data.split[to] = static_cast<Split>(shard.split[s]);
      const std::size_t in = shard.inputs.size() / n, out = shard.outputs.size() / n;
      std::copy_n(shard.inputs.begin() + static_cast<std::ptrdiff_t>(s * in), in,
                  data.inputs.begin() + static_cast<std::ptrdiff_t>(to * in));
      std::copy_n(shard.outputs.begin() + static_cast<std::ptrdiff_t>(s * out), out,
                  data.outputs.begin() + static_cast<std::ptrdiff_t>(to * out));
    }
  }
  data.hash = hash_of(data);
  return data;
}

// Sample by sample: the same whatever the shards.
std::string hash_of(const PairDataset& data) {
  std::string text = to_string(data.info.input) + to_string(data.info.output);
  for (long long n = 0; n < data.samples(); ++n) {
    const auto in = data.input(n), out = data.output(n);
    text += core::format("{} {} {:016x} {:016x}\n", data.index[n], static_cast<int>(data.split[n]),
                         digest(in), digest(out));
  }
  return core::sha256(text).substr(0, 16);
}

PairDataset swapped(PairDataset data) {
  std::swap(data.info.input, data.info.output);
  std::swap(data.inputs, data.outputs);
  data.hash = core::sha256(data.hash + " swapped").substr(0, 16);
  return data;
}

}  // namespace understudy::surrogates
