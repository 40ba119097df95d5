! understudy.h as it is, for the module understudy: its structs, its functions, texts as C has them, and how
! it calls a Fortran procedure back.
module understudy_c
  use, intrinsic :: iso_c_binding
  implicit none
  private
  public :: understudy_counters, c_options, c_text, text, c_text_of, optional_text, flag
  public :: c_message, c_refuse, c_initialize, c_initialize_on, c_finalize, c_create, c_destroy
  public :: c_call, c_call_f, c_flush, c_reload, c_fill_counters, c_report_text
  public :: understudy_physics, understudy_physics_f
  public :: understudy_checked_physics, understudy_checked_physics_f
  public :: caller, back_double, back_float

  type, bind(c) :: understudy_counters
    integer(c_size_t) :: size = 0
    integer(c_long_long) :: calls = 0, points = 0, to_network = 0, to_physics = 0
    integer(c_long_long) :: not_finite = 0, out_of_range = 0, too_far = 0, disagreed = 0
    integer(c_long_long) :: network_not_finite = 0, stored = 0
    real(c_double) :: network_s = 0, physics_s = 0, gate_s = 0
  end type

  type, bind(c) :: c_options
    integer(c_size_t) :: size
    type(c_ptr) :: name
    integer(c_size_t) :: inputs
    type(c_ptr) :: input_names, input_units
    integer(c_size_t) :: outputs
    type(c_ptr) :: output_names, output_units
    type(c_ptr) :: policy, model, dataset
    integer(c_int) :: gate_range, gate_distance, gate_disagreement
    real(c_double) :: range_slack
    integer(c_int) :: store_every
    integer(c_long_long) :: store_at_most
    integer(c_int) :: watch_model
  end type

  type :: c_text
    character(kind=c_char), allocatable :: bytes(:)
  end type

  abstract interface
    subroutine understudy_physics(inputs, outputs)
      import :: c_double
      real(c_double), intent(in) :: inputs(:, :)      ! (input, point)
      real(c_double), intent(out) :: outputs(:, :)    ! (output, point)
    end subroutine
    subroutine understudy_physics_f(inputs, outputs)
      import :: c_float
      real(c_float), intent(in) :: inputs(:, :)
      real(c_float), intent(out) :: outputs(:, :)
    end subroutine
    subroutine understudy_checked_physics(inputs, outputs, status)
      import :: c_double, c_int
      real(c_double), intent(in) :: inputs(:, :)
      real(c_double), intent(out) :: outputs(:, :)
      integer(c_int), intent(out) :: status           ! 0, or anything else to fail the call
    end subroutine
    subroutine understudy_checked_physics_f(inputs, outputs, status)
      import :: c_float, c_int
      real(c_float), intent(in) :: inputs(:, :)
      real(c_float), intent(out) :: outputs(:, :)
      integer(c_int), intent(out) :: status
    end subroutine
  end interface

  ! What a call carries through C to the caller's procedure: one of the four.
  type :: caller
    procedure(understudy_physics), pointer, nopass :: physics => null()
    procedure(understudy_physics_f), pointer, nopass :: physics_f => null()
    procedure(understudy_checked_physics), pointer, nopass :: checked => null()
    procedure(understudy_checked_physics_f), pointer, nopass :: checked_f => null()
    integer(c_size_t) :: inputs = 0, outputs = 0
  end type

  interface
    function c_strlen(text) bind(c, name="strlen") result(length)
      import :: c_ptr, c_size_t
      type(c_ptr), value :: text
      integer(c_size_t) :: length
    end function
    function c_message() bind(c, name="understudy_message") result(text)
      import :: c_ptr
      type(c_ptr) :: text
    end function
    function c_refuse(message) bind(c, name="understudy_refuse") result(code)
      import :: c_char, c_int
      character(kind=c_char), intent(in) :: message(*)
      integer(c_int) :: code
    end function
    function c_initialize(threads) bind(c, name="understudy_initialize") result(code)
      import :: c_int
      integer(c_int), value :: threads
      integer(c_int) :: code
    end function
    function c_initialize_on(comm, threads) bind(c, name="understudy_initialize_on") result(code)
      import :: c_int
      integer(c_int), value :: comm, threads
      integer(c_int) :: code
    end function
    function c_finalize() bind(c, name="understudy_finalize") result(code)
      import :: c_int
      integer(c_int) :: code
    end function
    function c_create(options, model) bind(c, name="understudy_create") result(code)
      import :: c_options, c_ptr, c_int
      type(c_options), intent(in) :: options
      type(c_ptr), intent(out) :: model
      integer(c_int) :: code
    end function
    function c_destroy(model) bind(c, name="understudy_destroy") result(code)
      import :: c_ptr, c_int
      type(c_ptr), value :: model
      integer(c_int) :: code
    end function
    function c_call(model, points, in, out, physics, user) bind(c, name="understudy_call") result(code)
      import :: c_ptr, c_funptr, c_int, c_size_t, c_double
      type(c_ptr), value :: model, user
      integer(c_size_t), value :: points
      real(c_double), intent(in) :: in(*)
      real(c_double), intent(inout) :: out(*)
      type(c_funptr), value :: physics
      integer(c_int) :: code
    end function
    function c_call_f(model, points, in, out, physics, user) bind(c, name="understudy_call_f") &
        result(code)
      import :: c_ptr, c_funptr, c_int, c_size_t, c_float
      type(c_ptr), value :: model, user
      integer(c_size_t), value :: points
      real(c_float), intent(in) :: in(*)
      real(c_float), intent(inout) :: out(*)
      type(c_funptr), value :: physics
      integer(c_int) :: code
    end function
    function c_flush(model) bind(c, name="understudy_flush") result(code)
      import :: c_ptr, c_int
      type(c_ptr), value :: model
      integer(c_int) :: code
    end function
    function c_reload(model) bind(c, name="understudy_reload") result(code)
      import :: c_ptr, c_int
      type(c_ptr), value :: model
      integer(c_int) :: code
    end function
    function c_fill_counters(model, counters) bind(c, name="understudy_fill_counters") result(code)
      import :: c_ptr, c_int, understudy_counters
      type(c_ptr), value :: model
      type(understudy_counters), intent(inout) :: counters
      integer(c_int) :: code
    end function
    function c_report_text(model, text) bind(c, name="understudy_report_text") result(code)
      import :: c_ptr, c_int
      type(c_ptr), value :: model
      type(c_ptr), intent(out) :: text
      integer(c_int) :: code
    end function
  end interface

contains

  ! A copy of C's text, of any length.
  function text(c_pointer) result(copy)
    type(c_ptr), intent(in) :: c_pointer
    character(len=:), allocatable :: copy
    character(kind=c_char), pointer :: bytes(:)
    integer(c_size_t) :: length, n
    length = c_strlen(c_pointer)
    call c_f_pointer(c_pointer, bytes, [length])
    allocate(character(len=length) :: copy)
    do n = 1, length
      copy(n:n) = bytes(n)
    end do
  end function

  function c_text_of(given) result(c)
    character(len=*), intent(in) :: given
    type(c_text) :: c
    integer :: n
    allocate(c%bytes(len(given) + 1))
    do n = 1, len(given)
      c%bytes(n) = given(n:n)
    end do
    c%bytes(len(given) + 1) = c_null_char
  end function

  function optional_text(given) result(c)
    character(len=:), allocatable, intent(in) :: given
    type(c_text) :: c
    if (allocated(given)) then
      c = c_text_of(given)
    else
      c = c_text_of("")
    end if
  end function

  integer(c_int) function flag(value)
    logical, intent(in) :: value
    flag = merge(1_c_int, 0_c_int, value)
  end function

  function back_double(user, points, in, out) bind(c) result(code)
    type(c_ptr), value :: user, in, out
    integer(c_size_t), value :: points
    integer(c_int) :: code
    type(caller), pointer :: who
    real(c_double), pointer :: inputs(:, :), outputs(:, :)
    call c_f_pointer(user, who)
    call c_f_pointer(in, inputs, [who%inputs, points])
    call c_f_pointer(out, outputs, [who%outputs, points])
    code = 0
    if (associated(who%checked)) then
      call who%checked(inputs, outputs, code)
    else
      call who%physics(inputs, outputs)
    end if
  end function

  function back_float(user, points, in, out) bind(c) result(code)
    type(c_ptr), value :: user, in, out
    integer(c_size_t), value :: points
    integer(c_int) :: code
    type(caller), pointer :: who
    real(c_float), pointer :: inputs(:, :), outputs(:, :)
    call c_f_pointer(user, who)
    call c_f_pointer(in, inputs, [who%inputs, points])
    call c_f_pointer(out, outputs, [who%outputs, points])
    code = 0
    if (associated(who%checked_f)) then
      call who%checked_f(inputs, outputs, code)
    else
      call who%physics_f(inputs, outputs)
    end if
  end function

end module
