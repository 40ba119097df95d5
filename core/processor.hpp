// What the processor can do, by the names that Linux gives it.
#pragma once

#include <istream>
#include <set>
#include <string>

namespace understudy::core {

/// The flags of the first processor in the text of /proc/cpuinfo ("avx512_bf16", "amx_tile"...).
std::set<std::string> processor_flags(std::istream& cpuinfo);
/// Of this machine; empty where there is no /proc.
const std::set<std::string>& processor_flags();
/// It has arithmetic of bfloat16: AMX or AVX512-BF16.
bool processor_has_bfloat16(const std::set<std::string>& flags = processor_flags());

}  // namespace understudy::core
