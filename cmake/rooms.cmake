# understudy_room(name PUBLIC ... PRIVATE ...): one library from the room's sources. Files whose names
# start with petsc_, vtk_, stl_ or fftw_ need that package and are left out with it.
function(understudy_room room)
  cmake_parse_arguments(ARG "" "" "PUBLIC;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${room}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(NOT UNDERSTUDY_PETSC)
    list(FILTER sources EXCLUDE REGEX "/petsc_[^/]*$")
  endif()
  if(NOT UNDERSTUDY_VTK)
    list(FILTER sources EXCLUDE REGEX "/(vtk_|stl_|picture)[^/]*$")
  endif()
  if(UNDERSTUDY_MPI)
    list(FILTER sources EXCLUDE REGEX "/[^/]*_serial\\.cpp$")
  else()
    list(FILTER sources EXCLUDE REGEX "/[^/]*_mpi\\.cpp$")
  endif()

  add_library(understudy_${room} ${sources})
  add_library(Understudy::${room} ALIAS understudy_${room})
  set_target_properties(understudy_${room} PROPERTIES EXPORT_NAME ${room})
  target_include_directories(understudy_${room} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include/understudy>)
  target_link_libraries(understudy_${room} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  target_link_libraries(understudy_${room} PRIVATE $<BUILD_INTERFACE:understudy_flags>)
  target_compile_definitions(understudy_${room} PUBLIC
    $<$<BOOL:${UNDERSTUDY_MPI}>:UNDERSTUDY_WITH_MPI>
    $<$<BOOL:${UNDERSTUDY_PETSC}>:UNDERSTUDY_WITH_PETSC>
    $<$<BOOL:${UNDERSTUDY_VTK}>:UNDERSTUDY_WITH_VTK>)
endfunction()

# Flags of our own code only. No -ffast-math: finite checks must see NaN, and restarts must be bitwise;
# -fno-math-errno and -fno-trapping-math let loops vectorise and change no result.
add_library(understudy_flags INTERFACE)
target_compile_options(understudy_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${UNDERSTUDY_NATIVE}>>:-march=native>
  $<$<COMPILE_LANGUAGE:CXX>:-fno-math-errno -fno-trapping-math>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND UNDERSTUDY_NATIVE)
  target_compile_options(understudy_flags INTERFACE -mprefer-vector-width=512)
endif()
if(UNDERSTUDY_SANITIZE)
  add_compile_options(-fsanitize=${UNDERSTUDY_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${UNDERSTUDY_SANITIZE})
endif()

# Provenance: the commit is read at build time, so that a new commit is seen without a new configure.
add_custom_target(understudy_git_version
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR}
          -DTARGET=${PROJECT_BINARY_DIR}/generated/git_version.inc
          -P ${PROJECT_SOURCE_DIR}/cmake/git_version.cmake
  BYPRODUCTS ${PROJECT_BINARY_DIR}/generated/git_version.inc)

# What only core needs: the project's version and the generated commit.
function(understudy_core_provenance)
  add_dependencies(understudy_core understudy_git_version)
  set_property(SOURCE ${PROJECT_SOURCE_DIR}/core/provenance.cpp APPEND PROPERTY OBJECT_DEPENDS
               ${PROJECT_BINARY_DIR}/generated/git_version.inc)
  target_include_directories(understudy_core PRIVATE ${PROJECT_BINARY_DIR}/generated)
  target_compile_definitions(understudy_core PRIVATE UNDERSTUDY_VERSION="${PROJECT_VERSION}")
endfunction()
