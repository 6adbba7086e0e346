/// A chunk's neighbours in a list, as indices of links.
@usableFromInline
struct ChunkLink: Sendable, BitwiseCopyable {
  var next: UInt32
  var previous: UInt32

  /// When the chunk's oldest stale page was retired; in lists of free chunks, its longest run.
  var time: UInt64 = 0
}

/// Doubly linked lists of chunks, told by number; a chunk is in one list at most.
///
/// Each list is a ring through a node of its own behind the chunks' nodes. So unlinking needs not
/// know the list, and one list is appended to another in constant time. Context: under the lock of
/// the allocator's lists. Allocates: once, in `init`.
@usableFromInline
struct ChunkLists: ~Copyable, Sendable {
  private let nodes: FixedStorage<ChunkLink>
  private let chunkCount: Int

  private static var none: UInt32 { .max }

  /// `lists` empty lists for `chunkCount` chunks, none of them linked.
  init(chunkCount: Int, lists: Int) {
    self.chunkCount = chunkCount
    nodes = FixedStorage(count: chunkCount + lists) { index in
      let link = index < chunkCount ? ChunkLists.none : UInt32(index)
      return ChunkLink(next: link, previous: link)
    }
  }

  /// Whether the chunk is in a list.
  func isLinked(_ chunk: Int) -> Bool {
    nodes[chunk].next != ChunkLists.none
  }

  /// Whether the list holds no chunk.
  func isEmpty(_ list: Int) -> Bool {
    first(list) == nil
  }

  /// The first chunk of a list.
  func first(_ list: Int) -> Int? {
    chunk(Int(nodes[chunkCount + list].next))
  }

  /// The last chunk of a list.
  func last(_ list: Int) -> Int? {
    chunk(Int(nodes[chunkCount + list].previous))
  }

  /// The chunk behind `chunk`, or `nil` at the end of the list.
  func next(_ chunk: Int) -> Int? {
    self.chunk(Int(nodes[chunk].next))
  }

  /// The chunk before `chunk`, or `nil` at the start of the list.
  func previous(_ chunk: Int) -> Int? {
    self.chunk(Int(nodes[chunk].previous))
  }

  /// The time that was stored with `chunk`.
  func time(_ chunk: Int) -> UInt64 {
    nodes[chunk].time
  }

  /// Stores a time with `chunk`.
  func setTime(_ time: UInt64, of chunk: Int) {
    nodes[chunk].time = time
  }

  /// Appends a chunk that is in no list.
  func append(_ chunk: Int, to list: Int) {
    link(chunk, before: chunkCount + list)
  }

  /// Puts a chunk that is in no list at the start of `list`.
  func prepend(_ chunk: Int, to list: Int) {
    link(chunk, before: Int(nodes[chunkCount + list].next))
  }

  /// Puts a chunk that is in no list behind `other`, which is in one.
  func insert(_ chunk: Int, behind other: Int) {
    link(chunk, before: Int(nodes[other].next))
  }

  /// Takes a chunk out of its list.
  func unlink(_ chunk: Int) {
    let (next, previous) = (nodes[chunk].next, nodes[chunk].previous)
    nodes[Int(previous)].next = next
    nodes[Int(next)].previous = previous
    nodes[chunk].next = ChunkLists.none
    nodes[chunk].previous = ChunkLists.none
  }

  /// Appends all of `source` to `target`, in order, and leaves `source` empty.
  func splice(_ source: Int, to target: Int) {
    guard let head = first(source), let tail = last(source) else { return }
    let end = Int(nodes[chunkCount + target].previous)
    nodes[end].next = ChunkLists.name(head)
    nodes[head].previous = ChunkLists.name(end)
    nodes[tail].next = ChunkLists.name(chunkCount + target)
    nodes[chunkCount + target].previous = ChunkLists.name(tail)
    nodes[chunkCount + source].next = ChunkLists.name(chunkCount + source)
    nodes[chunkCount + source].previous = ChunkLists.name(chunkCount + source)
  }

  private func link(_ chunk: Int, before index: Int) {
    let previous = Int(nodes[index].previous)
    nodes[chunk].next = ChunkLists.name(index)
    nodes[chunk].previous = ChunkLists.name(previous)
    nodes[previous].next = ChunkLists.name(chunk)
    nodes[index].previous = ChunkLists.name(chunk)
  }

  /// What links call a node: there are fewer than 2^32.
  @inline(__always)
  private static func name(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: index) }

  private func chunk(_ index: Int) -> Int? {
    index < chunkCount ? index : nil
  }
}
