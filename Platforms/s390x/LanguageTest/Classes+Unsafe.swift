// Classes: their ends in order, references that do not own, a protocol of classes, a hierarchy.

/// What happened, in order.
private final class Log {
  var digest = Digest()
  var count = 0
  func add(_ event: Int) {
    digest.add(event)
    count += 1
  }
}

private protocol Reporter: AnyObject {
  var identity: UInt16 { get }
  func report(_ value: UInt32) -> UInt64
}

private class Animal: Reporter {
  let log: Log
  let identity: UInt16
  init(_ identity: UInt16, log: Log) {
    self.identity = identity
    self.log = log
  }
  func report(_ value: UInt32) -> UInt64 { UInt64(value) + UInt64(identity) }
  deinit { log.add(Int(identity)) }
}

private final class Bird: Animal {
  // SAFETY: the flock owns its birds and outlives their use of it.
  unowned(unsafe) var flock: Flock?
  override func report(_ value: UInt32) -> UInt64 {
    super.report(value) << 8 | (unsafe flock?.size ?? 0)
  }
  deinit { log.add(1_000_000) }
}

private final class Flock: Reporter {
  var birds: [Bird] = []
  let identity: UInt16 = 0xf10c
  var size: UInt64 { UInt64(birds.count) }
  func report(_ value: UInt32) -> UInt64 { birds.reduce(0) { $0 &+ $1.report(value) } }
}

func classes() {
  let log = Log()
  do {
    let flock = Flock()
    for index in 0..<disguised(4 as UInt16) {
      let bird = Bird(index, log: log)
      // SAFETY: `flock` lives to the end of this block, and owns the bird.
      unsafe bird.flock = flock
      flock.birds.append(bird)
    }
    let animal = Animal(99, log: log)
    let reporters: [any Reporter] = [flock, animal, flock.birds[2]]
    for reporter in reporters {
      show("class protocol", reporter.identity, reporter.report(1 << 20))
    }
    let removed = flock.birds.remove(at: 1)
    show("identity", removed === flock.birds[0], flock.birds[0] === flock.birds[0], log.count)
    show("cast", (reporters[2] as? Bird)?.identity, (reporters[1] as? Bird)?.identity)
    withExtendedLifetime(flock) {}
  }
  show("deinit", log.count, log.digest)
  var shared: Animal? = Animal(7, log: log)
  let second = shared
  shared = nil
  show("still shared", log.count, second?.identity)
  // SAFETY: it was retained once, and is released once, after its last use.
  let kept = unsafe Unmanaged.passRetained(Animal(8, log: log))
  let told = unsafe kept.takeUnretainedValue().report(5)
  // SAFETY: as above.
  unsafe kept.release()
  show("unmanaged", told, log.count, log.digest)
  withExtendedLifetime(second) {}
}
