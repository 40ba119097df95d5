// What a SubModel requires before it loads anything, and of a batch (private to surrogates/).
#pragma once

#include <cstddef>
#include <exception>
#include <string>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/sub_model/sub_model.hpp"

namespace understudy::sub_model {

bool needs_model(SubModelPolicy policy);

/// UserError unless MPI, where the build has it, is initialised and not yet finalised: no rank can be asked
/// before.
void require_mpi();
/// The same of Kokkos.
void require_kokkos();

/// UserError on every rank where any has no Kokkos or wrong options, or the ranks' policies differ, so that
/// no rank goes on alone and waits for the others. Collective.
void require_valid(const SubModelOptions& options);

/// Runs `action`; whatever it throws on any rank is a UserError on all, that begins with `what` unless it
/// is one of ours. Collective.
template <class Action>
void together(const core::Comm& comm, const std::string& what, const Action& action) {
  std::string error;
  try {
    action();
  } catch (const core::UserError& e) {
    error = e.what();
  } catch (const std::exception& e) {
    error = what + ": " + std::string(e.what()).substr(0, std::string(e.what()).find('\n'));
  }
  comm.throw_on_all_ranks<core::UserError>(error);
}

/// Are any of the values of `in` and `out` the same memory? Columns of one array that only
/// interleave are none.
template <class In, class Out>
bool overlap(const In& in, const Out& out) {
  const auto* first = in.data();
  const auto* second = static_cast<decltype(first)>(out.data());
  if (first + in.span() <= second || second + out.span() <= first) return false;
  const auto stride = static_cast<std::ptrdiff_t>(in.stride(0));
  if (stride != static_cast<std::ptrdiff_t>(out.stride(0)) || stride == 0) return true;
  // Rows of one array: out begins `shift` columns after in.
  const auto shift = ((second - first) % stride + stride) % stride;
  return shift < static_cast<std::ptrdiff_t>(in.extent(1)) ||
         shift + static_cast<std::ptrdiff_t>(out.extent(1)) > stride;
}

/// UserError where the batch has another shape than the options say, or `in` and `out` share memory.
template <class Real, class Memory>
void require_batch(const SubModelOptions& options, const Points<const Real, Memory>& in,
                   const Points<Real, Memory>& out) {
  if (in.extent(0) != out.extent(0) || in.extent(1) != options.inputs.size() ||
      out.extent(1) != options.outputs.size())
    throw core::UserError(core::format(
        "sub-model {}: the batch is [{}, {}] in and [{}, {}] out; expected are [points, {}] ({}) and "
        "[points, {}] ({})",
        options.name, in.extent(0), in.extent(1), out.extent(0), out.extent(1),
        options.inputs.size(), surrogates::to_string(options.inputs), options.outputs.size(),
        surrogates::to_string(options.outputs)));
  if (in.extent(0) > 0 && overlap(in, out))
    throw core::UserError(core::format(
        "sub-model {}: `in` and `out` overlap in memory; what is stored, and what the "
        "physics computes after the network, would be wrong. Give `out` memory of its own",
        options.name));
}

}  // namespace understudy::sub_model
