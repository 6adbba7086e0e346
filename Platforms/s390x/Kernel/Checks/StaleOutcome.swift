import IOMMU
import NVMe

/// The memory of the check: a page that the device uses, one to look at the disk with, and many
/// that are mapped and never used.
struct StalePages {
  let page: DiskPage
  let mirror: DiskPage
  private let others: PhysicalRange

  init(_ memory: PhysicalMemory) throws(Failure) {
    page = try DiskPage(memory)
    mirror = try DiskPage(memory)
    do throws(TableMemoryError) {
      others = try memory.allocateBuffer(byteCount: 8 << 20)
    } catch {
      throw .memory(error)
    }
  }

  /// Another page, number `number`: after 2,048 they come round.
  func other(_ number: Int) -> PhysicalRange {
    let first = others.first.rawValue + UInt64(number % 2_048) * 4_096
    return PhysicalRange(first: PhysicalAddress(first), byteCount: 4_096) ?? others
  }
}

/// What came of telling the device an address.
enum Reach {
  /// The command was done, and the data moved.
  case moved
  /// The function went into error state, and no data moved.
  case refused
  /// Data moved that should not have, or the other way round.
  case torn

  /// 1 for data that moved, 0 for none, 2 for what must never be.
  var figure: UInt64 {
    switch self {
    case .moved: 1
    case .refused: 0
    case .torn: 2
    }
  }
}

/// What was seen in one direction.
struct StaleOutcome {
  var mapped = Reach.torn
  var unmapped = Reach.torn
  var flushed = Reach.torn
  /// RPCITs by the map, by the unmap, and by the flush.
  var announced: UInt64 = 0
  var invalidated: UInt64 = 0
  var flushes: UInt64 = 0
  /// Other pages that were mapped until the policy flushed.
  var used = 0
}
