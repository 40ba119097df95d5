#include "surrogates/fields/torch_block_noise.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>

namespace understudy::surrogates {

namespace {

// LibTorch draws 16 numbers from 16 others, and the last 16 of a tensor anew where its length is no multiple: parts
// that are, but for the last one, which has 16 at least, are the whole's numbers.
constexpr std::int64_t at_once = 1 << 16;

// Numbers first to first + count - 1 of the whole, row by row, to where the block has them.
void copy_rows(const at::Tensor& part, std::int64_t first, const NetworkBlocks& blocks,
               at::Tensor& block) {
  const mesh::Range3 own = blocks.box(blocks.comm().rank());
  std::array<std::int64_t, 3> whole{1, 1, 1};
  for (int axis = 0; axis < blocks.dimension(); ++axis) whole[axis] = blocks.global_cells(axis);
  const std::int64_t end = first + part.numel(), width = own.size(0);
  for (std::int64_t row = first / whole[0]; row * whole[0] < end; ++row) {
    const std::int64_t y = row % whole[1], z = row / whole[1] % whole[2],
                       channel = row / whole[1] / whole[2];
    if (y < own.begin[1] || y >= own.end[1] || z < own.begin[2] || z >= own.end[2]) continue;
    const std::int64_t begin = row * whole[0];
    const std::int64_t from = std::max(first, begin + own.begin[0]),
                       to = std::min(end, begin + own.end[0]);
    if (from >= to) continue;
    const std::int64_t target =
        ((channel * own.size(2) + z - own.begin[2]) * own.size(1) + y - own.begin[1]) * width +
        (from - begin - own.begin[0]);
    std::memcpy(block.data_ptr<float>() + target, part.const_data_ptr<float>() + (from - first),
                static_cast<std::size_t>(to - from) * sizeof(float));
  }
}

}  // namespace

at::Tensor normal_draw_of_block(std::int64_t channels, const NetworkBlocks& blocks,
                                at::Generator& random) {
  std::vector<std::int64_t> shape{channels};
  std::int64_t all = channels;
  for (int axis = blocks.dimension(); axis-- > 0;) {
    shape.push_back(blocks.cells(axis));
    all *= blocks.global_cells(axis);
  }
  at::Tensor block = at::empty(shape, at::kFloat);
  for (std::int64_t first = 0; first < all;) {
    const std::int64_t count = all - first < 2 * at_once ? all - first : at_once;
    copy_rows(at::randn({count}, random, at::TensorOptions(at::kFloat)), first, blocks, block);
    first += count;
  }
  return block;
}

}  // namespace understudy::surrogates
