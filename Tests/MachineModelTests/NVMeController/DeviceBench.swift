import IOMMU

@testable import MachineModel

/// A world for one device: memory that it addresses as it is, events in order, interrupts noted.
///
/// As the machine does, it lets nothing through any more after an access was refused.
final class DeviceBench: DeviceEnvironment {
  struct Event {
    var time: UInt64
    var sequence: UInt64
    var token: UInt64
  }

  static let memoryBytes = 4 << 20
  var memory = [UInt8](repeating: 0, count: DeviceBench.memoryBytes)
  /// The pages that the device may not reach.
  var forbidden: Set<UInt64> = []
  var isBlocked = false
  var time: UInt64 = 0
  var events: [Event] = []
  var interrupts: [(vector: Int, time: UInt64)] = []
  var delays: [UInt64] = []
  private var lastSequence: UInt64 = 0
  let device: NVMeDevice

  init(service: NVMeService, geometry: NVMeGeometry = NVMeGeometry()) {
    device = NVMeDevice(service: service, geometry: geometry)
    device.connect(to: self)
  }

  var now: Instant { Instant(nanoseconds: time) }

  func schedule(after delay: Nanoseconds, token: UInt64) -> EventID {
    lastSequence += 1
    events.append(Event(time: time + delay.rawValue, sequence: lastSequence, token: token))
    return EventID(slot: 0, sequence: lastSequence)
  }

  func cancel(_ event: EventID) {
    events.removeAll { $0.sequence == event.sequence }
  }

  /// Handles all events up to `limit`.
  func run(until limit: UInt64 = .max) {
    while let next = events.min(by: { ($0.time, $0.sequence) < ($1.time, $1.sequence) }),
      next.time <= limit
    {
      events.removeAll { $0.sequence == next.sequence }
      time = next.time
      device.handleEvent(next.token)
    }
    if limit != .max { time = max(time, limit) }
  }

  private func place(_ address: UInt64, _ count: Int) throws(DMAFault) -> Int {
    if isBlocked { throw .blocked }
    let pages = address / 4096...(address + UInt64(count) - 1) / 4096
    if address + UInt64(count) > UInt64(Self.memoryBytes)
      || pages.contains(where: forbidden.contains)
    {
      isBlocked = true
      throw .translation(IOVA(address), .notShadowed)
    }
    return Int(address)
  }

  func readMemory(at iova: IOVA, into target: inout MutableSpan<UInt8>) throws(DMAFault) {
    let start = try place(iova.rawValue, target.count)
    for index in 0..<target.count {
      target[index] = memory[start + index]
    }
  }

  func writeMemory(_ source: Span<UInt8>, at iova: IOVA) throws(DMAFault) {
    let start = try place(iova.rawValue, source.count)
    for index in 0..<source.count { memory[start + index] = source[index] }
  }

  func readLittle64(at iova: IOVA) throws(DMAFault) -> UInt64 {
    load64(UInt64(try place(iova.rawValue, 8)))
  }

  func writeLittle64(_ value: UInt64, at iova: IOVA) throws(DMAFault) {
    store64(value, UInt64(try place(iova.rawValue, 8)))
  }

  func raiseInterrupt(vector: Int) {
    interrupts.append((vector, time))
  }

  func injectedDelay() -> Nanoseconds {
    Nanoseconds(delays.isEmpty ? 0 : delays.removeFirst())
  }

  func randomStream(_ name: StaticString) -> RandomStream {
    RandomStream(seed: 7, name: name)
  }

  func load64(_ address: UInt64) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(memory[Int(address) + $1]) << UInt64(8 * $1) }
  }

  func store64(_ value: UInt64, _ address: UInt64) {
    for index in 0..<8 {
      memory[Int(address) + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))
    }
  }
}

/// A host that speaks to the device by registers and bytes alone.
///
/// Queue `n` has its submission entries at 64 KiB times n + 1 and its completions half-way on.
struct DeviceHost {
  struct Completion: Equatable {
    var queue: Int
    var identifier: Int
    var status: Int
    var result: UInt64
  }

  let bench: DeviceBench
  var entries: UInt64 = 16
  var tails: [Int: UInt64] = [:]
  var heads: [Int: UInt64] = [:]
  var phases: [Int: UInt64] = [:]

  init(_ bench: DeviceBench) {
    self.bench = bench
  }

  static func submission(_ queue: Int) -> UInt64 { UInt64(queue + 1) << 16 }
  static func completion(_ queue: Int) -> UInt64 { UInt64(queue + 1) << 16 + 0x8000 }

  func write(_ value: UInt64, _ offset: UInt64, width: Int = 4) {
    bench.device.writeRegister(value, bar: 0, offset: offset, width: width)
  }

  func read(_ offset: UInt64, width: Int = 4) -> UInt64 {
    bench.device.readRegister(bar: 0, offset: offset, width: width)
  }

  mutating func enable() {
    write(entries - 1 | (entries - 1) << 16, 0x24)
    write(Self.submission(0), 0x28, width: 8)
    write(Self.completion(0), 0x30, width: 8)
    write(0x0046_0001, 0x14)
    bench.run()
    begin(0)
  }

  mutating func begin(_ queue: Int) {
    tails[queue] = 0
    heads[queue] = 0
    phases[queue] = 1
    // What an earlier queue left there would look like completions.
    for word in 0..<entries * 2 { bench.store64(0, Self.completion(queue) + word * 8) }
  }

  /// Writes a command at the tail, without telling.
  mutating func put(
    _ queue: Int, _ opcode: UInt64, identifier: Int = 1, namespace: UInt64 = 1, prp1: UInt64 = 0,
    prp2: UInt64 = 0, dword10: UInt64 = 0, dword11: UInt64 = 0, dword12: UInt64 = 0
  ) {
    let entry = Self.submission(queue) + tails[queue]! * 64
    let words: [UInt64] = [
      opcode | UInt64(identifier) << 16 | namespace << 32, 0, 0, prp1, prp2,
      dword10 | dword11 << 32, dword12, 0,
    ]
    for (index, word) in words.enumerated() { bench.store64(word, entry + UInt64(index) * 8) }
    tails[queue] = (tails[queue]! + 1) % entries
  }

  mutating func putRead(
    _ queue: Int, identifier: Int, lba: UInt64, blocks: UInt64 = 1, prp1: UInt64, prp2: UInt64 = 0,
    opcode: UInt64 = 2
  ) {
    put(
      queue, opcode, identifier: identifier, prp1: prp1, prp2: prp2,
      dword10: lba & 0xffff_ffff, dword11: lba >> 32, dword12: blocks - 1)
  }

  func ring(_ queue: Int) {
    write(tails[queue]!, 0x1000 + UInt64(queue) * 8)
  }

  /// Takes what lies in the completion queue; tells the device unless `isTelling` is off.
  mutating func take(_ queue: Int, isTelling: Bool = true) -> [Completion] {
    var found: [Completion] = []
    while true {
      let entry = Self.completion(queue) + heads[queue]! * 16
      let high = bench.load64(entry + 8)
      if high >> 48 & 1 != phases[queue]! { break }
      found.append(
        Completion(
          queue: Int(high >> 16 & 0xffff), identifier: Int(high >> 32 & 0xffff),
          status: Int(high >> 49), result: bench.load64(entry) & 0xffff_ffff))
      heads[queue] = (heads[queue]! + 1) % entries
      if heads[queue] == 0 { phases[queue]! ^= 1 }
    }
    if isTelling && !found.isEmpty { write(heads[queue]!, 0x1004 + UInt64(queue) * 8) }
    return found
  }

  /// Runs one admin command to its end and answers its completion.
  mutating func admin(
    _ opcode: UInt64, namespace: UInt64 = 0, prp1: UInt64 = 0, dword10: UInt64 = 0,
    dword11: UInt64 = 0
  ) -> Completion? {
    put(
      0, opcode, identifier: 77, namespace: namespace, prp1: prp1, dword10: dword10,
      dword11: dword11)
    ring(0)
    bench.run()
    return take(0).first
  }

  /// Creates I/O queue pair `queue` with a vector of the same number.
  mutating func createPair(_ queue: Int) {
    let size = (entries - 1) << 16 | UInt64(queue)
    _ = admin(5, prp1: Self.completion(queue), dword10: size, dword11: UInt64(queue) << 16 | 3)
    _ = admin(1, prp1: Self.submission(queue), dword10: size, dword11: UInt64(queue) << 16 | 1)
    begin(queue)
  }
}
