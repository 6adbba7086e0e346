/// Ranges that do not overlap, by address.
///
/// They are kept in sorted chunks of bounded length, so that inserting at either end of many
/// ranges, which is what kernels do, moves one chunk and not all. Complexity of every operation:
/// O(log n) to find, O(chunk) to change, now and then O(n / chunk) to split or drop a chunk.
struct LiveRanges: Sendable {
  /// A range and the mapping that it belongs to.
  struct Entry: Sendable, BitwiseCopyable {
    var first: UInt64
    var last: UInt64
    var mapping: UInt64
  }

  private static let chunkLengthMax = 256
  /// Never holds an empty chunk.
  private var chunks: [[Entry]] = []

  /// Adds a range that overlaps none of those held.
  mutating func insert(_ entry: Entry) {
    guard let index = chunkIndex(startingAtOrBelow: entry.first) else {
      if chunks.isEmpty { chunks.append([]) }
      chunks[0].insert(entry, at: 0)
      splitIfLong(0)
      return
    }
    let at = Self.lowerBound(of: entry.first, in: chunks[index])
    chunks[index].insert(entry, at: at)
    splitIfLong(index)
  }

  /// The lowest range that shares a byte with `first…last`.
  func firstOverlap(_ first: UInt64, _ last: UInt64) -> Entry? {
    place(of: first, last).map { chunks[$0.chunk][$0.offset] }
  }

  /// Removes the lowest range that shares a byte with `first…last`.
  mutating func takeFirstOverlap(_ first: UInt64, _ last: UInt64) -> Entry? {
    guard let (chunk, offset) = place(of: first, last) else { return nil }
    let entry = chunks[chunk].remove(at: offset)
    if chunks[chunk].isEmpty { chunks.remove(at: chunk) }
    return entry
  }

  private func place(of first: UInt64, _ last: UInt64) -> (chunk: Int, offset: Int)? {
    if chunks.isEmpty { return nil }
    var chunk = chunkIndex(startingAtOrBelow: first) ?? 0
    // Only the range that starts last at or below `first` can reach up to it.
    var offset = Self.lowerBound(of: first, in: chunks[chunk])
    if offset > 0, chunks[chunk][offset - 1].last >= first { offset -= 1 }
    if offset == chunks[chunk].count {
      chunk += 1
      offset = 0
    }
    guard chunk < chunks.count, chunks[chunk][offset].first <= last else { return nil }
    return (chunk, offset)
  }

  /// The last chunk whose first range starts at or below `address`.
  private func chunkIndex(startingAtOrBelow address: UInt64) -> Int? {
    var low = 0
    var high = chunks.count
    while low < high {
      let middle = (low + high) / 2
      if chunks[middle][0].first <= address { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : low - 1
  }

  /// The place of the first range that starts at or above `address`.
  private static func lowerBound(of address: UInt64, in chunk: [Entry]) -> Int {
    var low = 0
    var high = chunk.count
    while low < high {
      let middle = (low + high) / 2
      if chunk[middle].first < address { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func splitIfLong(_ index: Int) {
    let count = chunks[index].count
    if count <= Self.chunkLengthMax { return }
    let upper = Array(chunks[index][(count / 2)...])
    chunks[index].removeLast(count - count / 2)
    chunks.insert(upper, at: index + 1)
  }
}
