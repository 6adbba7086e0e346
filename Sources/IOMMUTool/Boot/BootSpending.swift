/// What an image says that its driver took in one run, in units of the time-of-day clock.
struct BootSpending: Equatable, Sendable {
  /// The sum over all calls, with what looking at the clock took.
  var units: UInt64
  /// The stretches that were timed.
  var stretches: UInt64
  /// What looking at the clock adds to each.
  var look: UInt64

  /// The numbers of a row; `nil` where one is missing.
  init?(_ numbers: [Substring: UInt64]) {
    guard let submit = numbers["submit"], let ring = numbers["ring"], let take = numbers["take"],
      let stretches = numbers["stretches"], let look = numbers["look"]
    else { return nil }
    units = submit &+ ring &+ take
    self.stretches = stretches
    self.look = look
  }

  /// The instructions, where QEMU counts them: each takes two nanoseconds of its clock, of which
  /// 512 units are 125.
  ///
  /// Source: QEMU docs/system/tcg-emulation and `-icount shift=1`; target/s390x/tcg/misc_helper.c,
  /// `stck`, for the unit.
  var instructions: Double {
    let own = units &- min(units, stretches &* look)
    return Double(own) * 125 / 1_024
  }
}
