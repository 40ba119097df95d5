! examples/eos.cpp in Fortran: eos_fortran collect DATASET | eos_fortran gate MODEL DATASET
module eos_physics
  use, intrinsic :: iso_c_binding, only: c_double
  implicit none
contains
  subroutine equation_of_state(inputs, outputs)
    real(c_double), intent(in) :: inputs(:, :)    ! density, energy
    real(c_double), intent(out) :: outputs(:, :)  ! pressure, sound speed
    real(c_double) :: gamma
    integer :: p
    do p = 1, size(inputs, 2)
      gamma = 1.4_c_double + 0.2_c_double * exp(-inputs(2, p))
      outputs(1, p) = (gamma - 1) * inputs(1, p) * inputs(2, p) + 0.3_c_double * inputs(1, p)**2
      outputs(2, p) = sqrt(1.5_c_double * outputs(1, p) / inputs(1, p))
    end do
  end subroutine
end module

program eos_fortran
  use, intrinsic :: iso_c_binding, only: c_double
  use understudy
  use eos_physics
  implicit none
  integer, parameter :: points = 4000, steps = 4, beyond = points / 10 * steps
  type(understudy_settings) :: settings
  type(understudy_sub_model) :: eos
  type(understudy_counters) :: c
  real(c_double) :: states(2, points), results(2, points), truth(2, points), errors(2, points)
  real(c_double) :: error, error_beyond
  character(len=1000) :: mode, first, second
  integer, allocatable :: seed(:)
  integer :: step, n
  logical :: gated, good

  call get_command_argument(1, mode)
  call get_command_argument(2, first)
  call get_command_argument(3, second)
  gated = mode == "gate"
  call random_seed(size=n)
  allocate(seed(n), source=merge(7, 3, gated))
  call random_seed(put=seed)

  call understudy_initialize()
  settings%name = "eos"
  settings%inputs = [understudy_column("density", "kg/m3"), understudy_column("energy", "J/kg")]
  settings%outputs = [understudy_column("pressure", "Pa"), understudy_column("sound_speed", "m/s")]
  settings%policy = trim(mode)
  if (gated) settings%model = trim(first)
  settings%dataset = trim(merge(second, first, gated))
  call eos%create(settings)

  error = 0
  error_beyond = 0
  do step = 1, steps
    call random_number(states)
    states(1, :) = 0.5_c_double + 1.5_c_double * states(1, :)
    states(2, :) = 1 + 2 * states(2, :)
    if (gated) states(2, ::10) = 2 * states(2, ::10) + 1.5_c_double
    call eos%call(states, results, equation_of_state)
    call equation_of_state(states, truth)
    errors = abs(results - truth) / truth
    error = max(error, maxval(errors))
    error_beyond = max(error_beyond, maxval(errors(:, ::10)))
  end do
  call eos%flush()
  c = eos%counters()
  write(*, "(a, a, es10.2, a, es10.2)") eos%report(), "largest error", error, &
    ", beyond the range", error_beyond
  good = c%stored == c%to_physics
  if (gated) then
    good = good .and. error < 0.04_c_double .and. error_beyond == 0 .and. &
           c%out_of_range >= beyond .and. c%to_network > 8 * beyond
  else
    good = good .and. c%to_physics == points * steps
  end if
  call eos%destroy()
  call understudy_finalize()
  if (.not. good) error stop 1
end program
