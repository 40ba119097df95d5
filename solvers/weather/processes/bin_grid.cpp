#include "solvers/weather/processes/bin_grid.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/weather/processes/drop_fall_speed.hpp"

namespace understudy::solvers {

void BinParams::describe(core::ParamVisitor& v) {
  v.integer("bins", bins, {.at_least = 10, .at_most = weather::most_bins}, "bins of the spectrum");
  v.integer("bins_per_doubling", bins_per_doubling, {.at_least = 1, .at_most = 8},
            "bins in which the mass of a drop doubles");
  v.real("smallest_radius_m", smallest_radius_m, {.at_least = 1e-7, .at_most = 1e-4}, "m",
         "radius of the drops of the first bin, into which nuclei are activated");
  v.choice("kernel", kernel, {"long", "golovin", "none"}, "what makes drops coalesce");
  v.real("golovin_m3_kg_s", golovin_m3_kg_s, {.at_least = 0}, "m3/(kg s)",
         "b of Golovin's kernel b (x + y)");
  v.real("nuclei_1_m3", nuclei_1_m3, {.at_least = 0}, "1/m3",
         "nuclei that are active at 1% supersaturation");
  v.real("nuclei_exponent", nuclei_exponent, {.at_most = 5, .above = 0}, "",
         "k of Twomey's law: nuclei_1_m3 (S / 1%)^k are active");
  v.real("coalescence_step_s", coalescence_step_s, {.above = 0}, "s",
         "largest step of the coalescence");
  v.real("condensation_step_s", condensation_step_s, {.above = 0}, "s",
         "largest step of activation and condensation");
  v.real("coalescence_least", coalescence_least, {.at_least = 0, .at_most = 1e-3}, "",
         "drops (kg/kg of dry air) below which collisions are left out");
}

namespace weather {

namespace {

constexpr double water = 1000;  // kg/m3

template <class View>
void copy_in(const View& to, const std::vector<typename View::value_type>& from) {
  const auto host = Kokkos::create_mirror_view(to);
  std::copy(from.begin(), from.end(), host.data());
  Kokkos::deep_copy(to, host);
}

template <class Real>
Kokkos::View<Real*, mesh::Memory> row(const char* name, const std::vector<double>& values) {
  Kokkos::View<Real*, mesh::Memory> view(name, values.size());
  copy_in(view, std::vector<Real>(values.begin(), values.end()));
  return view;
}

// Beard and Pruppacher (1971), of the Reynolds number of the fall; Schmidt number 0.71.
double ventilation_of(double radius, double speed) {
  const double x = std::cbrt(0.71) * std::sqrt(2 * radius * speed / 1.51e-5);
  return x < 1.4 ? 1 + 0.108 * x * x : 0.78 + 0.308 * x;
}

void check(const BinParams& p) {
  if (p.bins < 2 || p.bins > most_bins)
    throw core::UserError(
        core::format("bins: are {}; between 2 and {} are possible", p.bins, most_bins));
  const double largest =
      p.smallest_radius_m * std::exp2((p.bins - 1) / (3.0 * p.bins_per_doubling));
  if (p.kernel == "long" && largest < 2.5e-4)
    throw core::UserError(core::format(
        "bins: {} bins from {} m on end at drops of {:.3g} m, but rain needs drops of 2.5e-4 m or "
        "more; more bins, or fewer to a doubling",
        p.bins, p.smallest_radius_m, largest));
}

}  // namespace

BinSizes bin_sizes(const BinParams& p) {
  BinSizes sizes;
  for (int b = 0; b < p.bins; ++b) {
    const double r = p.smallest_radius_m * std::exp2(b / (3.0 * p.bins_per_doubling));
    sizes.radius.push_back(r);
    sizes.mass.push_back(4 * std::numbers::pi / 3 * water * r * r * r);
    sizes.speed.push_back(drop_fall_speed(r));
  }
  return sizes;
}

double coalescence_kernel(const BinParams& p, double radius_1, double radius_2) {
  const double large = std::max(radius_1, radius_2), small = std::min(radius_1, radius_2);
  if (p.kernel == "golovin")
    return p.golovin_m3_kg_s * 4 * std::numbers::pi / 3 * water *
           (large * large * large + small * small * small);
  if (p.kernel != "long") return 0;
  const double um = 1e6 * large;
  const double efficiency =
      um > 50 ? 1 : 4.5e-4 * um * um * (1 - 3 / (std::max(1e6 * small, 3.0) + 0.01));
  return std::numbers::pi * (large + small) * (large + small) * efficiency *
         std::abs(drop_fall_speed(large) - drop_fall_speed(small));
}

template <class Real>
BinTables<Real> bin_tables(const BinParams& p) {
  check(p);
  const BinSizes sizes = bin_sizes(p);
  const int n = p.bins;
  std::vector<double> ventilation;
  for (int b = 0; b < n; ++b)
    ventilation.push_back(ventilation_of(sizes.radius[b], sizes.speed[b]));
  std::vector<Real> kernel(n * n), courant(n * n);
  std::vector<int> target(n * n);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      const double sum = sizes.mass[i] + sizes.mass[j];
      const double place = std::log2(sum / sizes.mass[0]) * p.bins_per_doubling;
      const int k = std::min(n - 2, int(std::floor(place + 1e-9)));
      target[i * n + j] = k;
      courant[i * n + j] = Real(std::clamp(place - k, 0.0, 1.0));
      kernel[i * n + j] =
          Real((i == j ? 0.5 : 1) * coalescence_kernel(p, sizes.radius[i], sizes.radius[j]));
    }
  BinTables<Real> t;
  t.bins = n;
  t.gravitational = p.kernel == "long";
  t.mass = row<Real>("bin mass", sizes.mass);
  t.radius = row<Real>("bin radius", sizes.radius);
  t.ventilation = row<Real>("bin ventilation", ventilation);
  t.kernel = {"coalescence kernel", std::size_t(n), std::size_t(n)};
  t.courant = {"coalescence courant", std::size_t(n), std::size_t(n)};
  t.target = {"coalescence target", std::size_t(n), std::size_t(n)};
  copy_in(t.kernel, kernel);
  copy_in(t.courant, courant);
  copy_in(t.target, target);
  t.nuclei = Real(p.nuclei_1_m3);
  t.nuclei_exponent = Real(p.nuclei_exponent);
  t.coalescence_step = Real(p.coalescence_step_s);
  t.condensation_step = Real(p.condensation_step_s);
  return t;
}

template BinTables<float> bin_tables<float>(const BinParams&);
template BinTables<double> bin_tables<double>(const BinParams&);

}  // namespace weather
}  // namespace understudy::solvers
