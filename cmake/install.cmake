# Install rules and the exported package, so that another project can find_package(Understudy).
include(CMakePackageConfigHelpers)

# Headers lie below include/understudy and include each other as <understudy/ROOM/...>, into which
# install_headers.cmake turns our "ROOM/...": a header core/error.hpp of another project is never ours,
# nor ours theirs, whatever the order of the include directories.
set(rooms core mesh solvers)
if(UNDERSTUDY_TORCH)
  list(APPEND rooms surrogates pinn)
endif()
foreach(room IN LISTS rooms)
  install(TARGETS understudy_${room} EXPORT UnderstudyTargets)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${room}
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/understudy
          FILES_MATCHING PATTERN "*.hpp" PATTERN "torch_*.hpp" EXCLUDE PATTERN interface EXCLUDE)
endforeach()
# For plugins: the seam of the apps, and the few headers of LibTorch's kind that a network or a problem is made with.
# The apps' library stays out: a plugin has it from the program that loads it.
if(UNDERSTUDY_APPS)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/apps DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/understudy
          FILES_MATCHING PATTERN "*.hpp")
  foreach(header surrogates/network/torch_network surrogates/network/torch_padding
          surrogates/network/torch_block_sum pinn/torch_problem pinn/torch_samples pinn/engine/torch_jets)
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES ${PROJECT_SOURCE_DIR}/${header}.hpp
            DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/understudy/${folder})
  endforeach()
  install(FILES ${PROJECT_BINARY_DIR}/generated/apps/plugin_build.hpp
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/understudy/apps)
endif()
if(UNDERSTUDY_TORCH)
  set(interface ${PROJECT_SOURCE_DIR}/surrogates/interface)
  install(FILES ${interface}/understudy/understudy.h ${interface}/understudy/understudy.hpp
                ${interface}/understudy/stepper.hpp ${interface}/understudy.f90
                ${interface}/understudy_c.f90
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/understudy)
endif()
install(CODE "set(headers ${CMAKE_INSTALL_INCLUDEDIR}/understudy)")
install(SCRIPT ${PROJECT_SOURCE_DIR}/cmake/install_headers.cmake)
if(TARGET understudy_fortran)
  install(TARGETS understudy_fortran EXPORT UnderstudyTargets)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/fortran DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/understudy
          FILES_MATCHING PATTERN "*.mod")
endif()
if(TARGET understudy)
  install(TARGETS understudy RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Understudy)
install(EXPORT UnderstudyTargets NAMESPACE Understudy:: DESTINATION ${package_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/UnderstudyConfig.cmake.in
  ${PROJECT_BINARY_DIR}/UnderstudyConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/UnderstudyConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/UnderstudyConfig.cmake
  ${PROJECT_BINARY_DIR}/UnderstudyConfigVersion.cmake DESTINATION ${package_dir})
if(UNDERSTUDY_APPS)
  install(FILES ${PROJECT_SOURCE_DIR}/cmake/plugin.cmake DESTINATION ${package_dir}
          RENAME UnderstudyPlugin.cmake)
endif()
