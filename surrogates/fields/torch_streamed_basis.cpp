#include "surrogates/fields/torch_streamed_basis.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

#include "surrogates/fields/torch_relative_error.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_pod.hpp"

namespace understudy::surrogates {

namespace {

constexpr int iterations = 3;

}  // namespace

StreamedBasis streamed_basis(const FrameBlocks& pass, const BasisWish& wish) {
  require_enough_frames(wish.r, wish.frames);
  StreamedBasis basis;
  at::Tensor sum = at::zeros({wish.points}, at::kDouble);
  pass([&](const at::Tensor& block) {
    for (std::int64_t n = 0; n < block.size(0); ++n) sum.add_(block[n]);
  });
  basis.mean = (sum / static_cast<double>(wish.frames)).to(at::kFloat);
  const auto centred = [&](const at::Tensor& block) {
    return weighed(block - basis.mean, wish.root);
  };

  const PointSharing& sharing = wish.sharing;
  const auto all_points = static_cast<std::int64_t>(sharing.sum(static_cast<double>(wish.points)));
  const std::int64_t columns = std::min({StreamedBasis::sketched(wish.r), wish.frames, all_points});
  auto random = generator(wish.seed);
  at::Tensor sketch = at::zeros({wish.points, columns}, at::kFloat);
  pass([&](const at::Tensor& block) {
    const at::Tensor a = centred(block);
    basis.variance += a.square().sum(at::kDouble).item<double>();
    const at::Tensor omega = at::randn({a.size(0), columns}, random, at::TensorOptions(at::kFloat));
    sketch.addmm_(a.t(), omega);
  });
  basis.variance = sharing.sum(basis.variance) / static_cast<double>(wish.frames);
  // Turned to the singular vectors that a pass shows, the columns are each of a size of their own in the next one, and
  // single precision does not lose the weak beside the strong.
  at::Tensor q = sharing.orthonormal(sketch);
  for (int n = 0; n < iterations; ++n) {
    at::Tensor gram = at::zeros({columns, columns}, at::kDouble);
    sketch.zero_();
    pass([&](const at::Tensor& block) {
      const at::Tensor a = centred(block), c = sharing.sum(at::mm(a, q)), wide = c.to(at::kDouble);
      sketch.addmm_(a.t(), c);
      gram.addmm_(wide.t(), wide);
    });
    q.reset();
    q = sharing.orthonormal(at::mm(sketch, sharing.leading_first(gram).second.to(at::kFloat)));
  }
  sketch.reset();

  std::vector<at::Tensor> rows;
  pass([&](const at::Tensor& block) { rows.push_back(sharing.sum(at::mm(centred(block), q))); });
  const at::Tensor all = at::cat(rows), wide = all.to(at::kDouble);
  const auto [eigenvalues, vectors] =
      sharing.leading_first(at::mm(wide.t(), wide) / static_cast<double>(wish.frames));
  basis.eigenvalues = eigenvalues;
  require_directions(basis.eigenvalues, wish.r);
  at::Tensor leading = vectors.narrow(1, 0, wish.r).to(at::kFloat);
  leading = leading * mode_signs(at::mm(all, leading));
  basis.modes = at::mm(leading.t(), q.t()).contiguous();
  basis.coordinates = at::mm(all, leading);
  return basis;
}

}  // namespace understudy::surrogates
