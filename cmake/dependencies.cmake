# Every package is found, never fetched. UNDERSTUDY_<LIB> variables name what rooms link.
if(UNDERSTUDY_KOKKOS_SOURCE)
  # Kernels use std::array and other constexpr functions of the host in device code.
  set(Kokkos_ENABLE_CUDA_CONSTEXPR ON CACHE BOOL "nvcc's relaxed constexpr")
  add_subdirectory(${UNDERSTUDY_KOKKOS_SOURCE} kokkos EXCLUDE_FROM_ALL)
else()
  find_package(Kokkos REQUIRED)
endif()
find_package(OpenMP)

if(UNDERSTUDY_MPI)
  find_package(MPI REQUIRED COMPONENTS C CXX)
endif()

find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
set(UNDERSTUDY_SPDLOG spdlog::spdlog)
find_package(PkgConfig REQUIRED)
pkg_check_modules(MUPARSER REQUIRED IMPORTED_TARGET muparser)
set(UNDERSTUDY_MUPARSER PkgConfig::MUPARSER)

# HDF5: the parallel one with MPI. Debian keeps it apart from the serial one; hence pkg-config first.
if(UNDERSTUDY_MPI)
  pkg_check_modules(HDF5 IMPORTED_TARGET hdf5-openmpi)
else()
  pkg_search_module(HDF5 IMPORTED_TARGET hdf5-serial hdf5)
endif()
if(TARGET PkgConfig::HDF5)
  set(UNDERSTUDY_HDF5 PkgConfig::HDF5)
else()
  set(HDF5_PREFER_PARALLEL ${UNDERSTUDY_MPI})
  find_package(HDF5 REQUIRED COMPONENTS C)
  set(UNDERSTUDY_HDF5 HDF5::HDF5)
endif()

# FFTW serves host backends only.
pkg_check_modules(FFTW REQUIRED IMPORTED_TARGET fftw3 fftw3f)
set(UNDERSTUDY_FFTW PkgConfig::FFTW)

# What a package was compiled with is no flag of ours: it changes no code, and a precompiled header fits
# only to the same definitions.
function(understudy_without_options target pattern)
  foreach(property INTERFACE_COMPILE_OPTIONS INTERFACE_COMPILE_DEFINITIONS)
    get_target_property(options ${target} ${property})
    if(options)
      list(FILTER options EXCLUDE REGEX "${pattern}")
      set_target_properties(${target} PROPERTIES ${property} "${options}")
    endif()
  endforeach()
endfunction()

if(UNDERSTUDY_PETSC)
  pkg_check_modules(PETSC REQUIRED IMPORTED_TARGET PETSc)
  understudy_without_options(PkgConfig::PETSC "^-(Wdate-time|D_FORTIFY_SOURCE=[0-9])$")
endif()
if(UNDERSTUDY_VTK)
  find_package(VTK REQUIRED COMPONENTS CommonCore CommonDataModel CommonExecutionModel IOXML IOXMLParser
               IOGeometry IOImage IOParallelXML FiltersCore FiltersGeneral FiltersModeling ImagingCore
               ImagingColor RenderingCore)
  set(UNDERSTUDY_VTK_TARGETS ${VTK_LIBRARIES})
  if(UNDERSTUDY_TESTS)  # reads .vtkhdf back; it brings HDF5's serial build, whose symbols have other versions
    find_package(VTK REQUIRED COMPONENTS IOHDF)
    set(UNDERSTUDY_VTK_HDF_TARGETS VTK::IOHDF)
  endif()
endif()
# Its pkg-config file would bring the headers of the serial HDF5, which netcdf.h does not need.
if(UNDERSTUDY_NETCDF)
  find_path(UNDERSTUDY_NETCDF_INCLUDE netcdf.h REQUIRED)
  find_library(UNDERSTUDY_NETCDF_LIBRARY netcdf REQUIRED)
  add_library(understudy_netcdf INTERFACE IMPORTED)
  target_include_directories(understudy_netcdf INTERFACE ${UNDERSTUDY_NETCDF_INCLUDE})
  target_link_libraries(understudy_netcdf INTERFACE ${UNDERSTUDY_NETCDF_LIBRARY})
  set(UNDERSTUDY_NETCDF_TARGETS understudy_netcdf)
endif()
if(UNDERSTUDY_TORCH)
  find_package(Torch REQUIRED)
  understudy_without_options(torch "^-D_GLIBCXX_USE_CXX11_ABI=1$")  # the library's default
  set(UNDERSTUDY_TORCH_TARGETS ${TORCH_LIBRARIES})
endif()
if(UNDERSTUDY_APPS)
  find_package(yaml-cpp REQUIRED)
  find_package(CLI11 REQUIRED)
  find_package(nlohmann_json REQUIRED)
  find_file(UNDERSTUDY_CHART_JS NAMES chart.umd.js Chart.min.js Chart.js chart.min.js chart.js
            PATHS /usr/share/javascript/chart.js /usr/share/nodejs/chart.js/dist
            DOC "Chart.js, inlined into reports" NO_DEFAULT_PATH)
endif()
if(UNDERSTUDY_TESTS OR UNDERSTUDY_FUZZ)
  find_package(GTest REQUIRED)
endif()
if(UNDERSTUDY_BENCHMARKS)
  find_package(benchmark)
endif()
