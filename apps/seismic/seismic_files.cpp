#include "apps/seismic/seismic_files.hpp"

#include "solvers/seismic/earth/model_file.hpp"
#include "solvers/seismic/earth/segy_model.hpp"
#include "solvers/seismic/survey/segy_gathers.hpp"

namespace understudy::apps::seismic {

namespace ss = solvers::seismic;

namespace {

bool wants_segy(const std::string& choice) { return choice != "hdf5"; }
bool wants_hdf5(const std::string& choice) { return choice != "segy"; }

mesh::SegyNumbers numbers_of(const SeismicJob& job) {
  return job.deck.output.segy_numbers == "ibm" ? mesh::SegyNumbers::ibm : mesh::SegyNumbers::ieee;
}

}  // namespace

void require_gather_files(const SeismicJob& job, const ss::GatherSet& geometry) {
  if (wants_segy(job.deck.output.gathers)) ss::require_segy_geometry(geometry);
}

void require_model_files(const SeismicJob& job) {
  if (wants_segy(job.deck.output.models)) ss::require_segy_grid(job.deck.grid);
}

void write_gather_files(const SeismicJob& job, std::span<const ss::GatherSet> sets) {
  const std::string& choice = job.deck.output.gathers;
  if (wants_hdf5(choice)) ss::write_gathers(job.out / "gathers.h5", sets);
  if (!wants_segy(choice)) return;
  for (const auto& set : sets)
    ss::write_segy_gathers(job.out / ("gathers_" + set.quantity + ".sgy"), set, numbers_of(job));
}

void write_model_files(const SeismicJob& job, const ss::EarthModel& model) {
  const std::string& choice = job.deck.output.models;
  if (wants_hdf5(choice)) ss::write_earth_model(job.out / "model.h5", model, job.deck.grid);
  if (!wants_segy(choice)) return;
  const auto write = [&](const char* file, const std::vector<double>& values, const char* what,
                         const char* unit) {
    if (!values.empty())
      ss::write_segy_model(job.out / file, values, what, unit, job.deck.grid, numbers_of(job));
  };
  write("model.sgy", model.p_speed_m_s, "P SPEED", "m/s");
  write("model_s_speed.sgy", model.s_speed_m_s, "S SPEED", "m/s");
  write("model_density.sgy", model.density_kg_m3, "DENSITY", "kg/m3");
}

}  // namespace understudy::apps::seismic
