# Plugins: libraries that the program understudy loads (docs/library.md, "Plugins"). In the build tree and in the
# installed package.

# understudy_add_plugin(name source...): lib<name>.so from the sources, compiled as the program's own rooms are. It is
# linked to NOTHING of Understudy, Kokkos, MPI or LibTorch: the rooms are static libraries, and a second copy of them
# in the process would have tables of networks of its own and, where Kokkos is static, a second Kokkos that nobody
# started. The program exports what it is made of, and the plugin's calls are bound to that when it is loaded.
# What else the plugin needs, its author links: target_link_libraries(name PRIVATE my_solver).
function(understudy_add_plugin name)
  if(UNDERSTUDY_BUILT_WITH_TORCH AND NOT UNDERSTUDY_BUILT_WITH_TORCH STREQUAL Torch_VERSION)
    message(FATAL_ERROR "understudy_add_plugin(${name}): Understudy was built with LibTorch "
      "${UNDERSTUDY_BUILT_WITH_TORCH}, and find_package(Torch) gives ${Torch_VERSION}")
  endif()
  add_library(${name} MODULE ${ARGN})
  target_compile_features(${name} PRIVATE cxx_std_20)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  # What the compiler is told of the rooms and their packages, and the linker not.
  foreach(library IN ITEMS Understudy::pinn torch)
    target_include_directories(${name} SYSTEM PRIVATE
      $<TARGET_PROPERTY:${library},INTERFACE_INCLUDE_DIRECTORIES>)
    target_compile_definitions(${name} PRIVATE
      $<TARGET_PROPERTY:${library},INTERFACE_COMPILE_DEFINITIONS>)
    target_compile_options(${name} PRIVATE $<TARGET_PROPERTY:${library},INTERFACE_COMPILE_OPTIONS>)
  endforeach()
  if(UNDERSTUDY_BOUNDS_CHECK)
    target_compile_definitions(${name} PRIVATE KOKKOS_ENABLE_DEBUG_BOUNDS_CHECK)
  endif()
  if(TARGET understudy_plugin_build)  # in the build tree: the generated header
    add_dependencies(${name} understudy_plugin_build)
    target_include_directories(${name} PRIVATE ${Understudy_BINARY_DIR}/generated)
  endif()
endfunction()
