// What is known of a solution on a grid of points, and how it is written: VTK for ParaView, PNG.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "apps/pinn/pinn_deck.hpp"
#include "mesh/io/picture.hpp"
#include "pinn/solver.hpp"

namespace understudy::apps {

struct PinnQuantity {
  enum class Kind { solution, reference, error, residual };
  std::string name, unit;  ///< of the file: u, u_reference, u_error, residual_interior_momentum
  Kind kind = Kind::solution;
  std::string of;              ///< field, or term.equation
  std::vector<double> values;  ///< [point], first input fastest
};

struct PinnFields {
  std::vector<pinn::InputInfo> inputs;
  std::vector<int> counts;             ///< points along each input
  std::vector<double> first, spacing;  ///< of each input
  std::vector<PinnQuantity> quantities;

  int time_axis() const;           ///< -1: none
  std::vector<int> space() const;  ///< the other axes
  double coordinate(int axis, int n) const { return first[axis] + spacing[axis] * n; }
  /// Null: there is none.
  const PinnQuantity* find(PinnQuantity::Kind kind, const std::string& of) const;
};

/// The problem's evaluation grid; one of some ten thousand points where it names none.
std::vector<int> evaluation_counts(const pinn::ProblemDescription& about);
/// UserError where output.points do not fit the problem's inputs.
std::vector<int> output_points(const PinnJob& job, const pinn::ProblemDescription& about);
/// The solution, reference, error (without means where only these count) and residuals. Collective.
PinnFields sample(const PinnJob& job, const pinn::ProblemDescription& about,
                  const pinn::Solution& solution);

/// A plane of the grid: the axes shown and the index of each other one.
struct PinnView {
  int across = 0, up = 1;
  std::vector<int> at;  ///< [input]
  std::string title;    ///< "t = 0.5 s"; empty: there is one view
};
/// One, or three times where there is time and two axes beside it. None for one input.
std::vector<PinnView> views(const PinnFields& fields);
mesh::Slice slice(const PinnFields& fields, const std::vector<double>& values,
                  const PinnView& view);
/// Solution and reference of a field share one range; errors are symmetric about 0.
mesh::PictureStyle style(const PinnFields& fields, const PinnQuantity& quantity);
/// What is drawn: values, of residuals log10 of their magnitude.
std::vector<double> drawn(const PinnQuantity& quantity);

/// <out>/fields.pvd: one image over all inputs where there are one or two, a series over time of images
/// otherwise. Rank 0 only.
void write_pinn_vtk(const PinnJob& job, const PinnFields& fields);
/// <out>/pictures/<quantity>[_<view>].png. Rank 0 only.
void write_pinn_pictures(const PinnJob& job, const PinnFields& fields);

}  // namespace understudy::apps
