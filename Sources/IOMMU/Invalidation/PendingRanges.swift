/// Ranges that a processor has mapped and not yet announced, joined where that is cheaper.
///
/// At the doorbell each of them costs one invalidation. Ranges closer together than the pages that
/// one instruction is worth are joined, since a range may cover live and stale neighbours without
/// harm; beyond ``capacity`` ranges the closest pair is joined whatever lies between.
@usableFromInline
struct PendingRanges: Sendable {
  @usableFromInline static let capacity = 8

  @usableFromInline var ranges: InlineArray<8, IOVARange>
  @usableFromInline var count = 0

  @inlinable
  init() {
    ranges = InlineArray(repeating: IOVARange(byte: IOVA(0)))
  }

  /// Adds `range`; gaps of up to `gap` bytes are bridged.
  @inlinable
  mutating func add(_ range: IOVARange, bridging gap: UInt64) {
    if count > 0 {
      // The range added last is the likely neighbour: allocators hand out in sequence.
      let newest = ranges[count &- 1]
      if Self.distance(newest, range) <= gap {
        ranges[count &- 1] = newest.union(range)
        return
      }
    }
    addDistant(range, bridging: gap)
  }

  @inlinable
  static func distance(_ left: IOVARange, _ right: IOVARange) -> UInt64 {
    if left.last < right.first { return right.first.rawValue &- left.last.rawValue &- 1 }
    if right.last < left.first { return left.first.rawValue &- right.last.rawValue &- 1 }
    return 0
  }

  @usableFromInline
  mutating func addDistant(_ range: IOVARange, bridging gap: UInt64) {
    var nearest = 0
    var nearestDistance = UInt64.max
    for index in 0..<count {
      let distance = Self.distance(ranges[index], range)
      if distance < nearestDistance {
        nearest = index
        nearestDistance = distance
      }
    }
    if count < Self.capacity && nearestDistance > gap {
      ranges[count] = range
      count &+= 1
    } else {
      ranges[nearest] = ranges[nearest].union(range)
    }
  }
}
