#include "apps/study/paraview_script.hpp"

#include "core/atomic_file.hpp"
#include "core/format.hpp"

namespace understudy::apps {

namespace {

namespace fs = std::filesystem;

constexpr const char* head = R"PY("""Opens the results of this folder in ParaView:

    paraview --script=open_in_paraview.py

or, in a session, File > Load State or the Python shell's Run Script.
"""

import os

from paraview.simple import (
    ColorBy,
    GetActiveViewOrCreate,
    GetAnimationScene,
    GetColorTransferFunction,
    GetScalarBar,
    Hide,
    OpenDataFile,
    Render,
    ResetCamera,
    Show,
)

folder = os.path.dirname(os.path.abspath(globals().get("__file__", "open_in_paraview.py")))

# file, what it is, the field that colours it, its unit, where its values stand
shown = [
)PY";

constexpr const char* tail = R"PY(]

view = GetActiveViewOrCreate("RenderView")
coloured = None
for name, kind, field, unit, place in shown:
    source = OpenDataFile(os.path.join(folder, name))
    display = Show(source, view)
    if kind == "marker":
        display.SetRepresentationType("Points")
        display.PointSize = 8.0
        display.AmbientColor = display.DiffuseColor = [0.8, 0.0, 0.0] if "source" in name else [0.0, 0.0, 0.0]
        continue
    if kind == "body":
        display.SetRepresentationType("Surface")
        display.LineWidth = 2.0
        display.ColorArrayName = [None, ""]
        continue
    display.SetRepresentationType("Surface")
    if coloured is not None:
        Hide(source, view)
        continue
    coloured = display
    ColorBy(display, (place, field))
    bar = GetScalarBar(GetColorTransferFunction(field), view)
    bar.Title = f"{field} [{unit}]" if unit not in ("", "1") else field
    bar.ComponentTitle = ""
    display.SetScalarBarVisibility(view, True)

ResetCamera(view)
# Colours span the first output, the middle one and the last, which is shown: waves begin with nothing.
scene = GetAnimationScene()
scene.UpdateAnimationUsingDataTimeSteps()
for time in (scene.StartTime, 0.5 * (scene.StartTime + scene.EndTime), scene.EndTime):
    scene.AnimationTime = time
    Render(view)
    if coloured is not None:
        coloured.RescaleTransferFunctionToDataRange(True, False)
Render(view)
)PY";

const char* word(ParaviewKind kind) {
  return kind == ParaviewKind::field ? "field" : kind == ParaviewKind::body ? "body" : "marker";
}

// As a text of Python's.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::string paraview_script(const std::vector<ParaviewView>& views) {
  std::string text = head;
  for (const ParaviewView& view : views)
    text += core::format("    ({}, \"{}\", {}, {}, \"{}\"),\n", quoted(view.file), word(view.kind),
                         quoted(view.field), quoted(view.unit), view.points ? "POINTS" : "CELLS");
  return text + tail;
}

void write_paraview_script(const fs::path& folder, const std::vector<ParaviewView>& views) {
  std::vector<ParaviewView> there;
  std::error_code none;
  for (const ParaviewView& view : views)
    if (fs::exists(folder / view.file, none)) there.push_back(view);
  if (there.empty()) return;
  const fs::path path = folder / "open_in_paraview.py";
  const std::string text = paraview_script(there);
  if (fs::exists(path, none) && core::read_file(path) == text) return;
  core::write_file(path, text);
}

}  // namespace understudy::apps
