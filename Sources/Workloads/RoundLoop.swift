public import IOMMU
public import NVMe

/// Carries out a plan's rounds on a driver, and checks every byte that moves.
///
/// Context: one processor, that of the driver's queue. Allocates: at creation alone.
public final class RoundLoop<Function: PCIFunction, Domain: DMADomain> {
  private let driver: NVMeController<Function, Domain>
  private let queue: Int
  private let plan: RoundPlan
  private let memory: Domain.Memory
  private let buffers: FixedStorage<PhysicalAddress>
  /// How often each block was written.
  private let versions: FixedStorage<UInt32>
  private let inRound: FixedStorage<RoundRequest>
  private let clock: () -> UInt64
  private var nextNumber: UInt64 = 0
  private var outstanding = 0

  /// What was done so far.
  public private(set) var result = RoundResult()

  /// What the driver took for it, by the loop's clock.
  public private(set) var spent = RoundSpending()

  /// A loop on queue `queue` of a driver that runs; buffers come from `memory`, and ``spent`` is
  /// told in the units of `clock`.
  ///
  /// Throws: where the buffers cannot be had.
  /// - Precondition: the plan is valid, and the queue has a slot for each of its places.
  public init(
    driver: NVMeController<Function, Domain>, queue: Int, plan: RoundPlan, memory: Domain.Memory,
    clock: @escaping () -> UInt64 = { 0 }
  ) throws(TableMemoryError) {
    precondition(plan.isValid, "a plan that can be carried out")
    self.driver = driver
    self.queue = queue
    self.plan = plan
    self.memory = memory
    self.clock = clock
    let byteCount = Int(plan.slotBytes)
    var failure: TableMemoryError?
    buffers = FixedStorage(count: plan.depth * plan.buffersPerPlace) { _ in
      if failure != nil { return PhysicalAddress(0) }
      do throws(TableMemoryError) {
        return try memory.allocateBuffer(byteCount: byteCount).first
      } catch {
        failure = error
        return PhysicalAddress(0)
      }
    }
    versions = FixedStorage(count: Int(plan.blockCount)) { _ in 0 }
    inRound = FixedStorage(count: plan.depth) { _ in
      RoundRequest(place: 0, lba: 0, blocks: 0, isWrite: false)
    }
    if let failure { throw failure }
    let first = clock()
    spent.look = clock() &- first
  }

  /// Does `count` more rounds.
  ///
  /// `pause` is called between two looks at a queue on which not everything is complete. Throws:
  /// the driver's error, and the round stays as it is.
  public func run(rounds count: Int, pause: () -> Void) throws(NVMeError) {
    for _ in 0..<count {
      for _ in 0..<plan.depth { try submitNext() }
      let began = clock()
      try driver.ringDoorbell(queue: queue) { complete($0) }
      spent.ring.add(clock() &- began)
      while outstanding > 0 {
        // All at once, so that what it takes does not depend on how fast the device is.
        if try driver.hasCompleted(outstanding, queue: queue), try take() > 0 { continue }
        pause()
      }
    }
  }

  private func take() throws(NVMeError) -> Int {
    let began = clock()
    var checking: UInt64 = 0
    let completed = try driver.poll(queue: queue) { completion in
      let reported = clock()
      complete(completion)
      checking &+= clock() &- reported
      spent.reports &+= 1
    }
    spent.take.add(clock() &- began &- checking)
    return completed
  }

  private func submitNext() throws(NVMeError) {
    let turn = nextNumber / UInt64(plan.depth)
    let request = plan.request(nextNumber)
    let first = buffer(of: request, turn: turn)
    let byteCount = UInt64(request.blocks) * BlockPattern.blockBytes
    guard let buffer = PhysicalRange(first: first, byteCount: byteCount) else {
      preconditionFailure("a buffer holds the longest request")
    }
    prepare(request, first)
    let began = clock()
    if request.isWrite {
      try driver.submitWrite(
        queue: queue, lba: request.lba, blocks: request.blocks, buffer: buffer, tag: nextNumber)
    } else {
      try driver.submitRead(
        queue: queue, lba: request.lba, blocks: request.blocks, buffer: buffer, tag: nextNumber)
    }
    spent.submit.add(clock() &- began)
    inRound[request.place] = request
    nextNumber += 1
    outstanding += 1
  }

  /// Where the data of a request lies that is number `turn` of its place.
  private func buffer(of request: RoundRequest, turn: UInt64) -> PhysicalAddress {
    let number = Int(turn % UInt64(plan.buffersPerPlace))
    let first = buffers[request.place * plan.buffersPerPlace + number]
    return PhysicalAddress(first.rawValue &+ plan.offset(turn: turn))
  }

  private func prepare(_ request: RoundRequest, _ buffer: PhysicalAddress) {
    for block in 0..<UInt64(request.blocks) {
      let lba = request.lba + block
      let place = PhysicalAddress(buffer.rawValue &+ block &* BlockPattern.blockBytes)
      if request.isWrite {
        versions[Int(lba - plan.firstBlock)] &+= 1
        BlockPattern.write(lba: lba, version: version(of: lba), to: memory, at: place)
      } else {
        BlockPattern.spoil(memory, at: place)
      }
    }
  }

  private func version(of lba: UInt64) -> UInt64 { UInt64(versions[Int(lba - plan.firstBlock)]) }

  private func complete(_ completion: NVMeCompletion) {
    outstanding -= 1
    let place = Int(completion.tag % UInt64(plan.depth))
    let request = inRound[place]
    guard case .success = completion.outcome else {
      result.failures += 1
      return
    }
    result.requests += 1
    result.bytes += UInt64(request.blocks) * BlockPattern.blockBytes
    let buffer = buffer(of: request, turn: completion.tag / UInt64(plan.depth))
    // A write's buffer has to be what it was, too.
    for block in 0..<UInt64(request.blocks) {
      let lba = request.lba + block
      let isRight = BlockPattern.isRight(
        lba: lba, version: version(of: lba), in: memory,
        at: PhysicalAddress(buffer.rawValue &+ block &* BlockPattern.blockBytes))
      if !isRight { result.wrongBlocks += 1 }
    }
  }
}
