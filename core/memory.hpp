// What memory the process has held.
#pragma once

namespace understudy::core {

/// Largest resident memory of this process since it began, bytes (getrusage's ru_maxrss). Memory of a
/// GPU is not in it.
double peak_memory_bytes();

}  // namespace understudy::core
