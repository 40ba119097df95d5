// Trajectories that are read and not computed, as a Stepper: to advance is to read the frame of the new time. There
// are no equations: it has no diagnostics, and constrain() fills ghosts alone.
//
// Taken are uniform boxes, 2-D and 3-D, of the layout of The Well (surrogates/fields/dataset/dataset.hpp), this
// program's own datasets among them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mesh/halo.hpp"
#include "solvers/stepper.hpp"
#include "surrogates/fields/dataset/dataset.hpp"

namespace understudy::apps {

/// The dataset's grid over the ranks of `comm`. UserError for spheres, boxes of one axis and cells that do not measure
/// alike, and as BoxGrid. Collective.
std::shared_ptr<const mesh::Grid> grid_of(const surrogates::DatasetReader& data,
                                          const core::Comm& comm);

/// What a component is called: "density", of vectors "velocity_x", "velocity_y"; beyond three "q_0"...
std::string component_name(const mesh::FieldInfo& field, int component);
/// The names of all channels of that role, in order.
std::vector<std::string> channel_names(const std::vector<mesh::FieldInfo>& fields, mesh::Role role);
/// The state at cell centres, under these names.
std::vector<mesh::CellField<float>> shown_fields(const mesh::State<float>& state);

/// "3 test (36 frames)"
std::string frames_text(const surrogates::DatasetReader& data, const std::string& split);

class Recorded : public solvers::Stepper<float> {
 public:
  /// `data` outlives it.
  Recorded(const surrogates::DatasetReader& data, std::shared_ptr<const mesh::Grid> grid,
           int sample);

  std::string name() const override { return "recorded"; }
  std::shared_ptr<const mesh::Grid> grid() const override { return grid_; }
  std::vector<mesh::FieldInfo> fields() const override { return data_.info().fields; }
  double stable_dt(const mesh::State<float>&) override { return data_.info().window_s; }
  /// Reads the frame nearest to the new time. UserError where there is none.
  solvers::AdvanceReport advance(mesh::State<float>& state, double duration_s) override;
  std::vector<solvers::Diagnostic> diagnostics(const mesh::State<float>&) override { return {}; }
  void constrain(mesh::State<float>& state) override;
  /// The state of a frame, its time included.
  void read(long long frame, mesh::State<float>& state);

 private:
  const surrogates::DatasetReader& data_;
  std::shared_ptr<const mesh::Grid> grid_;
  int sample_;
  mesh::Halo<float> halo_;
};

}  // namespace understudy::apps
