// What a program of one's own includes: #include "understudy.hpp", link Understudy::surrogates.
#pragma once

#include "surrogates/sub_model/sub_model.hpp"
