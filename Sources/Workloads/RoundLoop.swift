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
  private var nextNumber: UInt64 = 0
  private var outstanding = 0

  /// What was done so far.
  public private(set) var result = RoundResult()

  /// A loop on queue `queue` of a driver that runs; buffers come from `memory`.
  ///
  /// Throws: where the buffers cannot be had.
  /// - Precondition: the plan is valid, and the queue has a slot for each of its places.
  public init(
    driver: NVMeController<Function, Domain>, queue: Int, plan: RoundPlan, memory: Domain.Memory
  ) throws(TableMemoryError) {
    precondition(plan.isValid, "a plan that can be carried out")
    self.driver = driver
    self.queue = queue
    self.plan = plan
    self.memory = memory
    let byteCount = Int(plan.longestRequest) * Int(BlockPattern.blockBytes)
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
  }

  /// Does `count` more rounds.
  ///
  /// `pause` is called between two looks at a queue in which nothing is complete. Throws: the
  /// driver's error, and the round stays as it is.
  public func run(rounds count: Int, pause: () -> Void) throws(NVMeError) {
    for _ in 0..<count {
      for _ in 0..<plan.depth { try submitNext() }
      try driver.ringDoorbell(queue: queue) { complete($0) }
      while outstanding > 0 {
        let completed = try driver.poll(queue: queue) { complete($0) }
        if completed == 0 { pause() }
      }
    }
  }

  private func submitNext() throws(NVMeError) {
    let turn = nextNumber / UInt64(plan.depth) % UInt64(plan.buffersPerPlace)
    let request = plan.request(nextNumber)
    let first = buffers[request.place * plan.buffersPerPlace + Int(turn)]
    let byteCount = UInt64(request.blocks) * BlockPattern.blockBytes
    guard let buffer = PhysicalRange(first: first, byteCount: byteCount) else {
      preconditionFailure("a buffer holds the longest request")
    }
    prepare(request, first)
    if request.isWrite {
      try driver.submitWrite(
        queue: queue, lba: request.lba, blocks: request.blocks, buffer: buffer, tag: nextNumber)
    } else {
      try driver.submitRead(
        queue: queue, lba: request.lba, blocks: request.blocks, buffer: buffer, tag: nextNumber)
    }
    inRound[request.place] = request
    nextNumber += 1
    outstanding += 1
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
    let turn = completion.tag / UInt64(plan.depth) % UInt64(plan.buffersPerPlace)
    let buffer = buffers[place * plan.buffersPerPlace + Int(turn)]
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

/// What rounds came to.
public struct RoundResult: Equatable, Sendable {
  /// Requests that succeeded.
  public var requests: UInt64 = 0
  /// Their bytes.
  public var bytes: UInt64 = 0
  /// Requests that did not succeed.
  public var failures: UInt64 = 0
  /// Blocks whose data was wrong.
  public var wrongBlocks: UInt64 = 0

  /// Nothing yet.
  public init() {}
}
