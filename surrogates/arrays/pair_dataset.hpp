// Datasets of pairs: what a computation was given and what it made of it, both as arrays of fixed shapes
// (which may differ), for networks that map one to the other. One HDF5 file a shard of samples:
//
//   <directory>/pairs_<number of its first sample>.h5
//     /          @kind=understudy_pairs @layout=1 @name @cost_core_s, provenance.*, and for each side
//                @input_name @input_unit @input_shape @input_axes @input_mirrored @input_range (and
//                output_...)
//     index      [n]              int64    the samples' numbers
//     split      [n]              uint8    0 train, 1 validation, 2 test
//     inputs     [n, input...]    float32
//     outputs    [n, output...]   float32
//
// A shard is written under a temporary name and renamed when it is complete; which samples are there is
// read from the shards' `index`, so that an interrupted making goes on by sample, with any number of
// processes. Values that are not finite are refused, by the writer and by the readers.
//
// Errors: core::UserError naming the file, what was found and what was expected.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/params.hpp"
#include "core/provenance.hpp"

namespace understudy::surrogates {

/// One side of the pairs.
struct ArrayInfo {
  std::string name, unit;
  std::vector<long long> shape;   ///< of one sample, slowest axis first: {5, 250, 70}
  std::vector<std::string> axes;  ///< what they are: {"shot", "sample", "receiver"}
  std::vector<long long>
      mirrored;  ///< axes that a mirror image of the problem reverses: {0, 2}; empty: none
  double lowest = 0, highest = 0;  ///< range that the maker states; both 0: none stated
  void describe(core::ParamVisitor& v);
  long long count() const;  ///< numbers in one sample
  bool operator==(const ArrayInfo&) const = default;
};

/// "pressure [Pa] [shot 5, sample 250, receiver 70]"
std::string to_string(const ArrayInfo& info);

struct PairInfo {
  std::string name;  ///< of the dataset
  ArrayInfo input, output;
  bool operator==(const PairInfo&) const = default;
};

enum class Split : std::uint8_t { train = 0, validation = 1, test = 2 };

/// Collects samples and writes them as shards of `shard` samples; each process has its own. Not
/// collective; one thread at a time.
class PairWriter {
 public:
  /// Touches no file before the first shard is full, or flush(). UserError where `info` has no shape, a
  /// length below 1, or other numbers of axes and names.
  PairWriter(std::filesystem::path directory, PairInfo info, core::Provenance provenance,
             long long shard = 64);
  ~PairWriter();  ///< flushes; an error is then only logged: call flush() where it matters
  PairWriter(const PairWriter&) = delete;
  PairWriter& operator=(const PairWriter&) = delete;

  /// `sample`: its number in the whole dataset, >= 0. `input` [input.count()], `output`
  /// [output.count()], row-major, in their units. UserError where a length differs or a value is not
  /// finite.
  void append(long long sample, Split split, std::span<const float> input,
              std::span<const float> output);
  /// Core-seconds that making the samples took; in the file of the shard that is written next. Call it
  /// before the append() of those samples.
  void add_cost(double core_s) { cost_core_s_ += core_s; }
  /// Writes what is collected as a shard, if there is any.
  void flush();

 private:
  std::filesystem::path directory_;
  PairInfo info_;
  core::Provenance provenance_;
  long long shard_;
  std::vector<long long> index_;
  std::vector<std::uint8_t> splits_;
  std::vector<float> inputs_, outputs_;
  double cost_core_s_ = 0;
};

/// Numbers of the samples that `directory` already holds, ascending; empty where there is none. UserError
/// when a shard there is damaged, of another `info`, or was made by another deck (its hash differs).
std::vector<long long> finished_samples(const std::filesystem::path& directory,
                                        const PairInfo& info, const std::string& deck_hash);

/// Core-seconds that making the samples of `directory` took, by its shards; 0 where there is none. UserError
/// where one is damaged.
double cost_of_samples(const std::filesystem::path& directory);

/// Removes the shards of `directory`; other files stay. One process does it. UserError where a file cannot
/// be removed.
void remove_samples(const std::filesystem::path& directory);

/// Samples in memory, ascending by number.
struct PairDataset {
  PairInfo info;
  std::vector<long long> index;  ///< [sample]
  std::vector<Split> split;      ///< [sample]
  std::vector<float> inputs;     ///< [sample, input...]
  std::vector<float> outputs;    ///< [sample, output...]
  double cost_core_s = 0;        ///< that making all samples of the directory took
  std::string hash;  ///< first 16 hex digits of SHA-256 over info, numbers, splits and values
  long long samples() const { return static_cast<long long>(index.size()); }
  std::vector<long long> of(Split s) const;  ///< positions [0, samples()) of that split's samples
  std::span<const float> input(long long n) const;   ///< [input.count()], n: position
  std::span<const float> output(long long n) const;  ///< [output.count()]
};

/// All shards of a directory, in memory (5 x 250 x 70 and 70 x 70 numbers: 0.37 MB a sample). Not
/// collective. UserError when there is none, one is damaged or of another layout than the first, a sample
/// is there twice, or a value is not finite.
PairDataset read_pairs(const std::filesystem::path& directory);

/// The same pairs the other way round: what was input becomes output. (A forward operator learns from the
/// files of an inversion.)
PairDataset swapped(PairDataset data);

}  // namespace understudy::surrogates
