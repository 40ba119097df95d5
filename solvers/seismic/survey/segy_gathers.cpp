#include "solvers/seismic/survey/segy_gathers.hpp"

#include <algorithm>
#include <map>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::solvers::seismic {

namespace {

using mesh::SegyFile;
using mesh::SegyTrace;
namespace code = mesh::segy_code;

const char* instead = " (output.gathers: hdf5 holds any)";

int interval_us(const GatherSet& set) {
  return mesh::segy_whole(set.record_every_s * 1e6, "time.record_every_s", "microseconds");
}

std::vector<std::string> text_of(const GatherSet& set) {
  std::vector<std::string> lines{
      core::format("SHOT GATHERS, {} IN {}", set.quantity, set.unit),
      core::format("{} SHOTS, {} RECEIVERS, {} SAMPLES EVERY {} US", set.shots.size(),
                   set.receivers.size(), set.samples(), interval_us(set)),
      "FIELD RECORD: SHOT FROM 1 (BYTES 9-12), TRACE: RECEIVER FROM 1 (BYTES 13-16)",
      "POSITIONS IN M: X, Y (BYTES 73-88), DEPTH OF SOURCE (BYTES 49-52),",
      "ELEVATION OF RECEIVER (BYTES 41-44); ELEVATION 0 IS THE UPPER SIDE OF THE BOX"};
  for (const char* name : {"version", "git", "deck_hash", "started"})
    if (const auto found = set.attributes.find(name); found != set.attributes.end())
      lines.push_back(core::format("{}: {}", name, found->second).substr(0, 76));
  return lines;
}

SegyTrace trace_of(const GatherSet& set, std::size_t shot, std::size_t receiver) {
  SegyTrace trace;
  trace.record = trace.source_point = static_cast<int>(shot) + 1;
  trace.number = static_cast<int>(receiver) + 1;
  trace.kind = set.quantity == "pressure" ? code::pressure : code::seismic;
  trace.unit = set.unit == "Pa"    ? code::pascal
               : set.unit == "m/s" ? code::metre_per_second
                                   : code::other;
  trace.source = set.sources[shot];
  trace.receiver = set.receivers[receiver];
  const Gather& gather = set.shots[shot];
  for (int m = 0; m < gather.samples; ++m)
    trace.samples.push_back(gather.at(m, static_cast<int>(receiver)));
  return trace;
}

// --- reading

std::string text_of(const std::array<double, 3>& p) {
  return core::format("(x {}, y {}, depth {}) m", p[0], p[1], p[2]);
}

void require_quantity(const std::string& path, const SegyFile& file, const std::string& quantity) {
  const bool pressure = quantity == "pressure";
  const auto fail = [&](std::size_t n, const std::string& what) {
    throw core::UserError(core::format("{}: trace {} {}; {} is wanted", path, n + 1, what,
                                       pressure ? "pressure in Pa" : quantity + " in m/s"));
  };
  for (std::size_t n = 0; n < file.traces.size(); ++n) {
    const auto [kind, unit] = std::pair(file.traces[n].kind, file.traces[n].unit);
    if (kind == code::dead) fail(n, "is dead (bytes 29-30: 2)");
    if (kind > code::dead && kind <= code::water_break)
      fail(n, core::format("holds no waves, but a dummy or a time mark (bytes 29-30: {})", kind));
    if ((kind == code::pressure) != pressure && kind > code::water_break)
      fail(n, core::format("is of another kind (bytes 29-30: {})", kind));
    if (unit != code::any_unit && unit != (pressure ? code::pascal : code::metre_per_second))
      fail(n, core::format("is in another unit (bytes 203-204: {})", unit));
  }
}

// Which number tells shots apart? None: their sources do.
int SegyTrace::* shot_number(const SegyFile& file) {
  for (int SegyTrace::* number : {&SegyTrace::record, &SegyTrace::source_point})
    if (std::ranges::any_of(file.traces, [&](const SegyTrace& t) { return t.*number != 0; }))
      return number;
  return nullptr;
}

// The traces of each shot, shots and traces in the order of the file.
std::vector<std::vector<const SegyTrace*>> shots_of(const SegyFile& file) {
  const auto number = shot_number(file);
  std::vector<std::vector<const SegyTrace*>> shots;
  std::map<std::array<double, 3>, std::size_t> known;
  for (const SegyTrace& trace : file.traces) {
    const auto key = number ? std::array<double, 3>{double(trace.*number), 0, 0} : trace.source;
    const auto [at, is_new] = known.emplace(key, shots.size());
    if (is_new) shots.emplace_back();
    shots[at->second].push_back(&trace);
  }
  return shots;
}

void require_one_geometry(const std::string& path,
                          const std::vector<std::vector<const SegyTrace*>>& shots) {
  const auto& first = shots.front();
  for (std::size_t s = 0; s < shots.size(); ++s) {
    if (shots[s].size() != first.size())
      throw core::UserError(
          core::format("{}: shot {} has {} traces, and shot 0 has {}; all shots must have "
                       "the same receivers",
                       path, s, shots[s].size(), first.size()));
    for (std::size_t r = 0; r < first.size(); ++r) {
      const SegyTrace& trace = *shots[s][r];
      if (trace.source != shots[s].front()->source)
        throw core::UserError(core::format(
            "{}: the source of shot {} is at {} in its trace {}, and at {} in its first", path, s,
            text_of(trace.source), r, text_of(shots[s].front()->source)));
      if (trace.receiver != first[r]->receiver)
        throw core::UserError(
            core::format("{}: receiver {} of shot {} is at {}, and that of shot 0 at {}; all "
                         "shots must have the same receivers",
                         path, r, s, text_of(trace.receiver), text_of(first[r]->receiver)));
    }
  }
}

}  // namespace

void require_segy_geometry(const GatherSet& geometry) {
  try {
    interval_us(geometry);
    mesh::segy_whole(geometry.samples(), "time.end_s over time.record_every_s, and one, ",
                     "samples");
    std::vector<double> across, depths;
    for (const auto* positions : {&geometry.sources, &geometry.receivers})
      for (const auto& p : *positions) {
        across.insert(across.end(), {p[0], p[1]});
        depths.push_back(p[2]);
      }
    const std::string what = "a position of seismic.sources or seismic.receivers";
    mesh::segy_divisor(across, what);
    mesh::segy_divisor(depths, "the depth in " + what);
  } catch (const core::UserError& e) {
    throw core::UserError(std::string("output.gathers: segy: ") + e.what() + instead);
  }
}

void write_segy_gathers(const std::filesystem::path& path, const GatherSet& set,
                        mesh::SegyNumbers numbers) {
  require_segy_geometry(set);
  SegyFile file;
  file.text = text_of(set);
  file.interval = interval_us(set);
  file.numbers = numbers;
  file.sorting = code::as_recorded;
  for (std::size_t shot = 0; shot < set.shots.size(); ++shot)
    for (std::size_t receiver = 0; receiver < set.receivers.size(); ++receiver)
      file.traces.push_back(trace_of(set, shot, receiver));
  mesh::write_segy(path, file);
}

GatherSet read_segy_gathers(const std::filesystem::path& path, const std::string& quantity) {
  const SegyFile file = mesh::read_segy(path);
  require_quantity(path.string(), file, quantity);
  const auto shots = shots_of(file);
  require_one_geometry(path.string(), shots);
  GatherSet set;
  set.quantity = quantity;
  set.unit = quantity == "pressure" ? "Pa" : "m/s";
  set.record_every_s = file.interval * 1e-6;
  for (const SegyTrace* trace : shots.front()) set.receivers.push_back(trace->receiver);
  const auto samples = static_cast<int>(file.traces.front().samples.size());
  for (const auto& traces : shots) {
    set.sources.push_back(traces.front()->source);
    Gather& gather = set.shots.emplace_back(samples, static_cast<int>(traces.size()));
    for (int m = 0; m < samples; ++m)
      for (int r = 0; r < gather.receivers; ++r) gather.at(m, r) = traces[r]->samples[m];
  }
  return set;
}

}  // namespace understudy::solvers::seismic
