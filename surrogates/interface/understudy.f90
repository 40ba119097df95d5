! Understudy for Fortran: understudy.h with Fortran's own arrays and texts. Points lie along the last
! axis, so that an array x(input, point) is the library's [point][input] without a copy. Every procedure
! takes an optional `status` (0: done, see understudy.h); without it an error ends the program with its
! message. The physics is a procedure that fills outputs(output, point) from inputs(input, point), all of
! them real64 or real32; with call_checked it says in `status` whether it could.
module understudy
  use, intrinsic :: iso_c_binding
  use understudy_c
  implicit none
  private
  public :: understudy_initialize, understudy_initialize_on, understudy_finalize, understudy_message
  public :: understudy_column, understudy_settings, understudy_sub_model, understudy_counters
  public :: understudy_physics, understudy_physics_f
  public :: understudy_checked_physics, understudy_checked_physics_f

  type :: understudy_column
    character(len=:), allocatable :: name, unit
  end type

  type :: understudy_settings
    character(len=:), allocatable :: name                ! of the computation
    type(understudy_column), allocatable :: inputs(:), outputs(:)
    character(len=:), allocatable :: policy              ! collect, never, always, gate
    character(len=:), allocatable :: model, dataset      ! folder; directory
    logical :: gate_range = .true., gate_distance = .true., gate_disagreement = .true.
    real(c_double) :: range_slack = 0.01_c_double
    integer :: store_every = 1
    integer(c_long_long) :: store_at_most = 1000000
    logical :: watch_model = .true.
  end type

  ! What an object and its copies share: destroyed through one of them it is gone for all. These few bytes
  ! stay, for what is not counted are the copies.
  type :: shared_model
    type(c_ptr) :: handle = c_null_ptr
    integer :: inputs = 0, outputs = 0
  end type

  type :: understudy_sub_model
    private
    type(shared_model), pointer :: shared => null()
  contains
    procedure :: create
    procedure, private :: call_double, call_float, checked_double, checked_float
    generic :: call => call_double, call_float
    generic :: call_checked => checked_double, checked_float
    procedure :: flush => flush_model
    procedure :: reload
    procedure :: counters
    procedure :: report
    procedure :: destroy
    procedure, private :: handle
  end type

contains

  ! NULL before create and after destroy, by this object or a copy: C's to refuse.
  type(c_ptr) function handle(self)
    class(understudy_sub_model), intent(in) :: self
    handle = c_null_ptr
    if (associated(self%shared)) handle = self%shared%handle
  end function

  ! The message of this thread's last error.
  function understudy_message() result(message)
    character(len=:), allocatable :: message
    message = text(c_message())
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
    call finish(c_initialize(count_of(threads)), status)
  end subroutine

  ! On the ranks of a communicator: the integer of `use mpi`; of `use mpi_f08`, comm%mpi_val. Collective.
  subroutine understudy_initialize_on(comm, threads, status)
    integer, intent(in) :: comm
    integer, intent(in), optional :: threads
    integer, intent(out), optional :: status
    call finish(c_initialize_on(int(comm, c_int), count_of(threads)), status)
  end subroutine

  integer(c_int) function count_of(threads)
    integer, intent(in), optional :: threads
    count_of = 0
    if (present(threads)) count_of = int(threads, c_int)
  end function

  subroutine understudy_finalize(status)
    integer, intent(out), optional :: status
    call finish(c_finalize(), status)
  end subroutine

  ! Refuses an object whose sub-model is there: it would be lost with the points that it has not stored yet,
  ! and a copy of the object may still use it, so that it is not destroyed here. Copies of one that is
  ! destroyed stay so: they do not become the new sub-model. Collective.
  subroutine create(self, settings, status)
    class(understudy_sub_model), intent(inout) :: self
    type(understudy_settings), intent(in) :: settings
    integer, intent(out), optional :: status
    type(c_options) :: options
    type(c_text), allocatable, target :: texts(:)
    type(c_ptr), allocatable, target :: in_names(:), in_units(:), out_names(:), out_units(:)
    integer :: inputs, outputs, n, base
    integer(c_int) :: code
    type(shared_model), pointer :: shared
    if (c_associated(self%handle())) then
      call finish(c_refuse("create: the sub-model is there already; call destroy first, which " // &
                           "stores its points" // c_null_char), status)
      return
    end if
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
    options%size = c_sizeof(options)
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
    allocate(shared)
    shared%inputs = inputs
    shared%outputs = outputs
    code = c_create(options, shared%handle)
    nullify(self%shared)
    if (c_associated(shared%handle)) then
      self%shared => shared
    else
      deallocate(shared)
    end if
    call finish(code, status)
  end subroutine

  ! Refuses arrays of other shapes; a sub-model that is gone is C's to refuse.
  logical function fits(self, in, out, status)
    class(understudy_sub_model), intent(in) :: self
    integer, intent(in) :: in(2), out(2)
    integer, intent(out), optional :: status
    character(len=200) :: message
    fits = .not. c_associated(self%handle())
    if (.not. fits) fits = in(1) == self%shared%inputs .and. out(1) == self%shared%outputs .and. &
                           in(2) == out(2)
    if (fits) return
    write(message, "(a, 2(a, i0, a, i0), 2(a, i0), a)") "call: the arrays are ", &
      "inputs(", in(1), ", ", in(2), ") and outputs(", out(1), ", ", out(2), &
      "); expected are inputs(", self%shared%inputs, ", points) and outputs(", self%shared%outputs, &
      ", points)"
    call finish(c_refuse(trim(message) // c_null_char), status)
  end function

  ! These fill outputs(output, point) from inputs(input, point), which may not share memory.
  subroutine call_double(self, inputs, outputs, physics, status)
    class(understudy_sub_model), intent(in) :: self
    real(c_double), intent(in), contiguous :: inputs(:, :)
    real(c_double), intent(inout), contiguous :: outputs(:, :)
    procedure(understudy_physics) :: physics
    integer, intent(out), optional :: status
    type(caller), target :: who
    if (.not. fits(self, shape(inputs), shape(outputs), status)) return
    who = caller(inputs=size(inputs, 1, c_size_t), outputs=size(outputs, 1, c_size_t))
    who%physics => physics
    call finish(c_call(self%handle(), size(inputs, 2, c_size_t), inputs, outputs, &
                       c_funloc(back_double), c_loc(who)), status)
  end subroutine

  subroutine call_float(self, inputs, outputs, physics, status)
    class(understudy_sub_model), intent(in) :: self
    real(c_float), intent(in), contiguous :: inputs(:, :)
    real(c_float), intent(inout), contiguous :: outputs(:, :)
    procedure(understudy_physics_f) :: physics
    integer, intent(out), optional :: status
    type(caller), target :: who
    if (.not. fits(self, shape(inputs), shape(outputs), status)) return
    who = caller(inputs=size(inputs, 1, c_size_t), outputs=size(outputs, 1, c_size_t))
    who%physics_f => physics
    call finish(c_call_f(self%handle(), size(inputs, 2, c_size_t), inputs, outputs, &
                       c_funloc(back_float), c_loc(who)), status)
  end subroutine

  subroutine checked_double(self, inputs, outputs, physics, status)
    class(understudy_sub_model), intent(in) :: self
    real(c_double), intent(in), contiguous :: inputs(:, :)
    real(c_double), intent(inout), contiguous :: outputs(:, :)
    procedure(understudy_checked_physics) :: physics
    integer, intent(out), optional :: status
    type(caller), target :: who
    if (.not. fits(self, shape(inputs), shape(outputs), status)) return
    who = caller(inputs=size(inputs, 1, c_size_t), outputs=size(outputs, 1, c_size_t))
    who%checked => physics
    call finish(c_call(self%handle(), size(inputs, 2, c_size_t), inputs, outputs, &
                       c_funloc(back_double), c_loc(who)), status)
  end subroutine

  subroutine checked_float(self, inputs, outputs, physics, status)
    class(understudy_sub_model), intent(in) :: self
    real(c_float), intent(in), contiguous :: inputs(:, :)
    real(c_float), intent(inout), contiguous :: outputs(:, :)
    procedure(understudy_checked_physics_f) :: physics
    integer, intent(out), optional :: status
    type(caller), target :: who
    if (.not. fits(self, shape(inputs), shape(outputs), status)) return
    who = caller(inputs=size(inputs, 1, c_size_t), outputs=size(outputs, 1, c_size_t))
    who%checked_f => physics
    call finish(c_call_f(self%handle(), size(inputs, 2, c_size_t), inputs, outputs, &
                       c_funloc(back_float), c_loc(who)), status)
  end subroutine

  subroutine flush_model(self, status)
    class(understudy_sub_model), intent(in) :: self
    integer, intent(out), optional :: status
    call finish(c_flush(self%handle()), status)
  end subroutine

  ! Loads the model folder anew. Collective.
  subroutine reload(self, status)
    class(understudy_sub_model), intent(in) :: self
    integer, intent(out), optional :: status
    call finish(c_reload(self%handle()), status)
  end subroutine

  ! All 0 after an error.
  function counters(self, status) result(c)
    class(understudy_sub_model), intent(in) :: self
    integer, intent(out), optional :: status
    type(understudy_counters) :: c
    c%size = c_sizeof(c)
    call finish(c_fill_counters(self%handle(), c), status)
  end function

  ! Of any length; "" after an error. Collective.
  function report(self, status) result(all)
    class(understudy_sub_model), intent(in) :: self
    integer, intent(out), optional :: status
    character(len=:), allocatable :: all
    type(c_ptr) :: c_pointer
    call finish(c_report_text(self%handle(), c_pointer), status)
    all = ""
    if (c_associated(c_pointer)) all = text(c_pointer)
  end function

  ! Nothing happens where there is no sub-model, or a copy of the object has destroyed it. Collective.
  subroutine destroy(self, status)
    class(understudy_sub_model), intent(inout) :: self
    integer, intent(out), optional :: status
    type(c_ptr) :: handle
    handle = self%handle()
    if (associated(self%shared)) self%shared%handle = c_null_ptr
    nullify(self%shared)
    call finish(c_destroy(handle), status)
  end subroutine

end module
