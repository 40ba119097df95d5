# Plugins: libraries that the program understudy loads (docs/library.md, "Plugins"). In the build tree and in the
# installed package.
#
# What the program was built with is told by global properties, which the package's configuration sets and, in the
# build tree, rooms.cmake: a variable would be that of whichever folder adds the plugin.
#
#   UNDERSTUDY_PLUGIN_OPTIONS      the compiler's options of the rooms that change code
#   UNDERSTUDY_PLUGIN_DEFINITIONS  what their headers must be told, beside what their targets say
#   UNDERSTUDY_PLUGIN_FOLDERS      of generated headers: the build tree's
#   UNDERSTUDY_PLUGIN_TORCH_BUILT, UNDERSTUDY_PLUGIN_TORCH_FOUND  LibTorch's version: the program's, and the one that
#                                  the package found; the package's alone

# Where the caller chose no build type, and no -O: without optimisation the loops over cells, which are templates and
# compiled in the plugin, would be many times slower than the program's.
function(understudy_plugin_optimisation name)
  get_property(several GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(NOT several AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CXX_FLAGS MATCHES "(^| )-O")
    target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:C,CXX,Fortran>:-O3>)
    target_compile_definitions(${name} PRIVATE NDEBUG)
  endif()
endfunction()

# understudy_add_plugin(name source...): lib<name>.so from the sources, compiled with the options of the program's own
# rooms that change code, and as Release where there is no CMAKE_BUILD_TYPE. It is linked to NOTHING of Understudy,
# Kokkos, MPI or LibTorch: the rooms are static libraries, and a second copy of them in the process would have tables
# of networks of its own and, where Kokkos is static, a second Kokkos that nobody started. The program exports what it
# is made of, and the plugin's calls are bound to that when it is loaded; its own functions to itself, whatever the
# program has by their names. What else the plugin needs, its author links:
# target_link_libraries(name PRIVATE my_solver).
function(understudy_add_plugin name)
  set(targets Understudy::pinn torch nlohmann_json::nlohmann_json)
  foreach(library IN LISTS targets)
    if(NOT TARGET ${library})
      message(FATAL_ERROR "understudy_add_plugin(${name}): there is no target ${library} in this folder; "
        "find_package(Understudy REQUIRED) belongs into it, or into one above it")
    endif()
  endforeach()
  get_property(built GLOBAL PROPERTY UNDERSTUDY_PLUGIN_TORCH_BUILT)
  get_property(found GLOBAL PROPERTY UNDERSTUDY_PLUGIN_TORCH_FOUND)
  if(NOT "${built}" STREQUAL "${found}")
    message(FATAL_ERROR "understudy_add_plugin(${name}): Understudy was built with LibTorch ${built}, and "
      "find_package(Torch) gives ${found}")
  endif()
  add_library(${name} MODULE ${ARGN})
  target_compile_features(${name} PRIVATE cxx_std_20)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  # What the compiler is told of the rooms and their packages, and the linker not.
  foreach(library IN LISTS targets)
    target_include_directories(${name} SYSTEM PRIVATE
      $<TARGET_PROPERTY:${library},INTERFACE_INCLUDE_DIRECTORIES>)
    target_compile_definitions(${name} PRIVATE
      $<TARGET_PROPERTY:${library},INTERFACE_COMPILE_DEFINITIONS>)
    target_compile_options(${name} PRIVATE $<TARGET_PROPERTY:${library},INTERFACE_COMPILE_OPTIONS>)
  endforeach()
  get_property(options GLOBAL PROPERTY UNDERSTUDY_PLUGIN_OPTIONS)
  get_property(definitions GLOBAL PROPERTY UNDERSTUDY_PLUGIN_DEFINITIONS)
  get_property(folders GLOBAL PROPERTY UNDERSTUDY_PLUGIN_FOLDERS)
  target_compile_options(${name} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:${options}>")
  target_compile_definitions(${name} PRIVATE ${definitions})
  target_include_directories(${name} PRIVATE ${folders})
  target_link_options(${name} PRIVATE -Wl,-Bsymbolic-functions)
  understudy_plugin_optimisation(${name})
  if(TARGET understudy_plugin_build)  # in the build tree: the generated header
    add_dependencies(${name} understudy_plugin_build)
  endif()
endfunction()
