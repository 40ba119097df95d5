# Writes the header from which a plugin and the program that loads it learn for what they were built: version,
# hash of all rooms' headers and LibTorch's version; touches the file only when it changed. Any edit of a header
# counts, so that nobody has to remember which ones change what crosses between the two.
set(hashes)
foreach(room core mesh solvers surrogates pinn apps)
  file(GLOB_RECURSE headers RELATIVE ${SOURCE} ${SOURCE}/${room}/*.hpp)
  list(SORT headers)
  foreach(header IN LISTS headers)
    file(SHA256 ${SOURCE}/${header} hash)
    string(APPEND hashes "${header} ${hash}\n")
  endforeach()
endforeach()
string(SHA256 hash "${hashes}")
string(SUBSTRING "${hash}" 0 12 hash)
set(text "// Made by cmake/plugin_build.cmake.
#pragma once

#define UNDERSTUDY_PLUGIN_VERSION \"${VERSION}\"
#define UNDERSTUDY_PLUGIN_HEADERS \"${hash}\"
#define UNDERSTUDY_PLUGIN_TORCH \"${TORCH}\"
")
if(EXISTS ${TARGET})
  file(READ ${TARGET} old)
endif()
if(NOT "${text}" STREQUAL "${old}")
  file(WRITE ${TARGET} "${text}")
endif()
