import IOMMU
import Synchronization

/// Passes tokens from one thread to another, in order.
final class TokenRing<Token: ~Copyable>: @unchecked Sendable {
  private let slots: FixedStorage<Token?>
  private let mask: Int
  // Apart by more than a cache line and its neighbour: each is written by another thread.
  private let filled = Atomic<Int>(0)
  private let gap = InlineArray<32, UInt64>(repeating: 0)
  private let emptied = Atomic<Int>(0)
  private let end = InlineArray<32, UInt64>(repeating: 0)

  /// Room for 2 to the power `log2` tokens.
  init(log2: Int) {
    slots = FixedStorage(count: 1 << log2) { _ in nil }
    mask = (1 << log2) - 1
  }

  /// Appends `token`; gives it back where there is no room.
  ///
  /// Only one thread may do that.
  @inline(__always)
  func push(_ token: consuming Token) -> Token? {
    let place = filled.load(ordering: .relaxed)
    // Pairs with the release in `pop`: the place is empty.
    if place &- emptied.load(ordering: .acquiring) > mask { return .some(consume token) }
    slots[place & mask] = .some(consume token)
    filled.store(place &+ 1, ordering: .releasing)
    return nil
  }

  /// The oldest token, if there is one.
  ///
  /// Only one thread may do that.
  @inline(__always)
  func pop() -> Token? {
    let place = emptied.load(ordering: .relaxed)
    // Pairs with the release in `push`: the token is there.
    if place == filled.load(ordering: .acquiring) { return nil }
    let token = slots[place & mask].take()
    emptied.store(place &+ 1, ordering: .releasing)
    return token
  }
}
