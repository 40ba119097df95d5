#!/usr/bin/env bash
# The rooms' includes hold, and cmake/check_includes finds each kind of offence: for every planted line
# it must name file, line and rule; for every permitted line it must say nothing.
#
#   check_includes_test.sh SOURCE_FOLDER
set -euo pipefail
source=$1
check=$source/cmake/check_includes
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

# planted FILE LINE: a project of one file with this include in its third line.
planted() {
  rm -rf "$work/project"
  mkdir -p "$work/project/core" "$work/project/$(dirname "$1")"
  : >"$work/project/core/empty.hpp"
  printf '// a comment\n\n%s\n' "$2" >"$work/project/$1"
  "$check" "$work/project" 2>&1
}

must_refuse() {
  local file=$1 line=$2 reason=$3 output
  if output=$(planted "$file" "$line"); then
    fail "$file may not say: $line"
  elif [[ $output != *"$file:3: "*"$reason"* ]]; then
    fail "$file, $line: expected '$file:3: ...$reason...', got: $output"
  fi
}

must_accept() {
  local output
  output=$(planted "$1" "$2") || fail "$1 may say: $2, but: $output"
}

# upward
export UNDERSTUDY_HELD_FLOORS=""
must_refuse core/a.hpp '#include "mesh/grid.hpp"' 'core/ may not include mesh/'
must_refuse mesh/a.cpp '#include "solvers/stepper.hpp"' 'mesh/ may not include solvers/'
must_refuse solvers/flow/a.cpp '#  include "surrogates/swap/swap.hpp"' 'solvers/ may not include surrogates/'
must_refuse surrogates/a.cpp '#include "apps/simulation/report/report.hpp"' 'surrogates/ may not include apps/'
must_refuse core/a.cpp '#include <apps/simulation/report/report.hpp>' 'core/ may not include apps/'
must_accept apps/a.cpp '#include "solvers/flow/flow_solver.hpp"'
must_accept mesh/a.cpp '#include "core/error.hpp"'
must_refuse mesh/a.cpp '#include "grid.hpp"' 'write the room in front'
must_refuse mesh/a.cpp '#include <understudy/mesh/grid.hpp>' '<understudy/...> is for other programs'
must_refuse surrogates/a.cpp '#include "understudy/understudy.hpp"' '<understudy/...> is for other programs'
must_accept surrogates/interface/a.cpp '#include <understudy/understudy.h>'
# a named solver
must_refuse surrogates/a.cpp '#include "solvers/flow/flow_solver.hpp"' 'only stepper.hpp, differentiable_stepper.hpp and run_loop.hpp'
must_accept surrogates/a.cpp '#include "solvers/stepper.hpp"'
must_accept surrogates/a.hpp '#include "solvers/run_loop.hpp"'
must_refuse pinn/a.cpp '#include "solvers/stepper.hpp"' 'pinn/ may not include solvers/'
# LibTorch
must_refuse surrogates/network/network.hpp '#include <torch/torch.h>' 'LibTorch only'
must_refuse mesh/a.cpp '#include <ATen/ATen.h>' 'LibTorch only'
must_refuse apps/a.cpp '#include "surrogates/network/torch_view.hpp"' 'a header that shows LibTorch'
must_refuse surrogates/network/network.hpp '#include "surrogates/network/torch_view.hpp"' 'a header that shows LibTorch'
must_accept surrogates/network.cpp '#include <torch/torch.h>'
must_accept surrogates/networks/torch_unet.hpp '#include <c10/core/Device.h>'
must_accept surrogates/detail/a.hpp '#include <ATen/ATen.h>'
must_accept pinn/a.cpp '#include "surrogates/network/torch_view.hpp"'
# one home for each library
must_refuse core/a.cpp '#include <yaml-cpp/yaml.h>' 'only in apps/'
must_refuse solvers/a.cpp '#include <CLI/CLI.hpp>' 'only in apps/'
must_refuse apps/a.cpp '#include <vtkImageData.h>' 'only in mesh/'
must_refuse solvers/flow/a.cpp '#include <petscksp.h>' 'only in mesh/'
must_refuse solvers/flow/a.cpp '#include <fftw3.h>' 'only in mesh/'
must_refuse apps/a.cpp '#include <fmt/format.h>' 'only in core/'
must_refuse mesh/a.cpp '#include <spdlog/spdlog.h>' 'only in core/'
must_refuse mesh/a.cpp '#include <muParser.h>' 'only in core/'
must_refuse apps/a.cpp '#include <hdf5.h>' 'HDF5 only'
must_refuse core/log.cpp '#include <H5Fpublic.h>' 'HDF5 only'
must_refuse core/checkpoint.cpp '#include <hdf5.h>' 'HDF5 only in mesh/'
must_refuse surrogates/points/a.cpp '#include <hdf5.h>' 'HDF5 only in mesh/'
must_accept mesh/io/hdf5_file.cpp '#include <hdf5.h>'
must_refuse surrogates/fields/a.cpp '#include <onnxruntime_cxx_api.h>' 'ONNX Runtime only in'
must_accept surrogates/network/onnx_program.cpp '#include <onnxruntime_cxx_api.h>'
must_refuse core/log.hpp '#include <fmt/core.h>' 'no header shows spdlog or fmt'
must_refuse core/log.hpp '#include <spdlog/spdlog.h>' 'no header shows spdlog or fmt'
must_accept core/format.hpp '#include <fmt/core.h>'
must_accept core/format.cpp '#include <fmt/format.h>'
must_accept apps/a.cpp '#include <yaml-cpp/yaml.h>'
must_accept core/log.cpp '#include <spdlog/spdlog.h>'
must_accept core/a.cpp '// #include "apps/main.hpp" in a comment'

unset UNDERSTUDY_HELD_FLOORS
"$check" "$source" || fail "the project's own includes"

# The folders of the large rooms: the line of surrogates is held to, the others in this test
must_refuse surrogates/training/a.cpp '#include "surrogates/fields/model.hpp"' 'may not include surrogates/fields'
export UNDERSTUDY_HELD_FLOORS="surrogates solvers apps solvers/seismic"
must_accept surrogates/training/a.cpp '#include "surrogates/network/network.hpp"'
must_accept surrogates/training/a.cpp '#include "surrogates/training/training_params.hpp"'
must_refuse surrogates/training/a.cpp '#include "surrogates/fields/model.hpp"' \
  'surrogates/training may not include surrogates/fields, which stands above or beside it'
must_accept surrogates/fields/a.cpp '#include "surrogates/fields/dataset/dataset.hpp"'
must_refuse surrogates/fields/dataset/a.cpp '#include "surrogates/fields/model.hpp"' \
  'surrogates/fields/dataset may not include surrogates/fields'
must_accept surrogates/swap/a.hpp '#include "surrogates/fields/dataset/dataset.hpp"'
must_refuse surrogates/points/a.cpp '#include "surrogates/fields/model.hpp"' 'may not include surrogates/fields'
must_refuse surrogates/comparison/a.cpp '#include "surrogates/swap/swap.hpp"' 'may not include surrogates/swap'
must_accept surrogates/sub_model/interface/a.hpp '#include "surrogates/sub_model/sub_model.hpp"'
must_accept surrogates/sub_model/a.cpp '#include "surrogates/points/point_model.hpp"'
must_refuse surrogates/points/a.cpp '#include "surrogates/sub_model/sub_model.hpp"' \
  'may not include surrogates/sub_model'
must_refuse surrogates/a.cpp '#include "surrogates/network/network.hpp"' 'this file lies in no folder'
must_refuse surrogates/swap/a.cpp '#include "surrogates/elsewhere/a.hpp"' \
  'no folder of the table `floors` of surrogates/ has this header'
must_accept surrogates/swap/a.cpp '#include "mesh/grid.hpp"'
must_accept apps/catalog.cpp '#include "apps/flow/flow.hpp"'
must_refuse apps/study/a.cpp '#include "apps/catalog.hpp"' 'apps/study may not include apps/.'
must_refuse apps/pinn/a.cpp '#include "apps/simulation/report/report.hpp"' 'may not include apps/simulation'
must_accept apps/simulation/report/a.cpp '#include "apps/simulation/swap_report.hpp"'
must_accept apps/flow/a.cpp '#include "apps/simulation/physics.hpp"'
must_refuse apps/deck/a.cpp '#include "apps/study/job.hpp"' 'may not include apps/study'
must_accept solvers/seismic/acoustic/a.cpp '#include "solvers/seismic/seismic_params.hpp"'
must_refuse solvers/seismic/survey/a.cpp '#include "solvers/seismic/earth/earth_model.hpp"' 'above or beside'
must_refuse solvers/seismic/a.cpp '#include "solvers/seismic/elastic/elastic_solver.hpp"' 'above or beside'
must_refuse solvers/flow/a.cpp '#include "solvers/seismic/elastic/elastic_solver.hpp"' \
  'solvers/flow may not include solvers/seismic'
must_refuse solvers/seismic/earth/a.cpp '#include "solvers/flow/flow_solver.hpp"' \
  'solvers/seismic may not include solvers/flow'
must_refuse solvers/a.cpp '#include "solvers/flow/flow_solver.hpp"' 'solvers/. may not include solvers/flow'
must_accept solvers/flow/a.cpp '#include "solvers/stepper.hpp"'
must_accept solvers/seismic/elastic/a.cpp '#include "solvers/run_loop.hpp"'

if ((failures > 0)); then exit 1; fi
echo "all planted offences found"
