import CScheduling
import Synchronization

/// A processor to which an exploration's threads are pinned, as long as it runs.
///
/// Handing over between threads of one processor is ten times cheaper than between processors.
/// Explorations that run at the same time get different processors, as long as there are enough.
enum ProcessorClaim {
  /// How many explorations have claimed each processor.
  private static let claims = Mutex<[Int: Int]>([:])

  /// Runs `body` with the calling thread pinned to the least claimed of its processors.
  static func with<Result>(_ body: () -> Result) -> Result {
    guard let processor = claim() else { return body() }
    guard cscheduling_pin(Int32(processor)) != 0 else {
      release(processor)
      return body()
    }
    defer {
      cscheduling_unpin()
      release(processor)
    }
    return body()
  }

  private static func claim() -> Int? {
    let limit = Int(cscheduling_processor_limit())
    let possible = (0..<limit).filter { cscheduling_may_run_on(Int32($0)) != 0 }
    let current = Int(cscheduling_current_processor())
    return claims.withLock { claims in
      // Among the least claimed ones the thread's own comes first.
      let best = possible.min {
        (claims[$0, default: 0], $0 == current ? 0 : 1, $0)
          < (claims[$1, default: 0], $1 == current ? 0 : 1, $1)
      }
      if let best { claims[best, default: 0] += 1 }
      return best
    }
  }

  private static func release(_ processor: Int) {
    claims.withLock { $0[processor, default: 1] -= 1 }
  }
}
