// Files of pairs, for the code that writes and reads them (pair_dataset.hpp has the layout).
#pragma once

#include <span>
#include <string>

#include "mesh/io/hdf5_file.hpp"
#include "surrogates/arrays/pair_dataset.hpp"

namespace understudy::surrogates {

inline constexpr const char* pairs_kind = "understudy_pairs";

/// UserError where a side has no shape, a length below 1, other numbers of axes and names, a mirrored axis
/// that it has not, or a range that is none.
void require_valid(const PairInfo& info);

/// UserError naming `where`, the place and the sample of the first value that is not finite.
void require_finite(std::span<const float> values, const ArrayInfo& side, const std::string& where,
                    long long sample);

/// First 16 hex digits of SHA-256 over names, shapes, numbers, splits and values.
std::string hash_of(const PairDataset& data);

void write_pair_info(mesh::Hdf5File& file, const PairInfo& info);
/// UserError where the file holds no pairs or is damaged.
PairInfo read_pair_info(const mesh::Hdf5File& file);
/// UserError naming `where` and the first difference.
void require_pairs(const PairInfo& expected, const PairInfo& found, const std::string& where);

}  // namespace understudy::surrogates
