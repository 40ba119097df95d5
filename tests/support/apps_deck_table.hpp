// Every deck of inputs/ in a setting of a second or two, and the number that it gives: one row a deck.
//
// A value is what this program gave when the row was written, so that a change of sign, factor or scheme
// shows; that the schemes are right is what tests/convergence and tests/validation say. Tolerances are
// relative. Processors and ranks differ by round-off: 1e-15 a number in double precision, which sums and
// iterations raise to less than `exact`; 1e-7 in single, less than `single`. An inversion's line searches
// and a network's training raise it further, for they divide by gradients that may be small: `trained`
// (between one rank and two up to 1e-5 was seen).
//
// How a row is made: run its verb with its settings, and take the metric from summary.json.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace understudy::tests {

struct DeckRow {
  std::string deck;  ///< below inputs/, without .yaml
  std::string verb;
  std::vector<std::string> settings;  ///< "{samples}", "{points}", "{fields}": what the test makes
  /// Its path below `metrics` in summary.json; "gathers/<quantity>": the Euclidean norm of all samples;
  /// "diagnostics/<column>": the last value of a column.
  std::string metric;
  double value = 0, tolerance = 0;
};

inline constexpr double exact = 1e-9, single = 1e-5, trained = 1e-3;

/// A physics-informed network's first steps: the loss has every residual of the problem in it. AdamW in
/// place of SOAP, whose basis rounding may choose (docs/pinn.md): 4% between one rank and two.
inline const std::vector<std::string> first_steps{
    "sampling.interior=64",      "sampling.boundary=16",          "sampling.initial=16",
    "sampling.data=64",          "sampling.adapt_candidates=128", "optimiser.steps=4",
    "optimiser.warm_up_steps=0", "optimiser.lbfgs_iterations=0",  "curriculum.stages=[]",
    "evaluate_every=0",          "output.pictures=false",         "optimiser.kind=adamw"};

inline DeckRow network_row(const std::string& deck, const std::string& metric, double value) {
  return {"pinn/" + deck, "pinn", first_steps, "pinn/" + metric, value, trained};
}

/// A wake, a flow around a body: a coarse grid and a few windows.
inline DeckRow flow_row(const std::string& deck, std::vector<std::string> settings,
                        const std::string& metric, double value, double tolerance) {
  return {"flow/" + deck, "run", std::move(settings), "flow/" + metric, value, tolerance};
}

inline std::vector<DeckRow> flow_rows() {
  const std::vector<std::string> wake{"grid.cells=[64,32]", "time.end_s=2", "swap.policy=never"};
  return {
      flow_row("cylinder_wake", wake, "kinetic_energy", 65.5455723419, exact),
      flow_row("cylinder_wake_ramp", wake, "kinetic_energy", 65.5455723419, exact),
      flow_row("cylinder_wake_far", wake, "kinetic_energy", 65.5945387086, exact),
      flow_row("wake_modes", wake, "kinetic_energy", 37.6469826586, exact),
      flow_row("cavity", {"grid.cells=[32,32]", "time.end_s=2", "time.output_every=1"},
               "kinetic_energy", 0.0083819420699, exact),
      flow_row("taylor_green_2d", {"grid.cells=[32,32]", "time.end_s=2"}, "kinetic_energy",
               9.29786362468, exact),
      flow_row("taylor_green_3d",
               {"grid.cells=[16,16,16]", "time.end_s=0.5", "time.output_every=1"}, "kinetic_energy",
               30.769641779, exact),
      flow_row("channel_dfg_2d2", {"grid.cells=[220,41]", "time.end_s=0.2", "time.output_every=5"},
               "kinetic_energy", 0.555077984188, exact),
      flow_row("airfoil", {"grid.cells=[256,128]", "time.end_s=0.5", "time.output_every=1"},
               "kinetic_energy", 16.1023570014, exact),
      flow_row("sphere_3d", {"grid.cells=[48,24,24]", "time.end_s=1", "time.output_every=1"},
               "kinetic_energy", 216.673250411, single),
      flow_row(
          "floor_cylinder_3d",
          {"grid.cells=[48,24,12]", "time.end_s=1", "time.output_every=1", "swap.policy=never"},
          "kinetic_energy", 99.5118644266, exact),
      flow_row("two_cylinders",
               {"grid.cells=[80,48]", "time.end_s=1", "time.output_every=1", "swap.policy=never"},
               "kinetic_energy", 125.37829875322423, exact),
      flow_row(
          "taylor_green_3d_study",
          {"grid.cells=[16,16,16]", "time.end_s=0.5", "time.output_every=1", "swap.policy=never"},
          "kinetic_energy", 31.022992155594434, exact),
      flow_row("stl_body", {"grid.cells=[80,32,32]", "time.end_s=1", "time.output_every=1"},
               "kinetic_energy", 80.1410464178, single),
      flow_row("wake_samples",
               {"grid.cells=[64,32]", "time.end_s=0.5", "time.output_every=1",
                "output.derived=[vorticity]", "output.pictures=[vorticity]"},
               "kinetic_energy", 65.5052709185, exact),
      flow_row("turbulence_2d",
               {"grid.cells=[32,32]", "time.end_s=3", "time.output_every=1", "swap.policy=never"},
               "kinetic_energy", 0.00114451498033, exact),
      flow_row("kolmogorov_2d",
               {"grid.cells=[32,32]", "time.end_s=2", "time.output_every=10", "swap.policy=never"},
               "kinetic_energy", 0.027433055517857338, exact),
      {"flow/reacting_scalar",
       "run",
       {"grid.cells=[64,16]", "time.end_s=1"},
       "diagnostics/flow.scalar_total",
       0.618145447611,
       exact},
      {"flow/heated_cavity",
       "run",
       {"grid.cells=[16,16]", "time.end_s=2", "time.output_every=1", "time.steady.change=0"},
       "diagnostics/flow.scalar_flux_x_lower",
       0.006721397619711972,
       exact},
      {"flow/taylor_green_assimilation",
       "invert",
       {"grid.cells=[12,12]", "time.end_s=0.5", "assimilation.twin.points=100",
        "assimilation.iterations=2"},
       "assimilation/misfit_final",
       1749.8722779512364,
       trained},
      {"flow/wake_assimilation",
       "invert",
       {"assimilation.samples={samples}", "grid.cells=[64,32]", "time.end_s=0.5",
        "time.window_s=0.25", "assimilation.draw=100", "assimilation.held_out=50",
        "assimilation.iterations=2"},
       "assimilation/misfit_final",
       545.7392875039674,
       trained}};
}

inline DeckRow sphere_row(const std::string& deck, double end_s, const std::string& metric,
                          double value) {
  return {"weather/" + deck,   "run", {"grid.cells=12", "time.end_s=" + std::to_string(end_s)},
          "weather/" + metric, value, exact};
}

inline std::vector<DeckRow> sphere_rows() {
  constexpr double half_day_s = 43200, day_s = 86400;
  return {
      sphere_row("williamson_1", day_s, "h_rel_l2", 0.178418633066),
      sphere_row("williamson_2", half_day_s, "speed_most_m_s", 38.6173062944),
      sphere_row("williamson_5", day_s, "speed_most_m_s", 26.1877269494),
      sphere_row("williamson_6", day_s, "speed_most_m_s", 99.0078072831),
      sphere_row("solid_body", half_day_s, "speed_most_m_s", 38.6107689349),
      sphere_row("galewsky", half_day_s, "speed_most_m_s", 65.271074356),
      sphere_row("galewsky_inviscid", half_day_s, "speed_most_m_s", 65.84414867577928),
      {"weather/galewsky_emulator",
       "run",
       {"grid.cells=12", "time.end_s=43200", "swap.policy=never", "time.output_every=1"},
       "weather/speed_most_m_s",
       65.2428616289156,
       exact},
      sphere_row("sphere_turbulence", half_day_s, "speed_most_m_s", 100.179001731),
  };
}

inline std::vector<DeckRow> seismic_rows() {
  const std::vector<std::string> with_reflections{"time.end_s=0.4"};
  const auto inversion = [](int max_hz) {
    return "inversion.stages=[{max_frequency_hz: " + std::to_string(max_hz) + ", iterations: 2}]";
  };
  return {
      {"seismic/layers_2d",
       "run",
       {"grid.cells=[100,50]", "time.end_s=0.1", "seismic.wavelet.frequency_hz=8",
        "output.wavefield_every_s=0.05"},
       "gathers/pressure",
       1036.3356,
       single},
      {"seismic/acoustic_3d",
       "run",
       {"grid.cells=[40,40,32]", "time.end_s=0.25", "seismic.wavelet.frequency_hz=6",
        "output.wavefield_every_s=0.05"},
       "gathers/pressure",
       0.028744779,
       single},
      {"seismic/elastic_2d",
       "run",
       {"grid.cells=[150,75]", "time.end_s=0.25", "seismic.wavelet.frequency_hz=6",
        "output.wavefield_every_s=0.05"},
       "gathers/velocity_y",
       0.0058071627,
       single},
      {"seismic/elastic_3d",
       "run",
       {"grid.cells=[40,40,30]", "time.end_s=0.4", "seismic.wavelet.frequency_hz=4",
        "output.wavefield_every_s=0.2"},
       "gathers/velocity_z",
       0.013446085,
       single},
      {"seismic/camembert_fwi",
       "invert",
       {inversion(6)},
       "seismic/misfit_ratio",
       0.18227989,
       trained},
      {"seismic/gaussian_fwi",
       "invert",
       {inversion(0)},
       "seismic/misfit_ratio",
       0.076377925,
       trained},
      {"seismic/two_layer_fwi",
       "invert",
       {inversion(5)},
       "seismic/misfit_ratio",
       0.14219059,
       trained},
      {"seismic/two_layer_fwi_encoded",
       "invert",
       {inversion(5), "inversion.encoding.renew_every=1"},
       "seismic/misfit_ratio",
       0.42066748,
       trained},
      {"seismic/flat_layers", "run", with_reflections, "gathers/pressure", 3.9290555, single},
      {"seismic/curved_layers", "run", with_reflections, "gathers/pressure", 3.9276506, single}};
}

inline std::vector<DeckRow> pinn_rows() {
  std::vector<DeckRow> rows{network_row("acoustic_inversion", "loss", 2.568447),
                            network_row("advection", "loss", 0.04870911),
                            network_row("allen_cahn", "loss", 1.408308),
                            network_row("burgers", "loss", 1.133651),
                            network_row("burgers_formulas", "loss", 1.133651),
                            network_row("burgers_inverse", "loss", 22.30758),
                            network_row("earthquake_location", "loss", 138.9262),
                            network_row("eikonal_tomography", "loss", 61.20051),
                            network_row("fisher_kpp", "loss", 1.028309),
                            network_row("fisher_kpp_inverse", "loss", 17.13120),
                            network_row("helmholtz_1d", "loss", 0.4990979),
                            network_row("helmholtz_2d", "loss", 0.2495844),
                            network_row("korteweg_de_vries", "loss", 0.4946220),
                            network_row("kovasznay", "loss", 1034.023),
                            network_row("kuramoto_sivashinsky", "loss", 15.68869),
                            network_row("kuramoto_sivashinsky_chaotic", "loss", 42.32186),
                            network_row("lid_driven_cavity", "loss", 0.3972367),
                            network_row("poisson", "loss", 0.6910568),
                            network_row("shallow_water_sphere", "loss", 8.686633),
                            network_row("sphere_advection", "loss", 0.1060631),
                            network_row("wake_inverse", "loss", 1.009637),
                            network_row("wave_1d", "loss", 0.007560897),
                            network_row("wave_2d", "loss", 0.05408957)};
  for (auto& row : rows)
    if (row.deck == "pinn/wake_inverse") row.settings.push_back("problem.data={samples}");
  return rows;
}

inline std::vector<DeckRow> points_rows() {
  return {
      {"points/reaction",
       "train",
       {"training.epochs=4", "training.members=1", "points.dataset={points}"},
       "training/validation/reaction_rate/rel_l2",
       0.9239443,
       trained},
      {"points/bin_coalescence",
       "train",
       {"training.epochs=4", "training.members=1", "gate.quantile=0.9", "points.dataset={points}"},
       "training/validation/growth_12/rel_l2",
       0.4914139,
       trained}};
}

/// Persistence of plane waves of speed 1 over 5 windows of 0.05 s: 2 sin(pi / 4).
inline std::vector<DeckRow> fields_rows() {
  return {{"fields/the_well",
           "study",
           {"fields.dataset={fields}", "network.width=4", "network.levels=1", "training.epochs=1",
            "training.unroll=[1]", "training.unroll_fractions=[]", "training.rollout_windows=8",
            "compare.windows=5"},
           "persistence/density/vrmse_final",
           1.4142135623730951,
           single}};
}

inline DeckRow moist_row(const std::string& deck, std::vector<std::string> settings,
                         const std::string& metric, double value, double tolerance) {
  return {"weather/" + deck, "run", std::move(settings), "weather/" + metric, value, tolerance};
}

inline std::vector<DeckRow> moist_rows() {
  const std::vector<std::string> thermal{"grid.cells=[40,20]", "time.end_s=50",
                                         "time.output_every=1"};
  return {
      moist_row("straka", {"grid.cells=[64,16]", "time.end_s=60", "time.output_every=1"},
                "theta_min_k", -16.200032364079917, exact),
      moist_row("bryan_fritsch_dry", thermal, "w_max_m_s", 1.3701636484555655, exact),
      moist_row("bryan_fritsch", thermal, "w_max_m_s", 1.3608006478421195, exact),
      moist_row("inertia_gravity_wave",
                {"grid.cells=[60,10]", "time.end_s=60", "time.output_every=1"}, "theta_max_k",
                0.012896685641629746, exact),
      moist_row("bin_emulator",
                {"grid.cells=[30,20]", "time.end_s=300", "time.output_every=1",
                 "moist_box.time_step_s=5", "moist_box.initial.bubbles.0.amplitude_k=4"},
                "cloud_water", 821.8264321811301, exact),
      moist_row("mountain_wave", {"grid.cells=[60,40]", "time.end_s=1200", "time.output_every=1"},
                "u_max_m_s", 20.015509944273955, exact),
      moist_row("schaer", {"grid.cells=[60,30]", "time.end_s=1200", "time.output_every=1"},
                "w_max_m_s", 0.4017363944667018, exact),
      moist_row("convective_layer",
                {"grid.cells=[8,8,12]", "time.end_s=300", "time.output_every=1"}, "theta_max_k",
                0.6203175502885823, exact),
      moist_row("supercell", {"grid.cells=[12,12,20]", "time.end_s=300", "time.output_every=1"},
                "u_max_m_s", 18.518558502197266, single),
  };
}

inline std::vector<DeckRow> weather_rows() {
  return {{"weather/qbo",
           "run",
           {"time.end_s=8640000", "time.output_every=5"},
           "diagnostics/qbo.wind_25km",
           -19.3864945316,
           exact},
          {"weather/rain_column",
           "run",
           {"grid.cells=[4,40]", "time.end_s=300", "time.output_every=1"},
           "diagnostics/rain_column.cloud_path",
           1.2345537291,
           exact}};
}

/// All decks of inputs/.
inline std::vector<DeckRow> deck_rows() {
  std::vector<DeckRow> all;
  for (const auto& rows : {flow_rows(), seismic_rows(), sphere_rows(), moist_rows(), weather_rows(),
                           pinn_rows(), points_rows(), fields_rows()})
    all.insert(all.end(), rows.begin(), rows.end());
  return all;
}

}  // namespace understudy::tests
