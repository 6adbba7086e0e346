import IOMMU
import NVMe
import Workloads

/// The requests of a plan as their caller sees them: each is to be done exactly once, with the
/// right data, however often a driver has to be asked for it.
///
/// A request that comes back lost may have been done or not. Its blocks are nobody else's in the
/// same round, so asking for it again, with the same data, does no harm.
final class RequestBook {
  /// How far a request of the present round is.
  enum State {
    case wanted
    case asked
    case done
  }

  struct Entry {
    var request: RoundRequest
    var state: State
    var wasLost = false
  }

  let plan: RoundPlan
  /// What tells this disk's blocks from another's: the number of its first block in the patterns.
  let firstBlock: UInt64
  let memory = PhysicalMemory()
  let buffers: FixedStorage<PhysicalRange>
  /// How often each block was written.
  let versions: FixedStorage<UInt32>
  let round: FixedStorage<Entry>
  /// The requests of all rounds so far.
  private(set) var opened: UInt64 = 0
  var tally = RequestTally()

  init(_ plan: RoundPlan, firstBlock: UInt64 = 0) throws(Failure) {
    self.plan = plan
    self.firstBlock = firstBlock
    let memory = memory
    let byteCount = UInt64(plan.longestRequest) * BlockPattern.blockBytes
    var failure: TableMemoryError?
    buffers = FixedStorage(count: plan.depth) { _ in
      do throws(TableMemoryError) {
        return try memory.allocateBuffer(byteCount: Int(byteCount))
      } catch {
        failure = error
        return PhysicalRange(byte: PhysicalAddress(0))
      }
    }
    versions = FixedStorage(count: Int(plan.blockCount)) { _ in 0 }
    round = FixedStorage(count: plan.depth) {
      Entry(request: plan.request(UInt64($0)), state: .done)
    }
    if let failure { throw .memory(failure) }
  }

  deinit {
    for place in 0..<buffers.count { memory.freeBuffer(buffers[place]) }
  }

  /// The requests of the round that are in one of the states.
  func count(_ state: State) -> Int {
    var count = 0
    for place in 0..<round.count where round[place].state == state { count += 1 }
    return count
  }

  /// Begins the next round: its requests are wanted, and nobody was asked for them.
  func openRound() {
    for place in 0..<plan.depth {
      open(plan.request(opened + UInt64(place)), at: place, isReadBack: false)
    }
    opened += UInt64(plan.depth)
  }

  /// Begins a round that reads back what the first requests of round `number` were about.
  func openReadBack(ofRound number: UInt64) {
    for place in 0..<plan.depth {
      let request = plan.request(number * UInt64(plan.depth) + UInt64(place))
      open(request, at: place, isReadBack: true)
    }
  }

  private func open(_ request: RoundRequest, at place: Int, isReadBack: Bool) {
    precondition(round[place].state == .done, "a round ends before the next begins")
    var request = request
    if isReadBack { request.isWrite = false }
    for block in 0..<UInt64(request.blocks) {
      let lba = request.lba + block
      let address = PhysicalAddress(
        buffers[place].first.rawValue + block * BlockPattern.blockBytes)
      if request.isWrite {
        versions[Int(lba)] += 1
        BlockPattern.write(
          lba: firstBlock + lba, version: UInt64(versions[Int(lba)]), to: memory, at: address)
      } else {
        BlockPattern.spoil(memory, at: address)
      }
    }
    round[place] = Entry(request: request, state: .wanted)
  }
}

/// What became of the requests.
struct RequestTally {
  /// Requests that were done.
  var done: UInt64 = 0
  /// Reports that a request was not done, or perhaps not.
  var lost: UInt64 = 0
  /// Requests that were asked for again.
  var repeated: UInt64 = 0
  /// Requests that the controller did and called failed.
  var failures: UInt64 = 0
  /// Reports of requests that were not out.
  var strays: UInt64 = 0
  /// Blocks whose data was wrong.
  var wrongBlocks: UInt64 = 0
}
