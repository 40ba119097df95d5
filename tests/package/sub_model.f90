! The Fortran module from an installation: errors come back as a status, and points pass through.
module square
  use, intrinsic :: iso_c_binding, only: c_double
  implicit none
contains
  subroutine physics(inputs, outputs)
    real(c_double), intent(in) :: inputs(:, :)
    real(c_double), intent(out) :: outputs(:, :)
    outputs(1, :) = inputs(1, :)**2
  end subroutine
end module

program uses_sub_model
  use, intrinsic :: iso_c_binding, only: c_double
  use understudy
  use square
  implicit none
  type(understudy_settings) :: settings
  type(understudy_sub_model) :: model
  real(c_double) :: x(1, 5), y(1, 5), z(2, 5)
  integer :: status
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
  x = 3
  call model%call(x, y, physics)
  if (any(y /= 9)) error stop "wrong values"
  call model%call(x, z, physics, status)
  if (status /= 2) error stop "arrays of other sizes are no error"
  if (index(understudy_message(), "outputs(2, 5)") == 0) error stop "a message of another error"
  call model%destroy()
  call model%call(x, y, physics, status)
  if (status /= 2) error stop "a model that is gone is no error"
  call understudy_finalize()
end program
