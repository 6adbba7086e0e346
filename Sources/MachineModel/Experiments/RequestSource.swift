import IOMMU

/// One request of a closed loop.
struct Request {
  let lba: UInt64
  let blocks: UInt32
  let buffer: PhysicalRange
  let isWrite: Bool
  var submitted = Instant(nanoseconds: 0)
}

/// Makes requests and knows what data they have to bring.
///
/// Each place in the loop has a region of the disk of its own, so that no two requests in flight
/// touch the same block and what a read must bring is always known.
struct RequestSource {
  private static let blockBytes: UInt64 = 512

  private let workload: Workload
  private let weightSum: UInt64
  private let regionBlocks: UInt64
  private let buffers: [PhysicalRange]
  private let buffersPerPlace: Int
  private var turns: [Int]
  private var stream: RandomStream
  private var written: WrittenBlocks

  /// Buffers for `places` places, taken from `memory`.
  init(
    workload: Workload, places: Int, diskBlocks: UInt64, memory: MachineMemory,
    stream: RandomStream
  ) throws(TableMemoryError) {
    self.workload = workload
    self.stream = stream
    weightSum = workload.sizes.reduce(0) { $0 + $1.weight }
    regionBlocks = diskBlocks / UInt64(places)
    buffersPerPlace = workload.buffers == .fresh ? 48 : 1
    turns = Array(repeating: 0, count: places)
    written = WrittenBlocks()
    let slot = workload.longestRequest + (workload.pageOffsets.max() ?? 0)
    var made: [PhysicalRange] = []
    for _ in 0..<(places * buffersPerPlace) {
      made.append(try memory.allocateBuffer(byteCount: Int(slot)))
    }
    buffers = made
  }

  /// The next request of a place; a write's buffer is filled.
  mutating func next(place: Int, in memory: MachineMemory) -> Request {
    let byteCount = nextSize()
    let turn = turns[place]
    turns[place] = turn + 1
    let base = buffers[place * buffersPerPlace + turn % buffersPerPlace]
    let offset = workload.pageOffsets[turn % workload.pageOffsets.count]
    let blocks = byteCount / Self.blockBytes
    let slots = max(regionBlocks / blocks, 1)
    let lba = UInt64(place) * regionBlocks + stream.next(below: slots) * blocks
    let isWrite = workload.writePercent > 0 && stream.next(below: 100) < workload.writePercent
    guard let first = base.first.advanced(by: offset),
      let buffer = PhysicalRange(first: first, byteCount: byteCount)
    else { preconditionFailure("a buffer holds the longest request") }
    let request = Request(lba: lba, blocks: UInt32(blocks), buffer: buffer, isWrite: isWrite)
    if isWrite { written.fill(request, in: memory) }
    return request
  }

  /// Whether a completed request brought the data that belongs to its blocks.
  mutating func isRight(_ request: Request, in memory: MachineMemory) -> Bool {
    request.isWrite ? written.commit(request) : written.verify(request, in: memory)
  }

  private mutating func nextSize() -> UInt64 {
    if workload.sizes.count == 1 { return workload.sizes[0].byteCount }
    var rest = stream.next(below: weightSum)
    for size in workload.sizes {
      if rest < size.weight { return size.byteCount }
      rest -= size.weight
    }
    return workload.longestRequest
  }
}
