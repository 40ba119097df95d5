! Understudy for Fortran: understudy.h with Fortran's own arrays and texts. Points lie along the last
! axis, so that an array x(input, point) is the library's [point][input] without a copy. Every procedure
! takes an optional `status` (0: done, see understudy.h); without it an error ends the program with its
! message. The physics is a procedure that fills outputs(output, point) from inputs(input, point).
module understudy
  use, intrinsic :: iso_c_binding
  implicit none
  private
  public :: understudy_initialize, understudy_finalize, understudy_message, understudy_column
  public :: understudy_settings, understudy_sub_model, understudy_counters, understudy_physics

  type :: understudy_column
    character(len=:), allocatable :: name, unit
  end type

  type :: understudy_settings
    character(len=:), allocatable :: name                ! of the computation
    type(understudy_column), allocatable :: inputs(:), outputs(:)
    character(len=:), allocatable :: policy              ! collect, never, always, gate
    character(len=:), allocatable :: model, dataset      ! folder; directory
    logical :: gate_range = .true., gate_distance = .true., gate_disagreement = .true.
    real(c_double) :: range_slack = 0
    integer :: store_every = 1
    integer(c_long_long) :: store_at_most = 1000000
    logical :: watch_model = .true.
  end type

  type, bind(c) :: understudy_counters
    integer(c_long_long) :: calls, points, to_network, to_physics
    integer(c_long_long) :: not_finite, out_of_range, too_far, disagreed, network_not_finite, stored
    real(c_double) :: network_s, physics_s, gate_s
  end type

  abstract interface
    subroutine understudy_physics(inputs, outputs)
      import :: c_double
      real(c_double), intent(in) :: inputs(:, :)      ! (input, point)
      real(c_double), intent(out) :: outputs(:, :)    ! (output, point)
    end subroutine
  end interface

  type :: understudy_sub_model
    private
    type(c_ptr) :: handle = c_null_ptr
    integer :: inputs = 0, outputs = 0
  contains
    procedure :: create
    procedure :: call => call_model
    procedure :: flush => flush_model
    procedure :: reload
    procedure :: counters
    procedure :: report
    procedure :: destroy
  end type

  type, bind(c) :: c_options
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

  ! What a call carries through C to the caller's procedure.
  type :: caller
    procedure(understudy_physics), pointer, nopass :: physics => null()
    integer :: inputs = 0, outputs = 0
  end type

  type :: c_text
    character(kind=c_char), allocatable :: bytes(:)
  end type

  interface
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
    function c_counters(model, counters) bind(c, name="understudy_get_counters") result(code)
      import :: c_ptr, c_int, understudy_counters
      type(c_ptr), value :: model
      type(understudy_counters), intent(out) :: counters
      integer(c_int) :: code
    end function
    function c_report(model, text, size) bind(c, name="understudy_report") result(code)
      import :: c_ptr, c_int, c_size_t, c_char
      type(c_ptr), value :: model
      character(kind=c_char), intent(out) :: text(*)
      integer(c_size_t), value :: size
      integer(c_int) :: code
    end function
  end interface

contains

  ! The message of this thread's last error.
  function understudy_message() result(text)
    character(len=:), allocatable :: text
    character(kind=c_char), pointer :: bytes(:)
    type(c_ptr) :: message
    integer :: length
    message = c_message()
    call c_f_pointer(message, bytes, [100000])
    length = 0
    do while (bytes(length + 1) /= c_null_char)
      length = length + 1
    end do
    allocate(character(len=length) :: text)
    text = transfer(bytes(1:length), text)
  end function

  subroutine finish(code, status)
    integer(c_int), intent(in) :: code
    integer, intent(out), optional :: status
    if (present(status)) then
      status = int(code)
    else if (code /= 0) then
      error stop "understudy: " // understudy_message()
    end if
  end subroutine

  subroutine understudy_initialize(threads, status)
    integer, intent(in), optional :: threads
    integer, intent(out), optional :: status
    integer(c_int) :: count
    count = 0
    if (present(threads)) count = int(threads, c_int)
    call finish(c_initialize(count), status)
  end subroutine

  subroutine understudy_finalize(status)
    integer, intent(out), optional :: status
    call finish(c_finalize(), status)
  end subroutine

  function c_text_of(text) result(c)
    character(len=*), intent(in) :: text
    type(c_text) :: c
    integer :: n
    allocate(c%bytes(len(text) + 1))
    do n = 1, len(text)
      c%bytes(n) = text(n:n)
    end do
    c%bytes(len(text) + 1) = c_null_char
  end function

  function optional_text(text) result(c)
    character(len=:), allocatable, intent(in) :: text
    type(c_text) :: c
    if (allocated(text)) then
      c = c_text_of(text)
    else
      c = c_text_of("")
    end if
  end function

  integer(c_int) function flag(value)
    logical, intent(in) :: value
    flag = merge(1_c_int, 0_c_int, value)
  end function

  ! Collective.
  subroutine create(self, settings, status)
    class(understudy_sub_model), intent(inout) :: self
    type(understudy_settings), intent(in) :: settings
    integer, intent(out), optional :: status
    type(c_options) :: options
    type(c_text), allocatable, target :: texts(:)
    type(c_ptr), allocatable, target :: in_names(:), in_units(:), out_names(:), out_units(:)
    integer :: inputs, outputs, n, base
    inputs = 0
    outputs = 0
    if (allocated(settings%inputs)) inputs = size(settings%inputs)
    if (allocated(settings%outputs)) outputs = size(settings%outputs)
    allocate(texts(4 + 2 * (inputs + outputs)))
    allocate(in_names(inputs), in_units(inputs), out_names(outputs), out_units(outputs))
    texts(1) = optional_text(settings%name)
    texts(2) = optional_text(settings%policy)
    texts(3) = optional_text(settings%model)
    texts(4) = optional_text(settings%dataset)
    do n = 1, inputs
      base = 4 + 2 * (n - 1)
      texts(base + 1) = optional_text(settings%inputs(n)%name)
      texts(base + 2) = optional_text(settings%inputs(n)%unit)
      in_names(n) = c_loc(texts(base + 1)%bytes)
      in_units(n) = c_loc(texts(base + 2)%bytes)
    end do
    do n = 1, outputs
      base = 4 + 2 * inputs + 2 * (n - 1)
      texts(base + 1) = optional_text(settings%outputs(n)%name)
      texts(base + 2) = optional_text(settings%outputs(n)%unit)
      out_names(n) = c_loc(texts(base + 1)%bytes)
      out_units(n) = c_loc(texts(base + 2)%bytes)
    end do
    options%name = c_loc(texts(1)%bytes)
    options%policy = c_loc(texts(2)%bytes)
    options%model = c_loc(texts(3)%bytes)
    options%dataset = c_loc(texts(4)%bytes)
    options%inputs = int(inputs, c_size_t)
    options%outputs = int(outputs, c_size_t)
    options%input_names = c_null_ptr
    options%input_units = c_null_ptr
    options%output_names = c_null_ptr
    options%output_units = c_null_ptr
    if (inputs > 0) options%input_names = c_loc(in_names)
    if (inputs > 0) options%input_units = c_loc(in_units)
    if (outputs > 0) options%output_names = c_loc(out_names)
    if (outputs > 0) options%output_units = c_loc(out_units)
    options%gate_range = flag(settings%gate_range)
    options%gate_distance = flag(settings%gate_distance)
    options%gate_disagreement = flag(settings%gate_disagreement)
    options%range_slack = settings%range_slack
    options%store_every = int(settings%store_every, c_int)
    options%store_at_most = settings%store_at_most
    options%watch_model = flag(settings%watch_model)
    self%inputs = inputs
    self%outputs = outputs
    call finish(c_create(options, self%handle), status)
  end subroutine

  function call_back(user, points, in, out) bind(c) result(code)
    type(c_ptr), value :: user, in, out
    integer(c_size_t), value :: points
    integer(c_int) :: code
    type(caller), pointer :: who
    real(c_double), pointer :: inputs(:, :), outputs(:, :)
    call c_f_pointer(user, who)
    call c_f_pointer(in, inputs, [int(who%inputs, c_size_t), points])
    call c_f_pointer(out, outputs, [int(who%outputs, c_size_t), points])
    call who%physics(inputs, outputs)
    code = 0
  end function

  ! Fills outputs(output, point) from inputs(input, point), which may not share memory.
  subroutine call_model(self, inputs, outputs, physics, status)
    class(understudy_sub_model), intent(in) :: self
    real(c_double), intent(in), contiguous :: inputs(:, :)
    real(c_double), intent(inout), contiguous :: outputs(:, :)
    procedure(understudy_physics) :: physics
    integer, intent(out), optional :: status
    type(caller), target :: who
    character(len=200) :: message
    if (c_associated(self%handle) .and. &
        (size(inputs, 1) /= self%inputs .or. size(outputs, 1) /= self%outputs .or. &
         size(inputs, 2) /= size(outputs, 2))) then
      write(message, "(a, 2(a, i0, a, i0), 2(a, i0), a)") "call: the arrays are ", &
        "inputs(", size(inputs, 1), ", ", size(inputs, 2), &
        ") and outputs(", size(outputs, 1), ", ", size(outputs, 2), &
        "); expected are inputs(", self%inputs, ", points) and outputs(", self%outputs, ", points)"
      call finish(c_refuse(trim(message) // c_null_char), status)
      return
    end if
    who%physics => physics
    who%inputs = self%inputs
    who%outputs = self%outputs
    call finish(c_call(self%handle, size(inputs, 2, c_size_t), inputs, outputs, &
                       c_funloc(call_back), c_loc(who)), status)
  end subroutine

  subroutine flush_model(self, status)
    class(understudy_sub_model), intent(in) :: self
    integer, intent(out), optional :: status
    call finish(c_flush(self%handle), status)
  end subroutine

  ! Loads the model folder anew. Collective.
  subroutine reload(self, status)
    class(understudy_sub_model), intent(in) :: self
    integer, intent(out), optional :: status
    call finish(c_reload(self%handle), status)
  end subroutine

  function counters(self) result(c)
    class(understudy_sub_model), intent(in) :: self
    type(understudy_counters) :: c
    call finish(c_counters(self%handle, c))
  end function

  ! Collective.
  function report(self) result(text)
    class(understudy_sub_model), intent(in) :: self
    character(len=:), allocatable :: text
    character(kind=c_char) :: bytes(4096)
    integer :: length
    call finish(c_report(self%handle, bytes, int(size(bytes), c_size_t)))
    length = 0
    do while (bytes(length + 1) /= c_null_char)
      length = length + 1
    end do
    allocate(character(len=length) :: text)
    text = transfer(bytes(1:length), text)
  end function

  subroutine destroy(self, status)
    class(understudy_sub_model), intent(inout) :: self
    integer, intent(out), optional :: status
    type(c_ptr) :: handle
    handle = self%handle
    self%handle = c_null_ptr
    call finish(c_destroy(handle), status)
  end subroutine

end module
