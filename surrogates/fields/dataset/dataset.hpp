// Datasets of simulations as HDF5 files in the public layout of The Well (Ohana et al. 2024): one
// file a sample, <directory>/<split>/<sample>.hdf5 with splits train, valid and test, so that
// outside trainers read them and files of that layout train here.
//
//   /                    @dataset_name @grid_type=cartesian @n_spatial_dims @n_trajectories=1
//                        @simulation_parameters (names), one attribute for each, provenance.*
//   dimensions/          @spatial_dims=[x, y]; time [frames], x [nx], y [ny] (cell centres, m)
//   boundary_conditions/ <side>_<type>/ @bc_type (PERIODIC, WALL, OPEN) @kind, mask [n]
//   scalars/             one [1] a parameter, @units
//   t0_fields/           one a field and component, [1, frames, x, y] (fixed fields: [1, x, y]),
//                        @units @location @role
//   t1_fields/, t2_fields/ empty; of other programs' files vectors and tensors, their components the last axes
//   t1_fields/, t2_fields/ empty
//   (fields lie in chunks with a checksum: a frame where it takes 1 MiB or less, else blocks of it of no more)
//   cell_measures/cells  [x, y] m2 (m3) of each cell, @units; where cells are not alike (a sphere's, levels
//                        over terrain)
//   closing_faces/       staggered fields, axes that are not periodic: [1, frames, x, y] (1 there)
//
// Staggered fields keep their own places: value (i, j) of a field with location face_x lies on the
// lower-x face of cell (i, j); velocity components are therefore scalar fields u, v here and not
// one t1_fields vector. Nothing is interpolated, so that a run restarts from any frame. Values are
// float32, as The Well's are, or float64 if the writer's precision is double and `keep_precision`
// is set.
//
// On a cubed sphere @grid_type is cubed_sphere, with @radius_m; dimensions are [panel, y, x], y and x the angles
// beta and alpha of the cells' centres in a panel (radians), so that fields are [1, frames, panel, y, x]; the sides
// of the panels are joints (@bc_type PERIODIC, @kind joint). A tangent vector has three Cartesian components.
//
// A file is written under a temporary name and renamed when its sample is complete: a sample that
// is there is finished. Errors: core::UserError naming file, what was found and what was expected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/named_value.hpp"
#include "core/provenance.hpp"
#include "mesh/field.hpp"
#include "surrogates/network/flat_layout.hpp"
#include "surrogates/network/side_kind.hpp"

namespace understudy::mesh {
class Hdf5File;
}

namespace understudy::surrogates {

class SampleFiles;

/// What all samples of a dataset share.
struct DatasetInfo {
  std::string name;                     ///< "cylinder_wake"
  std::vector<mesh::FieldInfo> fields;  ///< prognostic and fixed ones (history is not kept)
  mesh::GridParams grid;
  SideKinds boundaries;
  double window_s = 0;          ///< time between frames
  bool keep_precision = false;  ///< float64 files from double states
};

/// One simulation.
struct SampleInfo {
  std::string name;             ///< "sample_003": the file's stem
  std::string split = "train";  ///< train, valid, test
  std::vector<NamedValue> parameters;
  long long frames = 0;         ///< states to be written, the first one included
  core::Provenance provenance;  ///< of this sample: its resolved deck, seed...
  double cost_core_s = 0;       ///< filled in by finish()
};

std::filesystem::path sample_path(const std::filesystem::path& directory, const SampleInfo& sample);

/// Whether a resolved deck that is written otherwise computes the same: before a key of today was there.
using SameDeck = std::function<bool(const std::string& deck)>;

/// True when the sample is there, complete, made by the same resolved deck and of the same frames:
/// it need not be simulated again. `same` is asked, on rank 0, where the decks' hashes differ; empty: they
/// decide. A file of the same name that does not fit is reported in the log and will be overwritten.
/// Collective over `comm`.
bool sample_is_complete(const std::filesystem::path& directory, const DatasetInfo& dataset,
                        const SampleInfo& sample, const core::Comm& comm,
                        const SameDeck& same = {});

/// Writes one sample, in parallel over the grid's ranks. If it is destroyed before finish(), the
/// temporary file is removed.
template <class Real>
class SampleWriter {
 public:
  SampleWriter(const std::filesystem::path& directory, const DatasetInfo& dataset,
               const SampleInfo& sample, std::shared_ptr<const mesh::Grid> grid);
  ~SampleWriter();
  SampleWriter(SampleWriter&&) noexcept;

  /// Appends a frame. Collective.
  void write(const mesh::State<Real>& state);
  /// Completes and renames the file. `cost_core_s`: wall time x ranks x threads that the simulation
  /// took (rank 0's counts, as its provenance does). UserError when fewer or more frames were written than announced. Collective.
  void finish(double cost_core_s);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads a dataset's directory. Every rank reads for itself (no call is collective). A call opens the file that it wants
/// and closes it, but for a reader that is keeping_open().
class DatasetReader {
 public:
  /// UserError when there is no sample, or a file is damaged or of another layout, fields or grid
  /// than the first.
  explicit DatasetReader(const std::filesystem::path& directory);

  /// The same for many calls: `most` files at most stay open until another one is wanted, or until it and its copies are
  /// gone. Its calls are one thread's at a time.
  DatasetReader keeping_open(std::size_t most = 8) const;
  /// The same data with every `stride`-th frame alone, the first one included: the window is so many times as long.
  /// UserError naming a sample that would keep fewer than two frames.
  DatasetReader every(long long stride) const;
  /// How often such a reader opened a file.
  long long files_opened() const;

  const std::filesystem::path& directory() const { return directory_; }
  const DatasetInfo& info() const { return info_; }
  const std::vector<SampleInfo>& samples() const { return samples_; }
  std::vector<int> samples_of(const std::string& split) const;
  /// First 16 hex digits of SHA-256 over layout, parameters and provenance of every sample.
  std::string hash() const;
  /// Core-seconds that making the samples took.
  double cost_core_s() const;

  /// UserError naming the first difference: field, unit, location, cells, box, window.
  void require(const DatasetInfo& expected) const;

  /// Channels of the prognostic (or fixed) fields in order of declaration, each component one
  /// channel.
  int channels(mesh::Role role) const;
  /// Frames [first, first + count) of the prognostic fields: [count, channel, (z,) y, x].
  std::vector<float> prognostic(int sample, long long first, long long count) const;
  /// Of a box of cells alone: [count, channel, (z,) y, x] of it. HDF5 reads the chunks that it touches as wholes.
  std::vector<float> prognostic(int sample, long long first, long long count,
                                const mesh::Range3& cells) const;
  /// Of them one channel of a box of cells, in their order: [count, (z,) y, x].
  std::vector<float> prognostic_channel(int sample, int channel, long long first, long long count,
                                        const mesh::Range3& cells) const;
  /// UserError where the sample's file is no longer the one that was opened: it is gone, or has another size or
  /// time of writing.
  void require_unchanged(int sample) const;
  /// Fixed fields: [channel, (z,) y, x].
  std::vector<float> fixed(int sample) const;
  std::vector<float> fixed(int sample, const mesh::Range3& cells) const;
  /// Of a sample's frame.
  double time_s(int sample, long long frame) const;
  /// What the cells of a sample measure, [(z,) y, x]; empty where they are alike. A cubed sphere's are known
  /// without the file's saying so.
  std::vector<double> cell_measures(int sample) const;
  /// Does the sample's file say it?
  bool has_measures(int sample) const;
  /// Their mesh::cell_weights(), of a box of cells: the file's whole is read, so many values at a time, once where it
  /// has no more.
  std::vector<float> cell_weights(int sample, const mesh::Range3& cells) const;
  static constexpr long long measures_at_once = 1 << 24;
  /// What it takes for a box of `own` of so many cells, where the file has measures: read as they lie there, and in
  /// order.
  static double measures_bytes(double cells, double own);
  /// All cells of the grid.
  mesh::Range3 all_cells() const;
  /// Where the prognostic values lie in `points()`.
  FlatLayout layout() const { return layout(all_cells()); }
  /// Of a box of cells alone, which has the closing faces where it ends with the grid.
  FlatLayout layout(const mesh::Range3& cells) const;
  /// Frames of the prognostic fields with their closing faces: [count, point] (flat_layout.hpp). Files
  /// without closing faces give the neighbouring value there.
  std::vector<float> points(int sample, long long first, long long count) const {
    return points(sample, first, count, all_cells());
  }
  std::vector<float> points(int sample, long long first, long long count,
                            const mesh::Range3& cells) const;
  /// Interior and closing faces of the fields that `state` shares with the dataset, and its time;
  /// ghosts are the stepper's to fill (constrain()). Works on any number of ranks.
  template <class Real>
  void read_state(int sample, long long frame, mesh::State<Real>& state) const;

 private:
  /// Where a sample lies: a file of several trajectories holds several samples.
  struct Place {
    std::filesystem::path file;
    std::uint64_t trajectory = 0;
    double start_s = 0;
    std::uintmax_t bytes = 0;  ///< of the file when it was opened
    std::filesystem::file_time_type written = {};
  };
  /// Where a channel lies in a file.
  struct Channel {
    std::string dataset;  ///< "t0_fields/u"
    std::string field;    ///< name of the channel's field
    mesh::Location location = mesh::Location::cell;
    mesh::Role role = mesh::Role::prognostic;
    int component = 0;  ///< component of the field
    std::vector<std::uint64_t> last =
        {};  ///< place on the axes behind those of space: of a vector one, of a tensor two
    bool sample_varying = true, time_varying = true;
  };
  void read_file_info(const std::filesystem::path& file, const std::string& split);
  void add_samples(const mesh::Hdf5File& file, const SampleInfo& of, double start_s);
  std::vector<double> read_measures(int sample, const mesh::Range3& cells) const;
  /// The closing face of a channel; an empty name where the file has none.
  Channel closing_of(int sample, const Channel& channel) const;
  template <class T>
  std::vector<T> read_block(int sample, const Channel& channel, long long first, long long count,
                            const mesh::Range3& block) const;
  /// The same from its file, which is open.
  struct Part {
    int sample = 0;
    long long first = 0, count = 1;
    mesh::Range3 block;
  };
  template <class T>
  std::vector<T> read_part(const mesh::Hdf5File& file, const Channel& channel,
                           const Part& part) const;
  std::shared_ptr<const mesh::Hdf5File> open(int sample) const;
  void require_frames(int sample, long long first, long long count) const;

  std::filesystem::path directory_;
  DatasetInfo info_;
  std::vector<SampleInfo> samples_;
  std::vector<Place> places_;
  std::vector<Channel> channels_;
  long long stride_ = 1;               ///< frames of a file from one of ours to the next
  std::shared_ptr<SampleFiles> kept_;  ///< nothing: files are opened for a call
};

extern template class SampleWriter<float>;
extern template class SampleWriter<double>;

}  // namespace understudy::surrogates
