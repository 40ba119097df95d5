// The app `gray_scott`: the line that a program adds to its catalogue, and a plugin to that of understudy.
#pragma once

#include "apps/study/study.hpp"

namespace gray_scott {

understudy::apps::App app();

}  // namespace gray_scott
