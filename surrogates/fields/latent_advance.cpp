#include "surrogates/fields/latent_advance.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/timers.hpp"
#include "mesh/cell_measure.hpp"
#include "surrogates/fields/latent_kernels.hpp"
#include "surrogates/fields/latent_projection.hpp"
#include "surrogates/network/latent_host.hpp"
#include "surrogates/network/torch_pod.hpp"

namespace understudy::surrogates {

namespace {

// A sensor on this rank: where it is, and which one.
struct LocalSensor {
  int index, k, j, i;
};

using SensorView = Kokkos::View<LocalSensor*, mesh::Memory>;

template <class Real>
void read_sensors(const mesh::Array3<Real>& field, const SensorView& sensors,
                  const Coordinates& values) {
  Kokkos::parallel_for(
      "latent sensors", Kokkos::RangePolicy<mesh::Exec>(0, static_cast<int>(sensors.extent(0))),
      KOKKOS_LAMBDA(int n) {
        const LocalSensor s = sensors(n);
        values(s.index) = static_cast<float>(field(s.k, s.j, s.i));
      });
}

// The block of a channel's points that this rank owns: global begin and local indices.
struct Block {
  mesh::Range3 local;
  std::array<long long, 3> begin{0, 0, 0};
};

Block owned(const mesh::Grid& grid, const ChannelPoints& channel) {
  Block block{grid.interior(), {}};
  for (int axis = 0; axis < 3; ++axis) {
    block.begin[axis] = grid.offset(axis);
    const bool closing = channel.points[axis] > grid.global_cells(axis);
    if (closing && grid.at_boundary(2 * axis + 1)) ++block.local.end[axis];
  }
  return block;
}

}  // namespace

template <class Real>
struct LatentAdvance<Real>::Impl {
  ModelCard card;
  std::shared_ptr<Network> network;
  std::shared_ptr<const mesh::Grid> grid;
  std::vector<BlockModes> channels;
  std::vector<SensorView> sensors;               ///< [channel]
  std::vector<std::int64_t> chosen;              ///< sensors
  DenseLayer encoder, expected;                  ///< values at the sensors -> c -> values
  std::vector<float> x, back;                    ///< the sensors' normalised values
  std::vector<float> sensor_mean, sensor_scale;  ///< physical = mean + scale * normalised
  LatentHostMap map;
  float unit = 1;
  Coordinates sensor_values, coordinates;
  Kokkos::View<float**, Kokkos::LayoutRight, mesh::Memory> partial;
  ProjectionWeight weight;
  std::vector<double> inverse_gram;  ///< [mode, mode] in the run's own weights; empty: the identity
  long long projections = 0;

  const PodArchitecture& pod() const {
    return static_cast<const PodArchitecture&>(*network->impl().architecture);
  }

  Impl(const FieldModel& model, std::shared_ptr<const mesh::Grid> g,
       const std::vector<double>& parameters)
      : card(model.card), network(model.network), grid(std::move(g)) {
    const auto w = slices(network->impl().flat, network->impl().specs);
    unit = w[PodArchitecture::unit].item<float>();
    const std::vector<float> told(parameters.begin(), parameters.end());
    map = host_map(pod().map(), {w.begin() + PodArchitecture::map_first, w.end()}, told);
    const at::Tensor mean = w[PodArchitecture::mean].contiguous();
    const RoundedModes rounded =
        round_modes(w[PodArchitecture::modes], pod().points(), strong_modes());
    int most_rows = 1;
    for (std::size_t n = 0; n < card.fields.size(); ++n) {
      channels.push_back(take_channel(n, mean, rounded));
      most_rows = std::max(most_rows, static_cast<int>(channels.back().mean.extent(0)));
    }
    place_sensors(mean, rounded.values());
    const int size = pod().map().size;
    coordinates = Coordinates("latent coordinates", size);
    partial = decltype(partial)("latent partial sums", most_rows, size);
    set_weights();
  }

  // Where cells are not alike the modes are orthonormal in the training's weights, and to rounding.
  void set_weights() {
    const mesh::CellMeasure measure = grid->cell_measure();
    if (measure.uniform()) return;
    weight.measure = measure.of_each;
    for (int axis = 0; axis < 3; ++axis) weight.last[axis] = grid->interior().end[axis] - 1;
    const double mean =
        mesh::weight_of_cells(*grid) / static_cast<double>(grid->global_cell_count());
    weight.all = static_cast<float>(1 / mean);
    std::vector<double> stds;
    for (std::size_t n = 0; n < channels.size(); ++n) stds.push_back(card.fields[n].std);
    inverse_gram = inverse_of_gram(channels, stds, weight, grid->comm());
  }

  // The modes come in order of their spread.
  std::int64_t strong_modes() const {
    constexpr float weak = 1.0F / 16;
    return std::ranges::count_if(map.scale, [](float spread) { return spread >= weak; });
  }

  // This rank's part of one channel, in physical units.
  BlockModes take_channel(std::size_t n, const at::Tensor& mean, const RoundedModes& modes) const {
    const ChannelPoints& points = pod().points().channels[n];
    const Block block = owned(*grid, points);
    const mesh::Range3& r = block.local;
    const int rows = r.size(1) * r.size(2), count = pod().map().size;
    const int strong = static_cast<int>(modes.strong);
    BlockModes channel{r, StrongModes("latent modes", rows, strong, r.size(0)),
                       WeakModes("latent weak modes", rows, count - strong, r.size(0)),
                       RowMean("latent scales", rows, count),
                       RowMean("latent mean", rows, r.size(0))};
    const auto host_strong = Kokkos::create_mirror_view(channel.strong);
    const auto host_weak = Kokkos::create_mirror_view(channel.weak);
    const auto host_scale = Kokkos::create_mirror_view(channel.scale);
    const auto host_mean = Kokkos::create_mirror_view(channel.mean);
    const float* from_mean = mean.const_data_ptr<float>();
    const FieldCard& field = card.fields[n];
    const auto std = static_cast<float>(field.std);
    for (int row = 0; row < rows; ++row) {
      const long long k = block.begin[2] + row / r.size(1), j = block.begin[1] + row % r.size(1);
      const long long start =
          points.offset + (k * points.points[1] + j) * points.points[0] + block.begin[0];
      for (int i = 0; i < r.size(0); ++i)
        host_mean(row, i) = static_cast<float>(field.mean + field.std * from_mean[start + i]);
      const long long global_row = modes.first_row[n] + k * points.points[1] + j;
      for (int m = 0; m < count; ++m) {
        host_scale(row, m) = std * modes.scales[m * modes.rows + global_row];
        const std::int16_t* from = modes.integers.data() + m * modes.points + start;
        for (int i = 0; i < r.size(0); ++i) {
          if (m < strong)
            host_strong(row, m, i) = from[i];
          else
            host_weak(row, m - strong, i) = static_cast<std::int8_t>(from[i]);
        }
      }
    }
    Kokkos::deep_copy(channel.strong, host_strong);
    Kokkos::deep_copy(channel.weak, host_weak);
    Kokkos::deep_copy(channel.scale, host_scale);
    Kokkos::deep_copy(channel.mean, host_mean);
    return channel;
  }

  void place_sensors(const at::Tensor& mean, const at::Tensor& modes) {
    constexpr std::int64_t oversampling = 4;
    const PodSensors sensor = choose_sensors(modes, oversampling * pod().map().size);
    chosen = sensor.points;
    const auto count = static_cast<int>(chosen.size());
    encoder = DenseLayer(floats_of(sensor.encoder), {}, count);
    expected = DenseLayer(floats_of(sensor.modes.t().contiguous()), {}, pod().map().size);
    sensor_values = Coordinates("latent sensor values", chosen.size());
    std::vector<std::vector<LocalSensor>> mine(card.fields.size());
    for (std::size_t s = 0; s < chosen.size(); ++s) {
      std::size_t n = card.fields.size() - 1;
      while (chosen[s] < pod().points().channels[n].offset) --n;
      const ChannelPoints& points = pod().points().channels[n];
      const long long inside = chosen[s] - points.offset;
      const std::array<long long, 3> global{inside % points.points[0],
                                            inside / points.points[0] % points.points[1],
                                            inside / points.points[0] / points.points[1]};
      const Block block = owned(*grid, points);
      std::array<int, 3> local{};
      bool here = true;
      for (int axis = 0; axis < 3; ++axis) {
        local[axis] = block.local.begin[axis] + static_cast<int>(global[axis] - block.begin[axis]);
        here &= local[axis] >= block.local.begin[axis] && local[axis] < block.local.end[axis];
      }
      if (here) mine[n].push_back({static_cast<int>(s), local[2], local[1], local[0]});
      const FieldCard& field = card.fields[n];
      sensor_scale.push_back(static_cast<float>(field.std));
      sensor_mean.push_back(
          static_cast<float>(field.mean + field.std * mean.const_data_ptr<float>()[chosen[s]]));
    }
    for (const auto& list : mine) {
      SensorView view("latent sensors", list.size());
      const auto host = Kokkos::create_mirror_view(view);
      for (std::size_t s = 0; s < list.size(); ++s) host(s) = list[s];
      Kokkos::deep_copy(view, host);
      sensors.push_back(view);
    }
  }

  // Coordinates c of the modes from a few points; false when the state is not in their span.
  bool from_sensors(const mesh::State<Real>& state, std::vector<float>& c) {
    Kokkos::deep_copy(sensor_values, 0.0F);
    for (std::size_t n = 0; n < channels.size(); ++n)
      read_sensors(state[card.fields[n].name].component(card.fields[n].component), sensors[n],
                   sensor_values);
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), sensor_values);
    if (grid->comm().size() > 1) grid->comm().sum(std::span<float>(host.data(), host.extent(0)));
    x.resize(host.extent(0));
    for (std::size_t s = 0; s < x.size(); ++s) x[s] = (host(s) - sensor_mean[s]) / sensor_scale[s];
    encoder.apply(x, c);
    expected.apply(c, back);
    double miss = 0, size = 0;
    for (std::size_t s = 0; s < x.size(); ++s) {
      miss += (back[s] - x[s]) * (back[s] - x[s]);
      size += x[s] * x[s];
    }
    return miss <= in_span * in_span * size;
  }

  void from_everything(const mesh::State<Real>& state, std::vector<float>& c) {
    ++projections;
    const int size = pod().map().size;
    std::vector<double> sums(size, 0);
    for (std::size_t n = 0; n < channels.size(); ++n) {
      const FieldCard& field = card.fields[n];
      // Modes in physical units carry the standard deviation once, the field's difference too.
      ProjectionWeight by = weight;
      by.all *= static_cast<float>(1 / (field.std * field.std));
      project_rows(state[field.name].component(field.component), channels[n], by, partial);
      const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), partial);
      for (std::size_t row = 0; row < channels[n].mean.extent(0); ++row)
        for (int m = 0; m < size; ++m) sums[m] += host(row, m);
    }
    grid->comm().sum(std::span<double>(sums));
    c.assign(sums.begin(), sums.end());
    if (inverse_gram.empty()) return;
    for (int m = 0; m < size; ++m) {
      double value = 0;
      for (int n = 0; n < size; ++n) value += inverse_gram[m * size + n] * sums[n];
      c[m] = static_cast<float>(value);
    }
  }

  // In units of the first mode's spread.
  std::vector<float> coordinates_of(const mesh::State<Real>& state) {
    const core::ScopedTimer region("encode");
    std::vector<float> z;
    if (!from_sensors(state, z)) from_everything(state, z);
    for (float& value : z) value /= unit;
    return z;
  }

  void decode(const std::vector<float>& z, mesh::State<Real>& state) {
    const core::ScopedTimer region("decode");
    const auto host = Kokkos::create_mirror_view(coordinates);
    for (std::size_t m = 0; m < host.extent(0); ++m) host(m) = z[m] * unit;
    Kokkos::deep_copy(coordinates, host);
    for (std::size_t n = 0; n < channels.size(); ++n)
      decode_channel(state[card.fields[n].name].component(card.fields[n].component), channels[n],
                     coordinates);
    Kokkos::fence("decoded");
  }
};

template <class Real>
LatentAdvance<Real>::LatentAdvance(const FieldModel& model, std::shared_ptr<const mesh::Grid> grid,
                                   const std::vector<double>& parameters)
    : impl_(std::make_unique<Impl>(model, std::move(grid), parameters)) {}

template <class Real>
LatentAdvance<Real>::~LatentAdvance() = default;

template <class Real>
void LatentAdvance<Real>::advance(mesh::State<Real>& state) {
  std::vector<float> z = impl_->coordinates_of(state);
  {
    const core::ScopedTimer region("network");
    impl_->map.step(z);
  }
  impl_->decode(z, state);
}

template <class Real>
std::vector<float> LatentAdvance<Real>::encode(const mesh::State<Real>& state) {
  return impl_->coordinates_of(state);
}

template <class Real>
long long LatentAdvance<Real>::projections() const {
  return impl_->projections;
}

template class LatentAdvance<float>;
template class LatentAdvance<double>;

}  // namespace understudy::surrogates
