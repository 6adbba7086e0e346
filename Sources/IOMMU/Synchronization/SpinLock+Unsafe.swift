#if InterleavingExploration
public import Synchronization
#endif

extension SpinLock {
  /// Where the lock lies, for observers of cache lines; 0 in builds without yield points.
  @inlinable
  var address: UInt64 {
    #if InterleavingExploration
    // SAFETY: nothing is done with the address but comparing it. A lock that is used lies still.
    unsafe withUnsafePointer(to: held) { UInt64(UInt(bitPattern: $0)) }
    #else
    0
    #endif
  }
}
