// The weights of a cubed sphere's ghosts (cubed_sphere_halo.hpp).
#include <algorithm>
#include <cmath>
#include <numbers>

#include "mesh/cubed_sphere_halo.hpp"

namespace understudy::mesh {

namespace {

constexpr double pi = std::numbers::pi;

double centre(int n, int index) { return (index + 0.5) * (pi / 2 / n) - pi / 4; }

// Lagrange's weights at x for values at 0, 1, ..., count - 1.
std::vector<double> lagrange(double x, int count) {
  std::vector<double> weights(count, 1.0);
  for (int a = 0; a < count; ++a)
    for (int b = 0; b < count; ++b)
      if (b != a) weights[a] *= (x - b) / (a - b);
  return weights;
}

// On a row of the panel that holds the point, if there is one and the centred stencil fits.
std::vector<GhostTerm> along_row(int n, int order, const PanelPoint& at) {
  const double step = pi / 2 / n;
  const double u = (at.alpha + pi / 4) / step - 0.5, v = (at.beta + pi / 4) / step - 0.5;
  const bool on_column = std::abs(u - std::round(u)) < 1e-7;
  const bool on_row = std::abs(v - std::round(v)) < 1e-7;
  if (!on_column && !on_row) return {};
  const int across = int(std::lround(on_column ? u : v));
  const double along = on_column ? v : u;
  if (on_column && on_row) {
    const long long row = std::lround(v);
    return {{(1LL * at.panel * n + row) * n + across, 1.0}};
  }
  const int count = order + 1, first = int(std::floor(along)) - (count / 2 - 1);
  if (first < 0 || first + count > n) return {};
  const std::vector<double> weights = lagrange(along - first, count);
  std::vector<GhostTerm> terms;
  for (int a = 0; a < count; ++a) {
    const int j = on_column ? first + a : across, i = on_column ? across : first + a;
    terms.push_back({(1LL * at.panel * n + j) * n + i, weights[a]});
  }
  return terms;
}

struct Candidate {
  long long cell;
  double x, y;  // in the tangent plane, in steps
  double distance() const { return std::hypot(x, y); }
};

double dot(const Vector3& a, const Vector3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

Vector3 cross(const Vector3& a, const Vector3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

// Cells within `reach` steps of the point, the nearest first. Those as far as each other are in the order of
// their numbers.
std::vector<Candidate> cells_around(int n, const Vector3& point, double reach) {
  const double step = pi / 2 / n;
  Vector3 east = cross(std::abs(point[2]) < 0.9 ? Vector3{0, 0, 1} : Vector3{1, 0, 0}, point);
  const double length = std::sqrt(dot(east, east));
  for (double& x : east) x /= length;
  const Vector3 north = cross(point, east);
  std::vector<Candidate> found;
  for (int panel = 0; panel < 6; ++panel) {
    if (dot(panel_direction(panel, 0, 0), point) <= 0.1) continue;
    const PanelPoint at = in_panel(panel, point);
    const double margin = 2 * reach * step;
    const auto first = [&](double angle) {
      return std::max(0, int(std::floor((angle - margin + pi / 4) / step)));
    };
    const auto last = [&](double angle) {
      return std::min(n - 1, int(std::ceil((angle + margin + pi / 4) / step)));
    };
    for (int j = first(at.beta); j <= last(at.beta); ++j)
      for (int i = first(at.alpha); i <= last(at.alpha); ++i) {
        const Vector3 cell = panel_direction(panel, centre(n, i), centre(n, j));
        const double ahead = dot(cell, point);
        const Candidate one{(1LL * panel * n + j) * n + i, dot(cell, east) / ahead / step,
                            dot(cell, north) / ahead / step};
        if (one.distance() <= reach) found.push_back(one);
      }
  }
  std::sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
    const double difference = a.distance() - b.distance();
    return std::abs(difference) > 1e-9 ? difference < 0 : a.cell < b.cell;
  });
  return found;
}

// The value at the origin of the weighted least squares fit: with A = Q R of the weighed rows, w Q R^-T e_1.
std::vector<double> fit_at_origin(const std::vector<Candidate>& cells, int degree) {
  const std::size_t rows = cells.size(), terms = std::size_t((degree + 1) * (degree + 2) / 2);
  const double widest = cells.back().distance();
  std::vector<std::vector<long double>> a(terms, std::vector<long double>(rows));  // [term][row]
  std::vector<long double> weight(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    const long double x = cells[r].x / widest, y = cells[r].y / widest;
    weight[r] = std::exp(-3.0L * (x * x + y * y));
    std::size_t term = 0;
    for (int total = 0; total <= degree; ++total)
      for (int py = 0; py <= total; ++py)
        a[term++][r] = weight[r] * std::pow(x, total - py) * std::pow(y, py);
  }
  std::vector<std::vector<long double>> upper(terms, std::vector<long double>(terms, 0.0L));
  for (std::size_t c = 0; c < terms; ++c) {  // modified Gram-Schmidt, twice
    for (int pass = 0; pass < 2; ++pass)
      for (std::size_t b = 0; b < c; ++b) {
        long double product = 0;
        for (std::size_t r = 0; r < rows; ++r) product += a[b][r] * a[c][r];
        upper[b][c] += product;
        for (std::size_t r = 0; r < rows; ++r) a[c][r] -= product * a[b][r];
      }
    long double square = 0;
    for (std::size_t r = 0; r < rows; ++r) square += a[c][r] * a[c][r];
    upper[c][c] = std::sqrt(square);
    for (std::size_t r = 0; r < rows; ++r) a[c][r] /= upper[c][c];
  }
  std::vector<long double> y(terms, 0.0L);  // R^T y = e_1
  for (std::size_t t = 0; t < terms; ++t) {
    long double sum = t == 0 ? 1 : 0;
    for (std::size_t b = 0; b < t; ++b) sum -= upper[b][t] * y[b];
    y[t] = sum / upper[t][t];
  }
  std::vector<double> result(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    long double sum = 0;
    for (std::size_t t = 0; t < terms; ++t) sum += a[t][r] * y[t];
    result[r] = double(weight[r] * sum);
  }
  return result;
}

// Of order 1 the mean of the nearest cells: no weight may be negative.
std::vector<GhostTerm> fitted(int n, int order, const Vector3& point) {
  const int degree = order == 1 ? 0 : order;
  const std::size_t terms = std::size_t((degree + 1) * (degree + 2) / 2);
  const std::size_t wanted = terms + terms / 2 + 3;
  std::vector<Candidate> cells = cells_around(n, point, 2.5 + order);
  if (cells.size() > wanted) cells.resize(wanted);
  const std::vector<double> weights = fit_at_origin(cells, degree);
  std::vector<GhostTerm> result;
  for (std::size_t c = 0; c < cells.size(); ++c) result.push_back({cells[c].cell, weights[c]});
  return result;
}

}  // namespace

std::vector<GhostTerm> ghost_terms(int n, int order, int panel, double alpha, double beta) {
  const Vector3 point = panel_direction(panel, alpha, beta);
  std::vector<GhostTerm> terms = along_row(n, order, locate_panel(point));
  return terms.empty() ? fitted(n, order, point) : terms;
}

}  // namespace understudy::mesh
