# A part of `cmake --install`: makes #include "ROOM/..." of the headers just installed #include
# <understudy/ROOM/...>. `headers`: their folder, below the prefix unless it is absolute.
if(NOT IS_ABSOLUTE "${headers}")
  set(headers "${CMAKE_INSTALL_PREFIX}/${headers}")
endif()
file(GLOB_RECURSE installed "$ENV{DESTDIR}${headers}/*.hpp" "$ENV{DESTDIR}${headers}/*.h")
foreach(header IN LISTS installed)
  file(READ ${header} text)
  string(REGEX REPLACE "#include \"((core|mesh|solvers|surrogates|pinn|apps)/[^\"\n]+)\""
         "#include <understudy/\\1>" rewritten "${text}")
  if(rewritten MATCHES "#include \"([^\"\n]+)\"")
    message(FATAL_ERROR "${header} includes \"${CMAKE_MATCH_1}\", which is in no installed room")
  endif()
  if(NOT rewritten STREQUAL text)
    file(WRITE ${header} "${rewritten}")
  endif()
endforeach()
