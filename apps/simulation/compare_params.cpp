#include "apps/simulation/compare_params.hpp"

#include "core/format.hpp"
#include "core/names.hpp"

namespace understudy::apps {

void ContenderParams::describe(core::ParamVisitor& v) {
  v.text("name", name, "names its folder and its rows in the report");
  v.texts("settings", settings,
          "settings (key=value) of the network and training sections, over the deck's own");
  const bool plain = !name.empty() && name.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-") == std::string::npos;
  v.require(plain, "name",
            core::format("is '{}'; it must be of letters, digits, _ and - only", name));
  core::require_name(v, "name", name);
  for (const auto& setting : settings)
    v.require(setting.starts_with("network.") || setting.starts_with("training."), "settings",
              core::format("'{}' is no setting of the network or training section", setting));
}

void SettingParams::describe(core::ParamVisitor& v) {
  v.text("key", key, "full key of a number, e.g. flow.reynolds");
  v.real("value", value, {}, "", "its value in the comparison");
  v.require(!key.empty(), "key", "must name a key, e.g. flow.reynolds");
}

void ProfilesParams::describe(core::ParamVisitor& v) {
  v.text(
      "axis", axis,
      "axis of a box (x, y or z) along which mean and variance of every prognostic field are taken, over time and "
      "the other axes; empty: none");
  v.real("from_s", from_s, {.at_least = 0}, "s",
         "after the common start; windows that end before are left out");
}

void CompareParams::describe(core::ParamVisitor& v) {
  v.list("parameters", parameters, "the case to compare on: keys set for it");
  v.flag("allow_trained", allow_trained, "allow a case that is a member of the ensemble");
  v.real("spin_up_s", spin_up_s, {.at_least = 0}, "s",
         "simulated before both start from the same state (rounded up to whole windows)");
  v.integer("windows", windows, {.at_least = 1, .at_most = 100000000}, "windows compared");
  v.integer("warm_up_windows", warm_up_windows, {.at_least = 0, .at_most = 100},
            "windows run and discarded before anything is timed");
  v.integer("block_windows", block_windows, {.at_least = 1, .at_most = 1000},
            "windows that each side advances in a row before it is the other's turn; a copy of the "
            "state is kept for each of them");
  v.integer(
      "repeats", repeats, {.at_least = 1, .at_most = 1000},
      "timed runs of everything that is compared, in turns block by block: speed-ups are those "
      "of the medians, with the range over the repeats");
  v.integers(
      "coarser", coarser, 0, {.at_least = 2, .at_most = 64},
      "classical runs with the cells divided by these (about these, where they do not divide "
      "them), for the equal-error speed-up; where these do not enclose the replacement's error "
      "others are tried; none: no such runs");
  v.integers(
      "spectral", spectral, 0, {.at_least = 2, .at_most = 64},
      "classical runs by the app's spectral method with the cells divided by about these, for the "
      "equal-error speed-up (flow in periodic boxes on one rank; elsewhere there are none); none: no such "
      "runs");
  v.texts(
      "looser", looser,
      "settings (key=value) of looser classical runs for the equal-error speed-up, alone, together "
      "and on the coarser grids; auto: single precision and what the app can loosen, and on the coarser "
      "grids its other schemes, too; spectral runs (compare.spectral) take what auto means for them, and no "
      "setting named here");
  v.text(
      "correlation", correlation,
      "field or derived quantity whose correlation with the simulation's is measured over time (vorticity "
      "in 2-D flow): until when it stays above 0.95 and 0.8; empty: none");
  v.flag(
      "truth_error", truth_error,
      "measure the simulation's own error beside one run on twice the cells along every axis, below which none "
      "is claimed; that run takes 8 times the simulation's time in 2-D and 16 in 3-D, and is in no timing");
  v.texts(
      "statistics", statistics,
      "diagnostics whose mean and standard deviation over the compared windows are set beside the simulation's, of "
      "the replacement and of every classical run (drag_coefficient, lift_coefficient of a body); empty: none");
  v.choice(
      "equal", equal,
      {"error", "correlation_0.95", "correlation_0.8", "statistics", "profiles", "spectra"},
      "in what a classical run must equal the replacement: the mean error, the time until the "
      "correlation falls below so much, mean and deviation of compare.statistics, the profiles of "
      "compare.profiles, or the spectra of compare.spectra_every");
  v.require(
      equal != "statistics" || !statistics.empty(), "equal",
      "is statistics; that wants diagnostics in compare.statistics, [drag_coefficient, lift_coefficient] say");
  v.require(
      !equal.starts_with("correlation") || !correlation.empty(), "equal",
      core::format("is {}; that wants a quantity in compare.correlation, vorticity say", equal));
  v.texts("pictures", pictures, "pictured quantities (empty: the app's own choice)");
  v.integer("picture_count", picture_count, {.at_least = 0, .at_most = 50}, "times pictured");
  v.integer(
      "spectra_every", spectra_every, {.at_least = 0},
      "windows between energy spectra (over shells of |k| in a periodic 2-D box, along x elsewhere); "
      "0: none");
  v.group(
      "profiles", profiles,
      "mean and variance profiles of flows that are steady in their statistics, of simulation, replacement and "
      "contenders");
  v.require(equal != "profiles" || !profiles.axis.empty(), "equal",
            "is profiles; that wants an axis in compare.profiles.axis, y say");
  v.require(equal != "spectra" || (spectra_every > 0 && spectra_every <= windows), "equal",
            core::format("is spectra; that wants them every 1 to {} windows in "
                         "compare.spectra_every, which is {}",
                         windows, spectra_every));
}

}  // namespace understudy::apps
