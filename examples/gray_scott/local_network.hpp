// A network of the program's own, `network.kind: local` (torch_local_network.cpp).
#pragma once

namespace gray_scott {

/// Before the first app is made.
void add_local_network();

}  // namespace gray_scott
