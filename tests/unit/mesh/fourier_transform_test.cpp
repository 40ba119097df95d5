// Real-to-complex transforms of whole arrays, against sums written out.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "mesh/fourier_transform.hpp"

namespace understudy::mesh {
namespace {

constexpr double pi = std::numbers::pi;

// Without symmetry; of order 1.
double value(int x, int y, int z) { return std::sin(1.0 + 3.7 * x + 1.3 * y * y + 0.9 * z * x); }

template <class Real>
std::vector<typename FourierTransform<Real>::Values> filled(const FourierTransform<Real>& transform,
                                                            const std::array<int, 3>& n,
                                                            int fields) {
  std::vector<typename FourierTransform<Real>::Values> values;
  for (int f = 0; f < fields; ++f) {
    values.push_back(transform.make_values("values"));
    for (int z = 0; z < n[2]; ++z)
      for (int y = 0; y < n[1]; ++y)
        for (int x = 0; x < n[0]; ++x)
          values[f]((z * n[1] + y) * n[0] + x) = static_cast<Real>((f + 1) * value(x, y, z));
  }
  return values;
}

// The definition in the header.
std::complex<double> sum_written_out(const std::array<int, 3>& n, int kx, int ky, int kz) {
  std::complex<double> sum = 0;
  for (int z = 0; z < n[2]; ++z)
    for (int y = 0; y < n[1]; ++y)
      for (int x = 0; x < n[0]; ++x)
        sum +=
            value(x, y, z) *
            std::polar(1.0,
                       -2 * pi * (1.0 * kx * x / n[0] + 1.0 * ky * y / n[1] + 1.0 * kz * z / n[2]));
  return sum;
}

template <class Real>
void check(const std::array<int, 3>& n, int dimension) {
  constexpr int fields = 3;
  // Errors of a fast transform grow as the logarithm of its length; sums here are of some 10.
  const double tolerance = std::is_same_v<Real, float> ? 2e-5 : 1e-13;
  const FourierTransform<Real> transform(n, dimension);
  const auto values = filled(transform, n, fields), before = filled(transform, n, fields);
  std::vector<typename FourierTransform<Real>::Modes> modes;
  for (int f = 0; f < fields; ++f) modes.push_back(transform.make_modes("modes"));
  transform.forward(values, modes, fields);
  const int row = n[0] / 2 + 1;
  for (int f = 0; f < fields; ++f)
    for (int kz = 0; kz < n[2]; ++kz)
      for (int ky = 0; ky < n[1]; ++ky)
        for (int kx = 0; kx < row; ++kx) {
          const auto exact = (f + 1.0) * sum_written_out(n, kx, ky, kz);
          const auto c = modes[f]((kz * n[1] + ky) * row + kx);
          EXPECT_NEAR(c.real(), exact.real(), 10 * tolerance) << kx << " " << ky << " " << kz;
          EXPECT_NEAR(c.imag(), exact.imag(), 10 * tolerance) << kx << " " << ky << " " << kz;
        }
  for (int f = 0; f < fields; ++f) Kokkos::deep_copy(values[f], Real(0));
  transform.inverse(modes, values, fields);
  for (int f = 0; f < fields; ++f)
    for (std::size_t x = 0; x < transform.points(); ++x)
      EXPECT_NEAR(values[f](x) / static_cast<double>(transform.points()), before[f](x), tolerance);
}

TEST(FourierTransform, IsTheSumInTwoDimensions) {
  check<double>({8, 6, 1}, 2);
  check<double>({7, 5, 1}, 2);
  check<float>({8, 6, 1}, 2);
}

TEST(FourierTransform, IsTheSumInThreeDimensions) {
  check<double>({6, 4, 8}, 3);
  check<float>({5, 4, 6}, 3);
}

TEST(FourierTransform, OfTheFirstFieldsAlone) {
  const FourierTransform<double> transform({4, 4, 1}, 2);
  const auto values = filled(transform, {4, 4, 1}, 2);
  std::vector<FourierTransform<double>::Modes> modes{transform.make_modes("a"),
                                                     transform.make_modes("b")};
  transform.forward(values, modes, 1);
  EXPECT_NE(modes[0](0).real(), 0);
  EXPECT_EQ(modes[1](0).real(), 0) << "it was not asked for";
}

TEST(HostLoop, VisitsEachOnce) {
  for (const int count : {0, 1, 100}) {
    std::vector<int> visits(static_cast<std::size_t>(count), 0);
    for_host(count, [&](const int n) { ++visits[static_cast<std::size_t>(n)]; });
    for (const int v : visits) EXPECT_EQ(v, 1);
  }
}

}  // namespace
}  // namespace understudy::mesh
