// The deck's sections `compare` and `contenders`: which case, beside what.
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"

namespace understudy::apps {

/// Another model on the same data: settings ("key=value") of the network and training sections over the
/// deck's own.
struct ContenderParams {
  std::string name;
  std::vector<std::string> settings;
  void describe(core::ParamVisitor& v);
};

struct SettingParams {
  std::string key;
  double value = 0;
  void describe(core::ParamVisitor& v);
};

/// Mean and variance along an axis, over time and the other axes.
struct ProfilesParams {
  std::string axis;   ///< x, y, z; empty: none
  double from_s = 0;  ///< after the common start
  void describe(core::ParamVisitor& v);
  /// 0, 1, 2; < 0: none.
  int index() const { return axis.empty() ? -1 : static_cast<int>(axis[0] - 'x'); }
};

struct CompareParams {
  std::vector<SettingParams> parameters;  ///< the case: keys set for the comparison
  bool allow_trained = false;
  double spin_up_s = 0;
  int windows = 60;
  int warm_up_windows = 2;
  int block_windows = 10;
  int repeats = 5;
  std::vector<long long> coarser{2, 4};  ///< classical runs with cells / factor
  /// Spectral runs with cells / factor, where the app has such a method (Physics::spectral_settings).
  std::vector<long long> spectral{4, 6, 8, 12, 16};
  std::vector<std::string> looser{"auto"};  ///< settings of classical runs; auto: the app's own
  std::vector<std::string> pictures;
  int picture_count = 4;
  int spectra_every = 0;
  ProfilesParams profiles;
  std::string correlation;              ///< field or derived quantity; empty: none
  bool truth_error = false;             ///< one more run, at twice the resolution
  std::vector<std::string> statistics;  ///< diagnostics whose mean and deviation are compared
  std::string equal = "error";          ///< or correlation_0.95, statistics...
  void describe(core::ParamVisitor& v);
};

}  // namespace understudy::apps
