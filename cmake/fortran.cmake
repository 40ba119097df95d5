# The Fortran module over understudy.h, where there is a Fortran compiler. Module files are the
# compiler's own; the sources are installed too, for programs built by another one.
include(CheckLanguage)
check_language(Fortran)
if(NOT CMAKE_Fortran_COMPILER)
  message(STATUS "no Fortran compiler: the Fortran module is left out")
  return()
endif()
enable_language(Fortran)
add_library(understudy_fortran ${PROJECT_SOURCE_DIR}/surrogates/interface/understudy_c.f90
                               ${PROJECT_SOURCE_DIR}/surrogates/interface/understudy.f90)
add_library(Understudy::fortran ALIAS understudy_fortran)
set_target_properties(understudy_fortran PROPERTIES EXPORT_NAME fortran LINKER_LANGUAGE Fortran
  Fortran_MODULE_DIRECTORY ${PROJECT_BINARY_DIR}/fortran)
target_include_directories(understudy_fortran PUBLIC
  $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/fortran>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/understudy/fortran>)
target_link_libraries(understudy_fortran PUBLIC understudy_surrogates)
