// open_in_paraview.py, beside the series of an output folder: loads them with bodies, sources and receivers,
// colours by the main field and puts a scalar bar with its unit. A script and no state file (.pvsm), which belongs to
// one version of ParaView; it uses paraview.simple alone and finds its files beside itself.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mesh/cell_field.hpp"

namespace understudy::apps {

enum class ParaviewKind { field, body, marker };

struct ParaviewView {
  std::string file;                   ///< in the output folder
  std::string field = {}, unit = {};  ///< that colour a series; bodies and markers have none
  bool points = false;                ///< point data
  ParaviewKind kind = ParaviewKind::field;
};

/// The main field of a series: `velocity`, where the series has that vector, else the first.
template <class Real>
ParaviewView main_view(const std::string& file, const std::vector<mesh::CellField<Real>>& fields,
                       int dimension, bool points) {
  const auto find = [&](const std::string& name) -> const mesh::CellField<Real>* {
    for (const auto& field : fields)
      if (field.name == name) return &field;
    return nullptr;
  };
  for (const char* first : {"u", "velocity_0"}) {
    const bool box = first[0] == 'u';
    if (find(first) && find(box ? "v" : "velocity_1") &&
        (box && dimension == 2 ? true : find(box ? "w" : "velocity_2") != nullptr))
      return {file, "velocity", find(first)->unit, points};
  }
  if (fields.empty()) return {file, "", "", points};
  return {file, fields.front().name, fields.front().unit, points};
}

/// The script's text: the first series is shown, further ones are loaded and hidden.
std::string paraview_script(const std::vector<ParaviewView>& views);

/// Writes <folder>/open_in_paraview.py of those views whose files are there; nothing where none is, or where the
/// text there is the same. One rank only. UserError where it cannot be written.
void write_paraview_script(const std::filesystem::path& folder,
                           const std::vector<ParaviewView>& views);

}  // namespace understudy::apps
