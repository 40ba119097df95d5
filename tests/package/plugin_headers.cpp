// Every header that a plugin of one's own may want, beside those that the example includes: each is there with all
// that it includes.
#include <understudy/apps/plugin.hpp>
#include <understudy/apps/study/summary.hpp>
#include <understudy/pinn/torch_problem.hpp>
#include <understudy/pinn/torch_samples.hpp>
#include <understudy/surrogates/network/torch_block_sum.hpp>
#include <understudy/surrogates/network/torch_padding.hpp>
