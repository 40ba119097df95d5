#include "apps/catalog.hpp"

#include "apps/fields/fields.hpp"
#include "apps/flow/flow.hpp"
#include "apps/pinn/pinn_verbs.hpp"
#include "apps/points/points.hpp"
#include "apps/seismic/seismic_verbs.hpp"
#include "apps/simulation/simulation_study.hpp"
#include "apps/weather/moist_box.hpp"
#include "apps/weather/qbo.hpp"
#include "apps/weather/rain_column.hpp"
#include "apps/weather/shallow_water.hpp"
#include "pinn/problems/problems.hpp"

namespace understudy::apps {

namespace {

std::vector<App> apps_with(std::span<const pinn::ProblemEntry> problems) {
  return {simulation_app(make_flow),
          seismic_app(),
          pinn_app(problems),
          points_app(),
          fields_app(),
          simulation_app(make_shallow_water),
          simulation_app(make_moist_box),
          simulation_app(make_rain_column),
          simulation_app(make_qbo)};
}

}  // namespace

std::span<const App> apps() {
  static const std::vector<App> all = apps_with(pinn_problems());
  return all;
}

Catalogue catalogue() { return {pinn_problems(), apps_with}; }

const std::vector<pinn::ProblemEntry>& pinn_problems() {
  static const std::vector<pinn::ProblemEntry> all{pinn::acoustic_inversion(),
                                                   pinn::advection(),
                                                   pinn::allen_cahn(),
                                                   pinn::burgers(),
                                                   pinn::burgers_inverse(),
                                                   pinn::earthquake_location(),
                                                   pinn::eikonal_tomography(),
                                                   pinn::from_deck(),
                                                   pinn::helmholtz_1d(),
                                                   pinn::helmholtz_2d(),
                                                   pinn::korteweg_de_vries(),
                                                   pinn::kovasznay(),
                                                   pinn::kuramoto_sivashinsky(),
                                                   pinn::kuramoto_sivashinsky_chaotic(),
                                                   pinn::lid_driven_cavity(),
                                                   pinn::navier_stokes_wake(),
                                                   pinn::poisson(),
                                                   pinn::shallow_water_sphere(),
                                                   pinn::sphere_advection(),
                                                   pinn::wave_1d(),
                                                   pinn::wave_2d()};
  return all;
}

}  // namespace understudy::apps
