include(GNUInstallDirs)

# understudy_room(name PUBLIC ... PRIVATE ... NEEDS_PETSC ...): one library from the room's sources. Files
# whose names start with petsc_, vtk_, stl_, netcdf_, onnx_ or fftw_ need that package and are left out with it, and so
# are those that NEEDS_PETSC names: they call what such files define.
function(understudy_room room)
  cmake_parse_arguments(ARG "" "" "PUBLIC;PRIVATE;NEEDS_PETSC" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${room}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(NOT UNDERSTUDY_PETSC)
    list(FILTER sources EXCLUDE REGEX "/petsc_[^/]*$")
  endif()
  foreach(file IN LISTS ARG_NEEDS_PETSC)
    if(NOT ${PROJECT_SOURCE_DIR}/${room}/${file} IN_LIST sources)
      message(FATAL_ERROR "NEEDS_PETSC of ${room}: there is no ${file}")
    endif()
    if(NOT UNDERSTUDY_PETSC)
      list(REMOVE_ITEM sources ${PROJECT_SOURCE_DIR}/${room}/${file})
    endif()
  endforeach()
  if(NOT UNDERSTUDY_VTK)
    list(FILTER sources EXCLUDE REGEX "/(vtk_|stl_|picture)[^/]*$")
  endif()
  if(NOT UNDERSTUDY_NETCDF)
    list(FILTER sources EXCLUDE REGEX "/netcdf_[^/]*$")
  endif()
  if(NOT UNDERSTUDY_ONNX)
    list(FILTER sources EXCLUDE REGEX "/onnx_[^/]*$")
  endif()
  if(UNDERSTUDY_MPI)
    list(FILTER sources EXCLUDE REGEX "/[^/]*_serial\\.cpp$")
  else()
    list(FILTER sources EXCLUDE REGEX "/[^/]*_mpi\\.cpp$")
  endif()

  add_library(understudy_${room})
  add_library(Understudy::${room} ALIAS understudy_${room})
  set_target_properties(understudy_${room} PROPERTIES EXPORT_NAME ${room})
  target_include_directories(understudy_${room} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(understudy_${room} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  target_link_libraries(understudy_${room} PRIVATE $<BUILD_INTERFACE:understudy_flags>)
  target_compile_definitions(understudy_${room} PUBLIC
    $<$<BOOL:${UNDERSTUDY_MPI}>:UNDERSTUDY_WITH_MPI>
    $<$<BOOL:${UNDERSTUDY_PETSC}>:UNDERSTUDY_WITH_PETSC>
    $<$<BOOL:${UNDERSTUDY_VTK}>:UNDERSTUDY_WITH_VTK>
    $<$<BOOL:${UNDERSTUDY_DEVICE_LOOPS}>:UNDERSTUDY_DEVICE_LOOPS>)
  understudy_sources(understudy_${room} ${sources})
endfunction()

# understudy_sources(target source...): the target's sources and the precompiled headers they take: those
# of Kokkos and the standard library, or those with LibTorch's tensors, too, for the files that show them.
# The latter take 4 s to load and save ten; to the other files they would only cost, hence an object library
# of its own for these. Headers are precompiled for speed alone, every file includes what it uses:
# CMAKE_DISABLE_PRECOMPILE_HEADERS=ON builds without (docs/results/build.md).
function(understudy_sources target)
  set(tensors)
  set(plain)
  foreach(source IN LISTS ARGN)
    set(text)
    if(UNDERSTUDY_TORCH)
      file(STRINGS ${source} text REGEX "#include [<\"](torch/|ATen/|.*/torch_)")
    endif()
    if(text)
      list(APPEND tensors ${source})
    else()
      list(APPEND plain ${source})
    endif()
  endforeach()
  set(kind rooms)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL EXECUTABLE)
    set(kind tests)
  endif()
  if(tensors AND plain)
    add_library(${target}_plain OBJECT ${plain})
    foreach(property INCLUDE_DIRECTORIES COMPILE_DEFINITIONS COMPILE_OPTIONS LINK_LIBRARIES)
      set_property(TARGET ${target}_plain PROPERTY ${property} $<TARGET_PROPERTY:${target},${property}>)
    endforeach()
    understudy_position(${target}_plain ${kind})
    target_sources(${target} PRIVATE ${tensors} $<TARGET_OBJECTS:${target}_plain>)
    understudy_precompile(${target}_plain ${kind} OFF)
    understudy_precompile(${target} ${kind} ON)
  elseif(tensors)
    target_sources(${target} PRIVATE ${tensors})
    understudy_precompile(${target} ${kind} ON)
  else()
    target_sources(${target} PRIVATE ${plain})
    understudy_precompile(${target} ${kind} OFF)
  endif()
endfunction()

# Objects of a program are compiled as CMake compiles a program's own: the compiler takes no header that
# was precompiled for the other kind.
function(understudy_position target kind)
  if(kind STREQUAL tests)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIE)
  endif()
endfunction()

# understudy_precompile(target kind tensors): the headers are compiled once a kind (rooms, tests: their flags
# differ) in a library without code, which knows no definition that a target of that kind lacks.
function(understudy_precompile target kind tensors)
  set(owner understudy_${kind}_headers)
  set(headers <Kokkos_Core.hpp> <algorithm> <array> <cmath> <filesystem> <functional> <map> <memory>
    <string> <vector> <fmt/core.h>)
  set(flags understudy_flags)
  if(kind STREQUAL tests)
    set(flags understudy_test_flags)
  endif()
  set(torch)
  if(tensors)
    string(APPEND owner _tensors)
    list(APPEND headers <ATen/ATen.h>)
    set(torch ${UNDERSTUDY_TORCH_TARGETS})
  endif()
  if(NOT TARGET ${owner})
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/headers.cpp CONTENT "")
    add_library(${owner} OBJECT ${PROJECT_BINARY_DIR}/generated/headers.cpp)
    target_link_libraries(${owner} PRIVATE Kokkos::kokkos fmt::fmt ${torch} ${flags})
    understudy_position(${owner} ${kind})
    target_precompile_headers(${owner} PRIVATE ${headers})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${owner})
endfunction()

# Flags of our own code only. No -ffast-math: finite checks must see NaN, and restarts must be bitwise;
# -fno-math-errno and -fno-trapping-math let loops vectorise and change no result.
add_library(understudy_flags INTERFACE)
target_compile_options(understudy_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${UNDERSTUDY_NATIVE}>>:-march=native>
  $<$<COMPILE_LANGUAGE:CXX>:-fno-math-errno -fno-trapping-math>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND UNDERSTUDY_NATIVE)
  target_compile_options(understudy_flags INTERFACE -mprefer-vector-width=512)
endif()
# Those of them that change code, for plugins here and, by UnderstudyConfig.cmake.in, outside (plugin.cmake).
set(UNDERSTUDY_PLUGIN_OPTIONS -fno-math-errno -fno-trapping-math)
if(UNDERSTUDY_NATIVE)
  list(APPEND UNDERSTUDY_PLUGIN_OPTIONS -march=native)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    list(APPEND UNDERSTUDY_PLUGIN_OPTIONS -mprefer-vector-width=512)
  endif()
endif()
set(UNDERSTUDY_PLUGIN_DEFINITIONS)
if(UNDERSTUDY_BOUNDS_CHECK)
  set(UNDERSTUDY_PLUGIN_DEFINITIONS KOKKOS_ENABLE_DEBUG_BOUNDS_CHECK)
endif()
set_property(GLOBAL PROPERTY UNDERSTUDY_PLUGIN_OPTIONS ${UNDERSTUDY_PLUGIN_OPTIONS})
set_property(GLOBAL PROPERTY UNDERSTUDY_PLUGIN_DEFINITIONS ${UNDERSTUDY_PLUGIN_DEFINITIONS})
set_property(GLOBAL PROPERTY UNDERSTUDY_PLUGIN_FOLDERS ${PROJECT_BINARY_DIR}/generated)
# Tests are mostly run once: less optimisation, but for what they take from headers.
add_library(understudy_test_flags INTERFACE)
target_link_libraries(understudy_test_flags INTERFACE understudy_flags)
target_compile_options(understudy_test_flags INTERFACE $<$<CONFIG:Release>:-O1>)

# Of Kokkos' headers alone: its library, which may be a package's, need not have been built with it.
if(UNDERSTUDY_BOUNDS_CHECK)
  add_compile_definitions(KOKKOS_ENABLE_DEBUG_BOUNDS_CHECK)
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

# What plugins and the program that loads them compare. Only plugin_loader.cpp includes it.
function(understudy_apps_plugins)
  set(header ${PROJECT_BINARY_DIR}/generated/apps/plugin_build.hpp)
  add_custom_target(understudy_plugin_build
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DVERSION=${PROJECT_VERSION}
            -DTORCH=${Torch_VERSION} -DTARGET=${header}
            -P ${PROJECT_SOURCE_DIR}/cmake/plugin_build.cmake
    BYPRODUCTS ${header})
  add_dependencies(understudy_apps understudy_plugin_build)
  set_property(SOURCE ${PROJECT_SOURCE_DIR}/apps/plugin_loader.cpp APPEND PROPERTY OBJECT_DEPENDS ${header})
  target_include_directories(understudy_apps PRIVATE ${PROJECT_BINARY_DIR}/generated)
  target_link_libraries(understudy_apps PRIVATE ${CMAKE_DL_LIBS})
endfunction()

# understudy_exports(program): it may load plugins, which call any function of the rooms. The rooms are static:
# the linker would leave out what the program itself does not call, and hide the rest, hence all of every room,
# all of it exported. Costs 1.9 MB of a program of 40 MB (linked without the option: 38.1), and nothing while it runs:
# a program's own calls do not go by the table of exported names. A Kokkos that is static comes whole, too, for the
# same reason. (One option, which CMake neither splits nor sorts; the rooms are in the link anyway, and nothing is
# taken from them twice.)
function(understudy_exports program)
  set(whole)
  foreach(library IN ITEMS understudy_apps understudy_pinn understudy_surrogates understudy_solvers
          understudy_mesh understudy_core Kokkos::kokkoscore Kokkos::kokkoscontainers kokkoscore
          kokkoscontainers)
    if(NOT TARGET ${library})
      continue()
    endif()
    get_target_property(alias ${library} ALIASED_TARGET)
    get_target_property(type ${library} TYPE)
    if(type STREQUAL STATIC_LIBRARY AND NOT alias)
      string(APPEND whole ",$<TARGET_FILE:${library}>")
    endif()
  endforeach()
  set_target_properties(${program} PROPERTIES ENABLE_EXPORTS ON)
  if(whole)
    target_link_options(${program} PRIVATE "-Wl,--whole-archive${whole},--no-whole-archive")
  endif()
endfunction()
