! coupled.c in Fortran: the atmosphere, on the odd ranks, alone knows Understudy, and the ocean, on the even
! ones, waits for its last word.
!
!   coupled_fortran collect DATASET | coupled_fortran gate MODEL    on an even number of ranks
module atmosphere
  use, intrinsic :: iso_c_binding, only: c_double, c_int
  use, intrinsic :: iso_fortran_env, only: error_unit
  use mpi
  use understudy
  implicit none
  private
  public :: require, run

  integer, parameter :: points = 400, every = 10
  integer(c_int) :: code = 0   ! what the physics says

contains

  subroutine require(holds, what)
    logical, intent(in) :: holds
    character(len=*), intent(in) :: what
    integer :: ierr
    if (holds) return
    write(error_unit, "(4a)") "coupled_fortran: not so: ", what, "; last message: ", &
      understudy_message()
    flush(error_unit)
    call MPI_Abort(MPI_COMM_WORLD, 1, ierr)
  end subroutine

  logical function says(part)
    character(len=*), intent(in) :: part
    says = index(understudy_message(), part) > 0
  end function

  ! One difference and one product: the same bits whoever calls it.
  subroutine evaporation(inputs, outputs, status)
    real(c_double), intent(in) :: inputs(:, :)    ! temperature, wind
    real(c_double), intent(out) :: outputs(:, :)
    integer(c_int), intent(out) :: status
    outputs(1, :) = (inputs(1, :) - 271) * inputs(2, :)
    status = code
  end subroutine

  ! With `beyond` every tenth wind is stronger than any that was collected.
  subroutine weather(beyond, states)
    logical, intent(in) :: beyond
    real(c_double), intent(out) :: states(2, points)
    call random_number(states)
    states(1, :) = 280 + 20 * states(1, :)
    states(2, :) = 2 + 10 * states(2, :)
    if (beyond) states(2, ::every) = 40
  end subroutine

  subroutine require_results(states, results)
    real(c_double), intent(in) :: states(2, points), results(1, points)
    real(c_double) :: truth(1, points)
    integer(c_int) :: status
    call evaporation(states, truth, status)
    call require(all(results(1, :) == truth(1, :) .or. states(2, :) <= 12), &
                 "the physics computes what lies beyond")
    call require(sum(abs(results - truth)) / points < 0.1_c_double * 29 * 12, &
                 "the network is about right")
  end subroutine

  ! The last rank asks for a policy that there is not: an error on all ranks of the atmosphere.
  subroutine wrong_on_one_rank(settings, last)
    type(understudy_settings), intent(in) :: settings
    logical, intent(in) :: last
    type(understudy_settings) :: wrong
    type(understudy_sub_model) :: model
    integer :: status
    wrong = settings
    if (last) wrong%policy = "sometimes"
    call model%create(wrong, status)
    call require(status == 2, "a wrong policy")
    call require(says("policy 'sometimes' is unknown"), "its message")
  end subroutine

  ! A physics that fails on one rank is that rank's own error.
  subroutine fails_here(model, states, results)
    type(understudy_sub_model), intent(in) :: model
    real(c_double), intent(in) :: states(2, points)
    real(c_double), intent(inout) :: results(1, points)
    type(understudy_counters) :: before, after
    integer :: status
    before = model%counters()
    code = 7
    call model%call_checked(states, results, evaporation, status)
    code = 0
    call require(status == 4, "a physics that fails")
    call require(says("the physics returned 7"), "its code")
    after = model%counters(status)
    call require(status == 0 .and. after%calls == before%calls + 1, "the call is counted")
    call require(after%to_physics == before%to_physics .and. after%stored == before%stored, &
                 "nothing of a failed physics is counted or stored")
  end subroutine

  subroutine require_counters(model, calls, gated)
    type(understudy_sub_model), intent(in) :: model
    integer, intent(in) :: calls
    logical, intent(in) :: gated
    type(understudy_counters) :: c
    integer :: all_points
    all_points = points * calls
    c = model%counters()
    call require(c%calls == calls .and. c%points == all_points, "calls and points")
    call require(c%to_network + c%to_physics == all_points, "every point is somebody's")
    call require(c%stored == merge(0, all_points, gated), "points that are stored")
    if (gated) then
      call require(c%out_of_range >= all_points / every .and. c%to_network > all_points / 2, &
                   "the network's points")
    else
      call require(c%to_network == 0, "no network")
    end if
  end subroutine

  subroutine require_report(model, policy, ranks)
    type(understudy_sub_model), intent(in) :: model
    character(len=*), intent(in) :: policy
    integer, intent(in) :: ranks
    character(len=:), allocatable :: report
    character(len=200) :: expected
    integer :: calls, status
    calls = ranks * (ranks + 1) / 2
    write(expected, "(3a, 3(i0, a))") "sub-model evaporation (", policy, "): ", calls, " calls, ", &
      calls * points, " points on ", ranks, " ranks"
    report = model%report(status)
    call require(status == 0 .and. index(report, trim(expected)) > 0, trim(expected))
  end subroutine

  ! `comm`: the odd ranks.
  subroutine run(comm, policy, folder)
    integer, intent(inout) :: comm
    character(len=*), intent(in) :: policy, folder
    type(understudy_settings) :: settings
    type(understudy_sub_model) :: model
    real(c_double) :: states(2, points), results(1, points)
    integer, allocatable :: seed(:)
    integer :: rank, ranks, n, ierr, status
    logical :: gated, last
    gated = policy == "gate"
    call MPI_Comm_rank(comm, rank, ierr)
    call MPI_Comm_size(comm, ranks, ierr)
    last = rank == ranks - 1
    call random_seed(size=n)
    allocate(seed(n), source=3 + rank + merge(100, 0, gated))
    call random_seed(put=seed)

    call understudy_initialize_on(comm, 1, status)
    call require(status == 0, "initialize_on")
    call MPI_Comm_free(comm, ierr)   ! it was duplicated
    settings%name = "evaporation"
    settings%inputs = [understudy_column("temperature", "K"), understudy_column("wind", "m/s")]
    settings%outputs = [understudy_column("evaporation", "K m/s")]
    settings%policy = policy
    if (gated) then
      settings%model = folder
    else
      settings%dataset = folder
    end if
    call wrong_on_one_rank(settings, last)
    call model%create(settings, status)
    call require(status == 0, "create")
    do n = 0, rank   ! every rank calls another number of times
      call weather(gated, states)
      call model%call_checked(states, results, evaporation, status)
      call require(status == 0, "call")
      call require_results(states, results)
    end do
    call require_counters(model, rank + 1, gated)
    call require_report(model, policy, ranks)
    if (last) call fails_here(model, states, results)
    call model%reload(status)
    call require(status == 0, "reload")
    call model%call_checked(states, results, evaporation, status)
    call require(status == 0, "call after reload")
    call require_results(states, results)
    call model%destroy(status)
    call require(status == 0, "destroy")
    call understudy_finalize(status)
    call require(status == 0, "finalize")
  end subroutine

end module

program coupled
  use mpi
  use atmosphere
  implicit none
  integer, parameter :: good = 4711
  character(len=4000) :: policy, folder
  integer :: rank, ranks, mine, word, ierr
  logical :: finalised
  call get_command_argument(1, policy)
  call get_command_argument(2, folder)
  call MPI_Init(ierr)
  call MPI_Comm_rank(MPI_COMM_WORLD, rank, ierr)
  call MPI_Comm_size(MPI_COMM_WORLD, ranks, ierr)
  call require(command_argument_count() == 2 .and. mod(ranks, 2) == 0, &
               "collect DATASET or gate MODEL, on an even number of ranks")
  call MPI_Comm_split(MPI_COMM_WORLD, mod(rank, 2), rank, mine, ierr)
  if (mod(rank, 2) == 1) then
    call run(mine, trim(policy), trim(folder))
    call MPI_Finalized(finalised, ierr)
    call require(.not. finalised, "MPI is the program's own and goes on")
    word = good
    call MPI_Send(word, 1, MPI_INTEGER, rank - 1, 1, MPI_COMM_WORLD, ierr)
  else
    call MPI_Comm_free(mine, ierr)
    call MPI_Recv(word, 1, MPI_INTEGER, rank + 1, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE, ierr)
    call require(word == good, "the atmosphere's word")
  end if
  call MPI_Finalize(ierr)
end program
