#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A thread that carries one task of each run after another.
///
/// It has a stack of its own and runs only while it has the baton.
@safe
final class Carrier: @unchecked Sendable {
  /// What a carrier does with each baton until it is told to end.
  typealias Work = @Sendable (Carrier) -> Void

  let context: ThreadContext
  let baton = Baton()
  private let work: Work
  private var ending = false
  private var thread: pthread_t?

  /// Enough for code of debug builds; memory is only taken for what is used.
  private static var stackBytes: Int { 4 << 20 }

  /// Starts a thread for a task of an exploration.
  convenience init(_ exploration: Exploration, task: Int, work: @escaping Work) {
    self.init(ThreadContext(exploration, task: task), work: work)
  }

  /// Starts a thread that calls `work` each time that it gets the baton.
  init(_ context: ThreadContext, work: @escaping Work) {
    self.context = context
    self.work = work
    var attributes = pthread_attr_t()
    var thread = pthread_t()
    // SAFETY: (1) the attributes are initialised before use and destroyed after; (2) the reference
    // that is passed on is given back by the thread's own function.
    unsafe pthread_attr_init(&attributes)
    unsafe pthread_attr_setstacksize(&attributes, Self.stackBytes)
    let opaque = unsafe Unmanaged.passRetained(self).toOpaque()
    let status = unsafe pthread_create(&thread, &attributes, { unsafe Carrier.main($0) }, opaque)
    unsafe pthread_attr_destroy(&attributes)
    precondition(status == 0, "no thread for a task")
    self.thread = thread
  }

  private static func main(_ opaque: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    // SAFETY: `init` passed a retained reference, which is taken here exactly once.
    guard let opaque = unsafe opaque else { return nil }
    let carrier = unsafe Unmanaged<Carrier>.fromOpaque(opaque).takeRetainedValue()
    let before = carrier.context.enter()
    carrier.baton.take()
    while !carrier.ending {
      carrier.work(carrier)
      carrier.baton.take()
    }
    ThreadContext.leave(before)
    return nil
  }

  /// Passes the baton to `next`, waits for it, and ends the thread here if it was abandoned.
  @inline(never)
  func hand(to next: Baton) {
    next.pass()
    baton.take()
    if ending { leave() }
  }

  /// Passes the baton to `next` and never runs the task's code again.
  func abandon(to next: Baton) -> Never {
    next.pass()
    leave()
  }

  private func leave() -> Never {
    // The task's frames are never left: what they hold is leaked, together with its run.
    pthread_exit(nil)
  }

  /// Ends a thread that waits between two runs.
  func stop() {
    ending = true
    baton.pass()
    if let thread { pthread_join(thread, nil) }
  }

  /// Gives up a thread in the middle of its task; it will never be used again.
  ///
  /// If it waits for the baton it ends; if it called ``abandon(to:)`` it does so anyway.
  func forsake() {
    if let thread { pthread_detach(thread) }
    ending = true
    baton.pass()
  }
}
