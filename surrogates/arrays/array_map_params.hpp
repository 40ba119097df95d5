// What maps one array to another, and how it is trained: keys of a deck. array_map_training.hpp says what
// the numbers mean.
//
// `inversion_net` (InversionNet; Wu and Lin 2019, IEEE Trans. Comput. Imaging 6, as OpenFWI uses it): an
// encoder-decoder from [channels, time, x] (shot gathers) to an image [rows, columns]. Encoder: 7 x 1, then
// 3 x 1 convolutions that halve the longer axis until both are about as long, then 3 x 3 convolutions that
// halve both to at most 9, then one convolution over all that is left to `latent` numbers. Decoder: a dense
// layer to a small image, doubled by nearest neighbour with 3 x 3 convolutions (in place of transposed
// ones: no checkerboards, Odena et al. 2016) and cut to the wanted size; tanh at the end, as outputs scaled
// by their range lie in [-1, 1].
//
// `forward_net`: the same parts without the tanh, from an image (velocity) to [channels, time, x] (gathers).
// An encoder-decoder and no Fourier neural operator: what a trace is at one time depends on all depths
// above, so that depth and time are no common axis for an operator that acts along it, and all goes
// through the latent numbers. With patch [4, 2] the fine levels, which cost most, are left out: gathers
// have few points per wavelength to lose.
//
// Sides of two axes are one channel; axes may be of any length.
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"
#include "surrogates/training/training_params.hpp"

namespace understudy::surrogates {

struct ArrayMapNetworkParams {
  std::string kind = "inversion_net";  ///< inversion_net, forward_net
  int width = 8;                       ///< channels at the finest level of the decoder
  int encoder_width = 0;               ///< channels of the encoder's first halving; 0: width
  int max_width = 64;                  ///< channels are doubled up to here
  int latent = 256;                    ///< numbers between encoder and decoder
  int depth = 1;                       ///< convolutions after each halving or doubling
  /// Points along the output's last two axes that the last layer makes at once, from one point of a coarser
  /// image (sub-pixel convolution; Shi et al. 2016): fine levels cost most.
  std::vector<long long> patch{1, 1};
  std::string norm = "none";         ///< none, group
  std::string activation = "leaky";  ///< leaky (slope 0.2), relu, silu, gelu
  void describe(core::ParamVisitor& v);
};

/// How one side's values become the network's, x -> y in [-1, 1] for values within the range.
struct ArrayScaleParams {
  /// linear; rms: x / root mean square, zero stays zero (y is then not bounded); signed_log: sign(x)
  /// log1p(|x| / r) / log1p(largest / r)
  std::string kind = "linear";
  double reference = 0.01;  ///< signed_log: r as a fraction of the largest |x|
  void describe(core::ParamVisitor& v);
};

struct ArrayMapTrainingParams : ScheduleParams {
  ArrayMapTrainingParams();  ///< with the defaults of arrays
  std::string loss = "l1";   ///< of scaled outputs: l1, l2, l1_l2 (their sum), relative_l2
  ArrayScaleParams input_scale{"signed_log", 0.01}, output_scale;
  bool mirror =
      true;  ///< half the training samples, drawn anew each time, mirrored (ArrayInfo::mirrored)
  std::string precision = "auto";  ///< float32, bfloat16, auto
  int patience = 0;                ///< validations without a better one; 0: to the end
  long long training_samples = 0;  ///< the first so many of the split; 0: all
  long long seed = 1;
  void describe(core::ParamVisitor& v);
  /// Of the training loop.
  TrainingParams training() const;
};

}  // namespace understudy::surrogates
