! The Fortran module from an installation: errors come back as a status, and points pass through.
module square
  use, intrinsic :: iso_c_binding, only: c_double, c_float, c_int
  implicit none
contains
  subroutine physics(inputs, outputs)
    real(c_double), intent(in) :: inputs(:, :)
    real(c_double), intent(out) :: outputs(:, :)
    outputs(1, :) = inputs(1, :)**2
  end subroutine
  subroutine physics_f(inputs, outputs)
    real(c_float), intent(in) :: inputs(:, :)
    real(c_float), intent(out) :: outputs(:, :)
    outputs(1, :) = inputs(1, :)**2
  end subroutine
  ! Cannot do negative numbers.
  subroutine checked(inputs, outputs, status)
    real(c_double), intent(in) :: inputs(:, :)
    real(c_double), intent(out) :: outputs(:, :)
    integer(c_int), intent(out) :: status
    call physics(inputs, outputs)
    status = merge(7, 0, any(inputs < 0))
  end subroutine
  subroutine checked_f(inputs, outputs, status)
    real(c_float), intent(in) :: inputs(:, :)
    real(c_float), intent(out) :: outputs(:, :)
    integer(c_int), intent(out) :: status
    call physics_f(inputs, outputs)
    status = merge(8, 0, any(inputs < 0))
  end subroutine
end module

program uses_sub_model
  use, intrinsic :: iso_c_binding, only: c_double, c_float
  use understudy
  use square
  implicit none
  type(understudy_settings) :: settings
  type(understudy_sub_model) :: model, copy
  type(understudy_counters) :: counters
  real(c_double) :: x(1, 5), y(1, 5), z(2, 5)
  real(c_float) :: x_f(1, 5), y_f(1, 5)
  character(len=:), allocatable :: report
  character(len=4) :: mode
  integer :: status
  call get_command_argument(1, mode)   ! stop: an error without a status
  call understudy_initialize_on(0, 1, status)
  if (status /= 2) error stop "a communicator before MPI is no error"
  if (index(understudy_message(), "MPI") == 0) error stop "not what it needs"
  call understudy_initialize(1)
  settings%name = "square"
  settings%inputs = [understudy_column("x", "m")]
  settings%outputs = [understudy_column("area", "m2")]
  settings%policy = "always"
  call model%create(settings, status)
  if (status /= 2) error stop "a missing model is no error"
  if (index(understudy_message(), "needs a model folder") == 0) error stop "another message"
  settings%policy = "never"
  call model%create(settings)
  settings%name = "another"
  call model%create(settings, status)
  if (status /= 2) error stop "a second create of a sub-model is no error"
  if (index(understudy_message(), "call destroy first") == 0) error stop "not what to do"
  report = model%report()
  if (index(report, "square (never): 0 calls") == 0) error stop "the first sub-model is gone"
  x = 3
  call model%call(x, y, physics)
  if (any(y /= 9)) error stop "wrong values"
  x_f = 3
  call model%call(x_f, y_f, physics_f)
  if (any(y_f /= 9)) error stop "wrong values of real32"
  call model%call_checked(x, y, checked)
  call model%call_checked(x_f, y_f, checked_f)
  call model%call_checked(-x, y, checked, status)
  if (status /= 4) error stop "a physics that fails is no error"
  if (index(understudy_message(), "the physics returned 7") == 0) error stop "not its status"
  call model%call_checked(-x_f, y_f, checked_f, status)
  if (status /= 4) error stop "a physics of real32 that fails is no error"
  if (index(understudy_message(), "the physics returned 8") == 0) error stop "not its status"
  if (mode == "stop") then
    call model%call_checked(-x, y, checked)
    stop   ! which is no error
  end if
  counters = model%counters()
  if (counters%calls /= 6 .or. counters%points /= 30) error stop "wrong counters"
  call model%call(x, z, physics, status)
  if (status /= 2) error stop "arrays of other sizes are no error"
  if (index(understudy_message(), "outputs(2, 5)") == 0) error stop "a message of another error"
  call model%destroy()
  call model%call(x, y, physics, status)
  if (status /= 2) error stop "a model that is gone is no error"
  report = model%report(status)
  if (status /= 2 .or. report /= "") error stop "a report of a model that is gone"
  counters = model%counters(status)
  if (status /= 2 .or. counters%calls /= 0) error stop "counters of a model that is gone"
  settings%name = repeat("s", 64)
  call model%create(settings)
  report = model%report()
  if (index(report, settings%name // " (never): 0 calls") == 0) error stop "a report that is cut"
  copy = model
  call copy%call(x, y, physics)
  report = model%report()
  if (index(report, "(never): 1 calls") == 0) error stop "a copy is another sub-model"
  call copy%create(settings, status)
  if (status /= 2) error stop "a create on a copy is no error"
  call model%destroy()
  call copy%call(x, y, physics, status)
  if (status /= 2) error stop "a copy of a model that is gone is there"
  call copy%flush(status)
  if (status /= 2) error stop "a copy of a model that is gone has points"
  call model%create(settings)
  call copy%destroy(status)
  if (status /= 0) error stop "a copy of a model that is gone cannot be destroyed"
  report = model%report()
  if (index(report, "(never): 0 calls") == 0) error stop "a copy has destroyed the next sub-model"
  call model%destroy()
  call model%destroy(status)
  if (status /= 0) error stop "a second destroy is an error"
  call understudy_finalize()
end program
