#include "pinn/classical_methods/finite_differences.hpp"

#include <algorithm>

namespace understudy::pinn {

namespace {

using Row = std::vector<double>;

// -c u_x, coefficients of sixth order.
void slope(const AdvectionRun& run, const Row& u, Row& out) {
  const std::size_t n = u.size();
  const double h = run.length / double(n);
  const auto at = [&](std::size_t i, std::size_t shift) {
    return u[(i + shift) % n] - u[(i + n - shift) % n];
  };
  for (std::size_t i = 0; i < n; ++i)
    out[i] = -run.speed / h * (0.75 * at(i, 1) - 0.15 * at(i, 2) + at(i, 3) / 60);
}

// Values on a box with zeros on its sides, with odd images beyond them: exact for waves between them.
class Box {
 public:
  explicit Box(const WaveRun& run)
      : nodes_(run.cells + 1),
        rows_(run.axes > 1 ? run.cells + 1 : 1),
        scale_(run.speed * run.cells) {
    scale_ *= scale_;
  }
  std::size_t size() const { return std::size_t(nodes_) * std::size_t(rows_); }
  // c^2 times the Laplacian, sixth order.
  void laplacian(const Row& u, Row& out) const {
    std::fill(out.begin(), out.end(), 0.0);
    for (int j = 0; j < rows_; ++j) {
      if (rows_ > 1 && (j == 0 || j == rows_ - 1)) continue;
      for (int i = 1; i + 1 < nodes_; ++i) {
        const auto here = std::size_t(i + nodes_ * j);
        out[here] = along(u, std::size_t(nodes_ * j), 1, i);
        if (rows_ > 1) out[here] += along(u, std::size_t(i), std::size_t(nodes_), j);
        out[here] *= scale_;
      }
    }
  }

 private:
  double along(const Row& u, std::size_t first, std::size_t stride, int i) const {
    const auto at = [&](int n) {
      const int last = nodes_ - 1;
      if (n < 0) return -u[first + stride * std::size_t(-n)];
      if (n > last) return -u[first + stride * std::size_t(2 * last - n)];
      return u[first + stride * std::size_t(n)];
    };
    return -49.0 / 18 * at(i) + 1.5 * (at(i - 1) + at(i + 1)) - 0.15 * (at(i - 2) + at(i + 2)) +
           (at(i - 3) + at(i + 3)) / 90;
  }
  int nodes_, rows_;
  double scale_;
};

}  // namespace

UniformSamples advect(const AdvectionRun& run) {
  constexpr int keep = 256;
  const auto n = std::size_t(run.points);
  const auto [steps, interval] = keep_steps(run.steps, keep);
  const double dt = run.end / steps;
  UniformSamples samples;
  samples.axes[0] = {0, run.length / run.points, run.points, true};
  samples.axes[1] = {0, dt * interval, steps / interval + 1};
  Row u(n), k(n), stage(n), sum(n);
  for (std::size_t i = 0; i < n; ++i) u[i] = run.initial(run.length * double(i) / double(n));
  samples.values = u;
  for (int step = 1; step <= steps; ++step) {
    sum = stage = u;
    constexpr std::array<double, 4> next = {0.5, 0.5, 1, 0};
    constexpr std::array<double, 4> weight = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6};
    for (std::size_t s = 0; s < 4; ++s) {
      slope(run, stage, k);
      for (std::size_t i = 0; i < n; ++i) {
        sum[i] += dt * weight[s] * k[i];
        stage[i] = u[i] + dt * next[s] * k[i];
      }
    }
    u = sum;
    if (step % interval == 0) samples.values.insert(samples.values.end(), u.begin(), u.end());
  }
  return samples;
}

UniformSamples propagate(const WaveRun& run) {
  const Box box(run);
  const int keep = run.axes > 1 ? 64 : 256;
  const auto [steps, interval] = keep_steps(run.steps, keep);
  const double h = 1.0 / run.cells, dt = run.end / steps, dt2 = dt * dt;
  UniformSamples samples;
  samples.axes[0] = {0, h, run.cells + 1};
  if (run.axes > 1) samples.axes[1] = samples.axes[0];
  samples.axes[std::size_t(run.axes)] = {0, dt * interval, steps / interval + 1};
  Row u(box.size()), before(box.size()), l(box.size()), ll(box.size());
  const int rows = run.axes > 1 ? run.cells : 1;  // the last row and column stay 0
  for (int j = run.axes > 1 ? 1 : 0; j < rows; ++j)
    for (int i = 1; i < run.cells; ++i)
      u[std::size_t(i + (run.cells + 1) * j)] = run.initial({i * h, j * h});
  samples.values = u;
  for (int step = 1; step <= steps; ++step) {
    box.laplacian(u, l);
    box.laplacian(l, ll);
    // At rest at first: the same step backwards gives the same values.
    const double half = step == 1 ? 0.5 : 1;
    for (std::size_t n = 0; n < u.size(); ++n) {
      const double after =
          half * (2 * u[n] + dt2 * (l[n] + dt2 / 12 * ll[n])) - (step == 1 ? 0 : before[n]);
      before[n] = u[n];
      u[n] = after;
    }
    if (step % interval == 0) samples.values.insert(samples.values.end(), u.begin(), u.end());
  }
  return samples;
}

}  // namespace understudy::pinn
