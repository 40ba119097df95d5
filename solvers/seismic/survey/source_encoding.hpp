// Shots superposed with random signs into fewer simultaneous ones ("supershots"; Krebs et al. 2009, van Leeuwen,
// Aravkin and Herrmann 2011): the sources of one emit at once, each times its sign, and the records of its shots
// are added with the same signs. Waves are linear, so that the superposed records are what the superposed sources
// would have been recorded as, where all shots have the same receivers, wavelet and times.
//
// Of random signs s, E[s_a s_b] = 0 for two shots: the misfit 1/2 |sum_a s_a (u_a - d_a)|^2 of least squares has the
// sum of the shots' own misfits as its expectation, and so has the gradient. What one draw adds to that, products of
// the residuals of different shots, is the cross-talk: the less of it the fewer shots share a supershot, of mean 0
// over many draws, and gone only where the residuals are.
//
// Each shot is in exactly one supershot; which ones share one is random, too. A draw depends on its numbers alone:
// it is the same on every rank and platform, and any one can be had at once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "solvers/seismic/survey/gathers.hpp"

namespace understudy::solvers::seismic {

/// A shot within a supershot.
struct EncodedShot {
  int shot = 0;
  double factor = 1;  ///< of its source and its record
};
/// [supershot]; empty: no encoding, every shot by itself.
using SourceEncoding = std::vector<std::vector<EncodedShot>>;

struct EncodingDraw {
  int shots = 1, supershots = 1;
  std::uint64_t seed = 1;
  int stage = 0, renewal = 0;  ///< of the inversion; renewal: within the stage
};

/// Supershots of as equal sizes as can be, each listing its shots in rising order; factors are 1 or -1.
SourceEncoding draw_encoding(const EncodingDraw& draw);

/// The records of the supershots, [supershot]; `gathers` [shot], all of one shape.
std::vector<Gather> superpose(std::span<const Gather> gathers, const SourceEncoding& encoding);

/// UserError where a survey of so many shots has nothing to gain from so many supershots.
void require_encoding(int supershots, int shots);

}  // namespace understudy::solvers::seismic
