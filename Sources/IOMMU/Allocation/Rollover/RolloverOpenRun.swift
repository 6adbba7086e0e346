/// The pages that a processor has taken out of a chunk to hand ranges out from: the first of them,
/// and how many there are.
///
/// One word, which processors exchange whole: so whoever takes pages from it finds the very run
/// that they belong to. They lie in one chunk.
struct OpenRun: Sendable, BitwiseCopyable {
  /// The number of pages, 0…256, above the number of the first.
  let rawValue: UInt64

  /// Page numbers are below 2^32: see ``RolloverSpace/chunksMax``.
  private static var pageBits: UInt64 { 32 }

  init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  init(page: UInt64, count: UInt64) {
    rawValue = count &<< OpenRun.pageBits | page
  }

  /// The first page.
  var page: UInt64 { rawValue & (1 &<< OpenRun.pageBits &- 1) }

  /// The number of pages.
  var count: UInt64 { rawValue &>> OpenRun.pageBits }

  /// What is left without the first `pages`, of which there are as many.
  func dropping(_ pages: UInt64) -> OpenRun {
    OpenRun(page: page &+ pages, count: count &- pages)
  }

  /// The chunk that they lie in.
  var chunk: Int { Int(page >> 8) }

  /// The pages as that chunk counts them.
  var pagesOfChunk: Range<Int> {
    let first = Int(page & 255)
    return first..<(first + Int(count))
  }
}
