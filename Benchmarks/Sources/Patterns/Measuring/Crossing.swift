import IOMMU
import Synchronization

/// Threads in a circle: each takes pages, and gives back what the one before it took.
///
/// With one thread that is itself.
final class Crossing<S: Subject>: Sendable {
  private let subject: S
  private let pairs: Int
  private let rings: [TokenRing<S.Token>]
  private let taking: Atomic<Int>

  /// `threads` threads take `pairs` pages each.
  init(_ subject: S, threads: Int, pairs: Int) {
    self.subject = subject
    self.pairs = pairs
    rings = (0..<threads).map { _ in TokenRing(log2: 12) }
    taking = Atomic(threads)
  }

  /// The part of thread `index`.
  func run(_ index: Int) {
    let cpu = CPUIndex(index)
    let out = rings[index]
    let into = rings[(index + 1) % rings.count]
    let first = UInt64(index) &<< 26
    for number in 0..<pairs {
      push(take(first &+ UInt64(number & 0x3ff_ffff), on: cpu), to: into, from: out, on: cpu)
      // As many come back as go out; one by one, so that nobody gets ahead far.
      if number >= 128 { giveBack(one: out, on: cpu) }
    }
    // Pairs with the loads below: whoever sees 0 sees all that was pushed.
    taking.subtract(1, ordering: .sequentiallyConsistent)
    while taking.load(ordering: .sequentiallyConsistent) > 0 {
      if !giveBack(one: out, on: cpu) { Threads.yield() }
    }
    while giveBack(one: out, on: cpu) {}
  }

  @inline(__always)
  private func take(_ buffer: UInt64, on cpu: CPUIndex) -> S.Token {
    do throws(NothingFree) {
      return try subject.take(1, buffer: buffer, on: cpu)
    } catch {
      fatalError("a few hundred pages do not fit")
    }
  }

  @inline(__always)
  private func push(
    _ token: consuming S.Token, to ring: TokenRing<S.Token>, from own: TokenRing<S.Token>,
    on cpu: CPUIndex
  ) {
    var waiting: S.Token? = ring.push(token)
    while let token = waiting.take() {
      // The next one is behind; it may be waiting for this one in turn.
      if !giveBack(one: own, on: cpu) { Threads.yield() }
      waiting = ring.push(token)
    }
  }

  @inline(__always)
  @discardableResult
  private func giveBack(one ring: TokenRing<S.Token>, on cpu: CPUIndex) -> Bool {
    guard let token = ring.pop() else { return false }
    subject.give(token, on: cpu)
    return true
  }
}
