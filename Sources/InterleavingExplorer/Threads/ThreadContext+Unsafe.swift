import CScheduling

/// What a thread that takes part in an exploration knows about itself.
///
/// The thread keeps it alive from entering to leaving.
@safe
final class ThreadContext: @unchecked Sendable {
  /// The task that the thread carries, from 0; negative on the exploring thread, and where tasks
  /// run at the same time.
  let task: Int
  /// The run that the thread works on.
  var execution: Execution?
  /// Where tasks run at the same time, what shakes this one's timing.
  var shaker: ThreadShaker?

  /// Where cache lines are priced, who does so; then there is no exploration.
  let meter: LineMeter?

  private let unsafeExploration: Unmanaged<Exploration>?

  /// A context of processor `task` of a meter; negative outside of its processors.
  init(_ meter: LineMeter, task: Int) {
    self.task = task
    self.meter = meter
    // SAFETY: there is none.
    unsafe unsafeExploration = nil
  }

  /// A context; `task` is negative for those that no schedule has.
  init(_ exploration: Exploration, task: Int) {
    self.task = task
    meter = nil
    // SAFETY: the exploration owns its threads and outlives them.
    unsafe unsafeExploration = Unmanaged.passUnretained(exploration)
  }

  /// The calling thread is about to make the step that `kind` says.
  ///
  /// Does nothing outside of explorations.
  @inline(__always)
  static func reached(
    _ kind: StepKind, _ name: UInt64, _ place: StepPlace, at address: UInt64 = 0
  ) {
    // SAFETY: as in `current`; the exploration lives as long as its threads.
    guard let word = unsafe UnsafeRawPointer(bitPattern: cscheduling_thread_word()) else {
      return
    }
    unsafe Unmanaged<ThreadContext>.fromOpaque(word)._withUnsafeGuaranteedRef { context in
      guard let unsafeExploration = unsafe context.unsafeExploration else {
        context.meter?.reached(context.task, kind, name, place, at: address)
        return
      }
      unsafe unsafeExploration._withUnsafeGuaranteedRef { exploration in
        exploration.reached(context.task, kind, name, place)
      }
    }
  }

  /// The calling thread's; nil outside of explorations.
  @inline(__always)
  static var current: ThreadContext? {
    let word = cscheduling_thread_word()
    // SAFETY: (1) only `enter` and `leave` write the word; (2) whoever called `enter` keeps the
    // context alive until it calls `leave`, on the same thread.
    guard let address = unsafe UnsafeRawPointer(bitPattern: word) else { return nil }
    return unsafe Unmanaged<ThreadContext>.fromOpaque(address).takeUnretainedValue()
  }

  /// Makes this the calling thread's context; returns what ``leave(_:)`` wants.
  func enter() -> UInt {
    let before = cscheduling_thread_word()
    // SAFETY: the address is only turned back in `current`, as long as the context lives.
    let address = unsafe Unmanaged.passUnretained(self).toOpaque()
    cscheduling_set_thread_word(UInt(bitPattern: address))
    return before
  }

  /// Makes the context from before the calling thread's again.
  static func leave(_ before: UInt) {
    cscheduling_set_thread_word(before)
  }
}
