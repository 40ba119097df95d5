// While one lives, numbers too small for the normal format (below 1e-38 in single precision) count as 0
// on all threads of the host: ahead of a wave front fields are full of them, and processors take a
// hundred times longer for each. Does nothing on processors without such a mode, and on GPUs. Made outside
// of parallel regions.
#pragma once

namespace understudy::core {

class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  bool was_on_;
};

}  // namespace understudy::core
