// A small domain for the tests of surrogates: two fields carried by a constant velocity and
// diffused,
//     dq/dt + a . grad q = d lap q,
// second-order Adams-Bashforth, central differences. `q` lies at cells, `f` at x faces; `mask` is
// fixed and `q_rate`, `f_rate` are the scheme's history. Sides: all periodic, or inflow at x_lower
// (value 1) and an open side at x_upper.
#pragma once

#include <Kokkos_Core.hpp>
#include <cmath>
#include <filesystem>
#include <memory>
#include <numbers>
#include <string>
#include <utility>

#include "core/provenance.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/halo.hpp"
#include "mesh/loops.hpp"
#include "solvers/stepper.hpp"
#include "surrogates/fields/dataset/dataset.hpp"
#include "surrogates/fields/model.hpp"

namespace understudy::tests {

template <class Real>
void carry_rate(const mesh::BoxGrid& grid, const mesh::Range3& r, const mesh::Array3<Real>& q,
                const mesh::Array3<Real>& rate, const mesh::Array3<Real>& old, Real ax, Real ay,
                Real d) {
  const Real hx = static_cast<Real>(1 / grid.spacing(0)),
             hy = static_cast<Real>(1 / grid.spacing(1));
  (void)old;
  mesh::for_cells(
      "carry rate", r, KOKKOS_LAMBDA(int k, int j, int i) {
        rate(k, j, i) = -ax * Real(0.5) * hx * (q(k, j, i + 1) - q(k, j, i - 1)) -
                        ay * Real(0.5) * hy * (q(k, j + 1, i) - q(k, j - 1, i)) +
                        d * (hx * hx * (q(k, j, i + 1) - 2 * q(k, j, i) + q(k, j, i - 1)) +
                             hy * hy * (q(k, j + 1, i) - 2 * q(k, j, i) + q(k, j - 1, i)));
      });
}

template <class Real>
void carry_update(const mesh::Range3& r, const mesh::Array3<Real>& q,
                  const mesh::Array3<Real>& rate, const mesh::Array3<Real>& old, Real dt,
                  Real weight_old) {
  mesh::for_cells(
      "carry update", r, KOKKOS_LAMBDA(int k, int j, int i) {
        const Real now = rate(k, j, i);
        q(k, j, i) += dt * ((1 + weight_old) * now - weight_old * old(k, j, i));
        old(k, j, i) = now;
      });
}

template <class Real>
void fill_sides(const mesh::Grid& grid, const mesh::Array3<Real>& q, mesh::Location location) {
  const mesh::Range3 points = grid.points(location);
  for (int side = 0; side < 2; ++side) {
    if (!grid.at_boundary(side)) continue;
    mesh::Range3 r = grid.everything();
    const bool upper = side == 1;
    if (upper)
      r.begin[0] = points.end[0];
    else
      r.end[0] = points.begin[0] + (mesh::staggered(location, 0) ? 1 : 0);
    const int from = points.end[0] - 1;
    mesh::for_cells(
        "carry sides", r,
        KOKKOS_LAMBDA(int k, int j, int i) { q(k, j, i) = upper ? q(k, j, from) : Real(1); });
  }
}

template <class Real>
class Carrier : public solvers::Stepper<Real> {
 public:
  Carrier(std::shared_ptr<const mesh::Grid> grid, double speed_m_s = 1, double diffusivity = 2e-3)
      : grid_(mesh::as_box(grid, "the carrier")),
        halo_(grid_),
        speed_(speed_m_s),
        diffusivity_(diffusivity) {
    rate_ = mesh::Array3<Real>("rate", grid_->extent(2), grid_->extent(1), grid_->extent(0));
  }

  std::string name() const override { return "carrier"; }
  std::shared_ptr<const mesh::Grid> grid() const override { return grid_; }
  std::vector<mesh::FieldInfo> fields() const override {
    using mesh::Location;
    using mesh::Role;
    return {
        {.name = "q", .unit = "K", .description = "carried quantity"},
        {.name = "f",
         .unit = "m/s",
         .location = Location::face_x,
         .description = "carried at faces"},
        {.name = "mask", .unit = "1", .role = Role::fixed, .description = "constant"},
        {.name = "q_rate", .unit = "K/s", .role = Role::history},
        {.name = "f_rate", .unit = "m/s2", .location = Location::face_x, .role = Role::history}};
  }
  double stable_dt(const mesh::State<Real>&) override { return 0.2 * grid_->spacing(0) / speed_; }

  solvers::AdvanceReport advance(mesh::State<Real>& state, double duration_s) override {
    const int steps = static_cast<int>(std::ceil(duration_s / stable_dt(state)));
    const Real dt = static_cast<Real>(duration_s / steps);
    for (int n = 0; n < steps; ++n) {
      const bool first = !state.scalars.count("has_history");
      for (const std::string name : {"q", "f"}) {
        const auto& field = state[name];
        const auto r = grid_->interior();
        const auto old = state[name + "_rate"].component();
        carry_rate<Real>(*grid_, r, field.component(), rate_, old, speed_, 0.5 * speed_,
                         diffusivity_);
        carry_update<Real>(r, field.component(), rate_, old, dt, first ? Real(0) : Real(0.5));
      }
      state.scalars["has_history"] = 1;
      fill(state);
      ++state.step;
    }
    ++advances;
    solvers::AdvanceReport report;
    report.steps = steps;
    report.cell_updates = 1.0 * steps * grid_->global_cell_count();
    return report;
  }

  std::vector<solvers::Diagnostic> diagnostics(const mesh::State<Real>& state) override {
    const auto q = state["q"].component();
    const double mine = mesh::sum_cells(
        "mass", grid_->interior(),
        KOKKOS_LAMBDA(int k, int j, int i) { return static_cast<double>(q(k, j, i)); });
    return {{"carrier.mass", "K m2", grid_->comm().sum(mine) * grid_->cell_volume(),
             solvers::DiagnosticKind::conserved}};
  }

  void constrain(mesh::State<Real>& state) override {
    state.scalars.erase("has_history");
    for (const std::string name : {"q_rate", "f_rate"})
      Kokkos::deep_copy(state[name].data, Real(0));
    fill(state);
    ++constrained;
  }

  std::vector<std::string> derived_names() const override { return {"double_q"}; }
  mesh::CellField<Real> derive(const mesh::State<Real>& state, const std::string& name) override {
    if (name != "double_q") return solvers::Stepper<Real>::derive(state, name);
    mesh::Array3<Real> twice("double_q", rate_.extent(0), rate_.extent(1), rate_.extent(2));
    const auto q = state["q"].component();
    mesh::for_cells(
        "twice", grid_->interior(),
        KOKKOS_LAMBDA(int k, int j, int i) { twice(k, j, i) = 2 * q(k, j, i); });
    return {"double_q", "K", twice};
  }

  /// Waves whose phase is set by `phase`.
  void initialise(mesh::State<Real>& state, double phase) {
    const double lx = grid_->upper(0) - grid_->lower(0), ly = grid_->upper(1) - grid_->lower(1);
    for (const std::string name : {"q", "f", "mask"}) {
      const auto& field = state[name];
      const auto host = Kokkos::create_mirror_view(field.component());
      const auto r = grid_->everything();
      for (int k = 0; k < r.end[2]; ++k)
        for (int j = 0; j < r.end[1]; ++j)
          for (int i = 0; i < r.end[0]; ++i) {
            const double x = grid_->coordinate(field.info.location, 0, i) / lx;
            const double y = grid_->coordinate(field.info.location, 1, j) / ly;
            const double tau = 2 * std::numbers::pi;
            host(k, j, i) = static_cast<Real>(
                name == "mask" ? 1
                               : (name == "f" ? 0.5 : 1) +
                                     std::sin(tau * (x + phase)) * std::cos(tau * (y - phase)) +
                                     0.3 * std::sin(tau * (2 * x - y) + 5 * phase));
          }
      Kokkos::deep_copy(field.component(), host);
    }
    fill(state);
  }

  long long advances = 0, constrained = 0;

 private:
  void fill(mesh::State<Real>& state) {
    fill_sides(*grid_, state["q"].component(), mesh::Location::cell);
    fill_sides(*grid_, state["f"].component(), mesh::Location::face_x);
    halo_.exchange({state["q"].component(), state["f"].component()});
    Kokkos::fence("filled");
  }

  std::shared_ptr<const mesh::BoxGrid> grid_;
  mesh::Halo<Real> halo_;
  double speed_, diffusivity_;
  mesh::Array3<Real> rate_;
};

inline constexpr double window_s = 0.05;

inline mesh::GridParams carrier_grid_params(int nx = 24, int ny = 16) {
  mesh::GridParams params;
  params.lower_m = {0, 0};
  params.upper_m = {1.5, 1};
  params.cells = {nx, ny};
  return params;
}

inline surrogates::SideKinds carrier_boundaries(bool periodic) {
  using surrogates::SideKind;
  if (periodic) return {4, SideKind::periodic};
  return {SideKind::inflow, SideKind::open, SideKind::periodic, SideKind::periodic};
}

inline std::shared_ptr<const mesh::BoxGrid> carrier_grid(bool periodic, const core::Comm& comm,
                                                         int nx = 24, int ny = 16) {
  return std::make_shared<const mesh::BoxGrid>(carrier_grid_params(nx, ny),
                                               std::array<bool, 3>{periodic, true, true}, comm);
}

inline surrogates::DatasetInfo carrier_dataset(bool periodic,
                                               const std::vector<mesh::FieldInfo>& fields) {
  surrogates::DatasetInfo info;
  info.name = "carrier";
  info.fields = fields;
  std::erase_if(info.fields, [](const auto& f) { return f.role == mesh::Role::history; });
  info.grid = carrier_grid_params();
  info.boundaries = carrier_boundaries(periodic);
  info.window_s = window_s;
  return info;
}

inline surrogates::SampleInfo carrier_sample(int n, const std::string& split, long long frames) {
  surrogates::SampleInfo sample;
  sample.name = "sample_" + std::to_string(n);
  sample.split = split;
  sample.parameters = {{"carrier.speed", "m/s", 1.0 + 0.1 * n}};
  sample.frames = frames;
  sample.provenance.version = "test";
  sample.provenance.deck = "speed: " + std::to_string(n);
  sample.provenance.deck_hash = "hash" + std::to_string(n);
  return sample;
}

/// Simulates and writes one sample on a grid of carrier_grid_params(); returns its last state.
template <class Real>
mesh::State<Real> write_sample_on(const std::filesystem::path& directory,
                                  std::shared_ptr<const mesh::Grid> grid, bool periodic, int n,
                                  const std::string& split, long long frames) {
  Carrier<Real> stepper(std::move(grid), 1.0 + 0.1 * n);
  mesh::State<Real> state(stepper.grid(), stepper.fields());
  stepper.initialise(state, 0.13 * n);
  const auto sample = carrier_sample(n, split, frames);
  surrogates::SampleWriter<Real> writer(directory, carrier_dataset(periodic, stepper.fields()),
                                        sample, stepper.grid());
  for (long long frame = 0; frame < frames; ++frame) {
    if (frame > 0) {
      stepper.advance(state, window_s);
      state.time_s = window_s * static_cast<double>(frame);
    }
    writer.write(state);
  }
  writer.finish(2.5);
  return state;
}

template <class Real>
mesh::State<Real> write_sample(const std::filesystem::path& directory, bool periodic, int n,
                               const std::string& split, long long frames, const core::Comm& comm) {
  return write_sample_on<Real>(directory, carrier_grid(periodic, comm), periodic, n, split, frames);
}

/// An empty folder of that name in the working directory; the same on all ranks. Collective: no
/// rank may still read in the old one, so they meet before it goes.
inline std::filesystem::path fresh_folder(const std::string& name, const core::Comm& comm) {
  comm.barrier();
  const auto path =
      std::filesystem::current_path() / (name + "_" + std::to_string(comm.size()) + "_ranks");
  if (comm.is_root()) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  comm.barrier();
  return path;
}

template <class Call>
std::string error_text(const Call& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}

/// Largest difference of the interiors (closing faces included) of a field.
template <class Real>
double largest_difference(const mesh::State<Real>& a, const mesh::State<Real>& b,
                          const std::string& field) {
  const auto x = a[field].component(), y = b[field].component();
  const double mine = mesh::max_cells(
      "difference", a.grid().points(a[field].info.location), KOKKOS_LAMBDA(int k, int j, int i) {
        return Kokkos::abs(static_cast<double>(x(k, j, i)) - static_cast<double>(y(k, j, i)));
      });
  return a.grid().comm().max(mine);
}

}  // namespace understudy::tests
