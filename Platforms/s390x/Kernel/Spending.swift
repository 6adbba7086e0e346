import Workloads

extension RoundSpending {
  /// Tells what was spent since `earlier`, in units of the time-of-day clock, in how many stretches
  /// it was timed, and what looking at the clock adds to each.
  func tell(since earlier: RoundSpending) {
    Console.field("submit", submit.units &- earlier.submit.units)
    Console.field("ring", ring.units &- earlier.ring.units)
    Console.field("take", take.units &- earlier.take.units)
    let calls = submit.calls &+ ring.calls &+ take.calls
    let before = earlier.submit.calls &+ earlier.ring.calls &+ earlier.take.calls
    Console.field("stretches", calls &- before &+ reports &- earlier.reports)
    Console.field("look", look)
  }
}
