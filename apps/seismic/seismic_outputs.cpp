#include "apps/seismic/seismic_outputs.hpp"

#include <algorithm>
#include <cmath>

#include "apps/study/paraview_script.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/io/vtk_surface.hpp"

namespace understudy::apps {

namespace {

std::shared_ptr<const mesh::Grid> own_grid(const mesh::GridParams& params) {
  mesh::GridParams box = params;
  box.ranks.clear();
  return std::make_shared<const mesh::BoxGrid>(box, std::array<bool, 3>{false, false, false},
                                               core::Comm::self(), 1);
}

}  // namespace

ModelSeries::ModelSeries(const SeismicJob& job, const std::string& name, double resumed_at)
    : grid_(own_grid(job.deck.grid)), series_(job.out, name, job.deck.output.vtk_place()) {
  if (resumed_at >= 0) series_.truncate_after(resumed_at);
}

void ModelSeries::write(double time, std::span<const double> speed_m_s) {
  const mesh::Grid& g = *grid_;
  mesh::Array3<double> values("model", g.extent(2), g.extent(1), g.extent(0));
  auto host = Kokkos::create_mirror_view(values);
  const mesh::Range3 r = g.interior();
  std::size_t n = 0;
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) host(k, j, i) = speed_m_s[n++];
  Kokkos::deep_copy(values, host);
  series_.write<double>(time, g, {{"p_speed", "m/s", values}});
}

namespace {

void write_points(const SeismicJob& job, const std::string& kind,
                  const std::vector<solvers::seismic::Position>& positions) {
  const mesh::GridParams& grid = job.deck.grid;
  const double surface_m = grid.upper_m.back();
  mesh::Surface points{.corners = 1};
  mesh::SurfaceColumn number{kind == "source" ? "shot" : kind, "1"}, depth{"depth", "m"};
  for (std::size_t n = 0; n < positions.size(); ++n) {
    const auto& [x, y, down] = positions[n];
    if (grid.dimension() == 2)
      points.points.push_back({x, surface_m - down, 0});
    else
      points.points.push_back({x, y, surface_m - down});
    number.values.push_back(double(n));
    depth.values.push_back(down);
    points.names.push_back(core::format("{} {}", kind, n));
  }
  points.columns = {number, depth};
  core::write_file(job.out / (kind + "s.vtp"), mesh::surface_text(points, 0));
}

}  // namespace

void write_survey_points(const SeismicJob& job, const solvers::seismic::Survey& survey) {
  write_points(job, "source", survey.sources);
  write_points(job, "receiver", survey.receivers);
}

void write_survey_script(const SeismicJob& job) {
  const bool points = job.deck.output.vtk_place() == mesh::VtkData::points;
  std::vector<ParaviewView> views;
  if (job.verb == "run") {
    const auto& shots = job.deck.output.wavefields;
    for (const auto shot : shots)
      views.push_back({shots.size() == 1 ? "fields.pvd" : core::format("fields_shot_{}.pvd", shot),
                       "pressure", "Pa", points});
    views.push_back({"model.pvd", "p_speed", "m/s", points});
  } else {
    views.push_back({"inversion.pvd", "p_speed", "m/s", points});
  }
  for (const char* file : {"sources.vtp", "receivers.vtp"})
    views.push_back({.file = file, .kind = ParaviewKind::marker});
  write_paraview_script(job.out, views);
}

mesh::Slice model_slice(const mesh::GridParams& grid, std::span<const double> speed_m_s) {
  // Row 0 is the lowest: the vertical axis points up in memory, too.
  mesh::Slice slice;
  slice.width = int(grid.cells[0]);
  slice.height = int(grid.cells.back());
  const std::size_t nx = std::size_t(grid.cells[0]);
  const std::size_t plane = grid.dimension() == 3 ? nx * std::size_t(grid.cells[1]) : nx;
  const std::size_t middle = grid.dimension() == 3 ? nx * std::size_t(grid.cells[1] / 2) : 0;
  for (int row = 0; row < slice.height; ++row)
    for (std::size_t i = 0; i < nx; ++i)
      slice.values.push_back(speed_m_s[std::size_t(row) * plane + middle + i]);
  return slice;
}

GatherPicture gather_picture(const solvers::seismic::Gather& gather) {
  // A few hundred pixels each way, whatever the numbers of samples and receivers: of several samples in a
  // pixel the largest, a receiver as wide as it takes.
  constexpr int rows = 600, columns = 600;
  GatherPicture picture;
  const int height = std::max(1, std::min(rows, gather.samples));
  const int shown = std::max(1, std::min(2 * columns, gather.receivers));
  const int wide = std::max(1, columns / shown), tall = std::max(1, rows / height);
  picture.slice.width = shown * wide;
  picture.slice.height = height * tall;
  picture.style.pixels_per_cell = 1;
  const auto part = [](int n, int of, int all) { return int((long long)(n)*all / of); };
  std::vector<double> sizes;
  for (int row = height - 1; row >= 0; --row) {
    std::vector<double> line;
    for (int c = 0; c < shown; ++c) {
      double largest = 0;
      for (int m = part(row, height, gather.samples); m < part(row + 1, height, gather.samples);
           ++m)
        for (int r = part(c, shown, gather.receivers); r < part(c + 1, shown, gather.receivers);
             ++r)
          if (std::abs(gather.at(m, r)) > std::abs(largest)) largest = gather.at(m, r);
      line.insert(line.end(), std::size_t(wide), largest);
    }
    for (int n = 0; n < tall; ++n)
      picture.slice.values.insert(picture.slice.values.end(), line.begin(), line.end());
  }
  for (const double value : gather.values) sizes.push_back(std::abs(value));
  if (sizes.empty()) sizes.push_back(0);
  const auto place = sizes.begin() + std::ptrdiff_t(0.99 * double(sizes.size() - 1));
  std::nth_element(sizes.begin(), place, sizes.end());
  const double clip = *place > 0 ? *place : 1;
  picture.style.lower = -clip;
  picture.style.upper = clip;
  return picture;
}

void write_model_picture(const SeismicJob& job, const std::string& name,
                         std::span<const double> speed_m_s, double lower_m_s, double upper_m_s) {
  mesh::PictureStyle style;
  style.colour_map = "viridis";
  style.lower = lower_m_s;
  style.upper = upper_m_s;
  mesh::write_png(job.out / (name + ".png"), model_slice(job.deck.grid, speed_m_s), style);
}

void write_gather_picture(const SeismicJob& job, const std::string& name,
                          const solvers::seismic::Gather& gather) {
  const GatherPicture picture = gather_picture(gather);
  mesh::write_png(job.out / (name + ".png"), picture.slice, picture.style);
}

}  // namespace understudy::apps
