import IOMMU

/// A controller that executes each command when its doorbell is rung, written from the
/// specification's figures alone, with none of the driver's layouts.
///
/// An access through an address that is not mapped is noted as a fault; its command never ends.
final class FakeController {
  struct Queue {
    var submission: UInt64 = 0
    var completion: UInt64 = 0
    var entries: UInt64 = 0
    var submissionHead: UInt64 = 0
    var completionTail: UInt64 = 0
    var phase: UInt64 = 1
    var completionHead: UInt64 = 0
    var interrupt: UInt64?
  }

  struct Command {
    var queue: Int
    var identifier: UInt64
    var opcode: UInt64
    var lba: UInt64
    var pieces: [(address: UInt64, count: UInt64)]
  }

  let domain: FakeDomain
  var maximumEntries: UInt64 = 256
  var grantedQueues: UInt64 = 8
  var doorbellStrideField: UInt64 = 0
  var mdts: UInt64 = 0
  var blockCount: UInt64 = 1 << 32
  var blockLog2: UInt64 = 12
  var doesBecomeReady = true
  var doesStop = true
  var doesShutDown = true
  /// I/O commands are kept instead of executed, in ``held``.
  var isHolding = false
  /// The status that the next I/O commands end with.
  var nextStatus: UInt64 = 0

  private(set) var queues: [Int: Queue] = [:]
  private(set) var faults: [UInt64] = []
  private(set) var commands: [Command] = []
  private(set) var held: [Command] = []
  private(set) var starts = 0
  private(set) var media: [UInt64: [UInt8]] = [:]
  private(set) var adminOpcodes: [UInt64] = []
  private var configuration: UInt64 = 0
  private var status: UInt64 = 0
  private var aqa: UInt64 = 0
  private var asq: UInt64 = 0
  private var acq: UInt64 = 0

  init(domain: FakeDomain) {
    self.domain = domain
  }

  var blockBytes: Int { 1 << Int(blockLog2) }

  /// What a block holds that was never written.
  func block(_ lba: UInt64) -> [UInt8] {
    if let written = media[lba] { return written }
    var block: [UInt8] = []
    block.reserveCapacity(blockBytes)
    var value = UInt8(truncatingIfNeeded: lba &* 31 &+ lba >> 8 &+ 3)
    for _ in 0..<blockBytes {
      block.append(value)
      value = value &* 5 &+ 7
    }
    return block
  }

  func read(_ offset: UInt64) -> UInt64 {
    switch offset {
    case 0: (maximumEntries - 1) | 1 << 16 | 2 << 24 | doorbellStrideField << 32 | 1 << 37
    case 8: 0x0001_0400
    case 0x14: configuration
    case 0x1c: status
    default: 0
    }
  }

  func write(_ value: UInt64, _ offset: UInt64) {
    switch offset {
    case 0x14: configure(value)
    case 0x24: aqa = value
    case 0x28: asq = value
    case 0x30: acq = value
    case 0x1000...:
      let index = (offset - 0x1000) / (4 << doorbellStrideField)
      ring(queue: Int(index / 2), isHead: index % 2 == 1, value: value)
    default: break
    }
  }

  private func configure(_ value: UInt64) {
    let wasEnabled = configuration & 1 != 0
    configuration = value
    if value & 1 != 0 && !wasEnabled {
      precondition(value >> 16 & 0xff == 0x46 && value >> 4 & 0xfff == 0, "unexpected CC")
      starts += 1
      queues = [
        0: Queue(submission: asq, completion: acq, entries: (aqa & 0xfff) + 1)
      ]
      status = doesBecomeReady ? 1 : 0
    }
    if value & 1 == 0 && wasEnabled && doesStop {
      queues = [:]
      held = []
      status = 0
    }
    if value >> 14 & 3 == 1 && doesShutDown { status = status & ~0xc | 0x8 }
  }

  private func ring(queue: Int, isHead: Bool, value: UInt64) {
    guard var state = queues[queue] else { return }
    if isHead {
      queues[queue]?.completionHead = value
      return
    }
    while state.submissionHead != value {
      let entry = state.submission + state.submissionHead * 64
      state.submissionHead = (state.submissionHead + 1) % state.entries
      queues[queue]?.submissionHead = state.submissionHead
      guard let words = read64s(entry, 8) else { return }
      if queue == 0 { execute(admin: words) } else { accept(words, queue: queue) }
    }
  }

  private func accept(_ words: [UInt64], queue: Int) {
    let opcode = words[0] & 0xff
    var command = Command(
      queue: queue, identifier: words[0] >> 16 & 0xffff, opcode: opcode, lba: words[5], pieces: [])
    if opcode != 0 {
      let count = ((words[6] & 0xffff) + 1) << blockLog2
      guard let pieces = expand(words[3], words[4], count) else { return }
      command.pieces = pieces
    }
    commands.append(command)
    if isHolding { held.append(command) } else { execute(command) }
  }

  /// Ends the command that was held longest, or number `index`.
  func release(_ index: Int = 0) {
    execute(held.remove(at: index))
  }

  private func execute(_ command: Command) {
    var blocks: [UInt8] = []
    let total = command.pieces.reduce(0) { $0 + $1.count }
    if command.opcode == 2 {
      for index in 0..<total >> blockLog2 { blocks += block(command.lba + index) }
    }
    var done = 0
    for piece in command.pieces where nextStatus == 0 {
      // A piece lies within a page.
      guard let physical = translate(piece.address, isWrite: command.opcode == 2) else { return }
      if command.opcode == 2 {
        domain.memory.fill(physical, blocks[done..<done + Int(piece.count)])
      } else {
        blocks += domain.memory.slice(physical, piece.count)
      }
      done += Int(piece.count)
    }
    if command.opcode == 1 && nextStatus == 0 {
      for index in 0..<total >> blockLog2 {
        let start = Int(index) * blockBytes
        media[command.lba + index] = Array(blocks[start..<start + blockBytes])
      }
    }
    post(queue: command.queue, identifier: command.identifier, status: nextStatus)
  }

  /// Writes a completion, whatever sense it makes.
  func post(
    queue: Int, identifier: UInt64, status: UInt64 = 0, result: UInt64 = 0, from other: Int? = nil
  ) {
    guard var state = queues[queue] else { return }
    let entry = state.completion + state.completionTail * 16
    let source = UInt64(other ?? queue)
    guard let low = translate(entry, isWrite: true) else { return }
    domain.memory.storeLittle64(result, at: PhysicalAddress(low))
    domain.memory.storeLittle64(
      state.submissionHead | source << 16 | identifier << 32 | state.phase << 48 | status << 49,
      at: PhysicalAddress(low + 8))
    state.completionTail = (state.completionTail + 1) % state.entries
    if state.completionTail == 0 { state.phase ^= 1 }
    queues[queue] = state
  }

  func translate(_ address: UInt64, isWrite: Bool) -> UInt64? {
    if let physical = domain.translate(address, isWrite: isWrite) { return physical }
    faults.append(address)
    return nil
  }

  private func read64s(_ address: UInt64, _ count: UInt64) -> [UInt64]? {
    var words: [UInt64] = []
    for index in 0..<count {
      guard let physical = translate(address + index * 8, isWrite: false) else { return nil }
      words.append(domain.memory.loadLittle64(at: PhysicalAddress(physical)))
    }
    return words
  }

  /// The pieces of memory that two pointers name, taken literally from figures 109 to 112.
  private func expand(_ prp1: UInt64, _ prp2: UInt64, _ count: UInt64) -> [(UInt64, UInt64)]? {
    let first = min(count, 4096 - prp1 % 4096)
    var pieces = [(prp1, first)]
    var left = count - first
    if left == 0 { return pieces }
    if left <= 4096 { return pieces + [(prp2, left)] }
    var list = prp2
    while left > 0 {
      guard let entry = read64s(list, 1)?[0] else { return nil }
      if (list + 8) % 4096 == 0 && left > 4096 {
        list = entry
        continue
      }
      precondition(entry % 4096 == 0, "a list entry with an offset")
      pieces.append((entry, min(left, 4096)))
      left -= min(left, 4096)
      list += 8
    }
    return pieces
  }

  private func execute(admin words: [UInt64]) {
    let opcode = words[0] & 0xff
    adminOpcodes.append(opcode)
    let identifier = words[0] >> 16 & 0xffff
    let dword10 = words[5] & 0xffff_ffff
    let dword11 = words[5] >> 32
    var result: UInt64 = 0
    switch opcode {
    case 6: identify(words[3], cns: dword10)
    case 9: result = (grantedQueues - 1) | (grantedQueues - 1) << 16
    case 5:
      queues[Int(dword10 & 0xffff)] = Queue(
        completion: words[3], entries: (dword10 >> 16) + 1,
        interrupt: dword11 & 2 != 0 ? dword11 >> 16 : nil)
    case 1: queues[Int(dword10 & 0xffff)]?.submission = words[3]
    default: post(queue: 0, identifier: identifier, status: 1)
    }
    post(queue: 0, identifier: identifier, result: result)
  }

  private func identify(_ address: UInt64, cns: UInt64) {
    func put(_ value: UInt64, _ offset: UInt64) {
      if let physical = translate(address + offset, isWrite: true) {
        domain.memory.storeLittle64(value, at: PhysicalAddress(physical))
      }
    }
    if cns == 1 {
      put(0x1b36, 0)
      put(mdts << 40, 72)
    } else {
      put(blockCount, 0)
      put(1 << 16, 24)
      put(blockLog2 << 48, 128)
    }
  }
}
