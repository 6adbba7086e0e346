#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A thread's permission to go on: it waits for it, and another passes it.
///
/// Whoever passes the baton makes all that it wrote before visible to the thread that takes it.
@safe
final class Baton: @unchecked Sendable {
  private let unsafeSemaphore: UnsafeMutablePointer<sem_t>

  /// A baton that nobody has passed yet.
  init() {
    // SAFETY: (1) the block holds one semaphore; (2) it is initialised before any use.
    unsafe unsafeSemaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    let status = unsafe sem_init(unsafeSemaphore, 0, 0)
    precondition(status == 0, "no semaphore")
  }

  deinit {
    // SAFETY: whoever waits for the baton or passes it holds a reference, so nobody does.
    unsafe sem_destroy(unsafeSemaphore)
    unsafe unsafeSemaphore.deallocate()
  }

  /// Lets the thread that takes this baton go on, now or when it comes to take it.
  func pass() {
    // SAFETY: the semaphore lives as long as this object.
    let status = unsafe sem_post(unsafeSemaphore)
    precondition(status == 0, "the semaphore is damaged")
  }

  /// Waits until the baton is passed.
  func take() {
    // SAFETY: the semaphore lives as long as this object. It fails where a signal interrupts it.
    while unsafe sem_wait(unsafeSemaphore) != 0 {}
  }
}
