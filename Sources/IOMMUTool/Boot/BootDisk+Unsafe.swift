import SystemPackage
import Workloads

/// The disk that an image works on: a file in which every block holds its pattern.
struct BootDisk {
  /// The file.
  let path: FilePath

  /// Makes the file, or makes an old one new, with the patterns of the blocks from `first` on.
  ///
  /// Throws: `cannotCreate`, `cannotWrite`.
  init(_ path: FilePath, first: UInt64 = 0, blocks: UInt64) throws(ToolError) {
    self.path = path
    let file: FileDescriptor
    do {
      file = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
    } catch {
      throw .cannotCreate(path: path.string, reason: "\(error)")
    }
    do {
      try file.closeAfter {
        var lba: UInt64 = 0
        while lba < blocks {
          let count = min(blocks - lba, 2_048)
          // SAFETY: the bytes are read during the call only; a `UInt64` has no padding.
          try unsafe Self.words(first + lba..<first + lba + count).withUnsafeBytes { bytes in
            _ = unsafe try file.writeAll(bytes)
          }
          lba += count
        }
      }
    } catch {
      throw .cannotWrite(path: path.string, reason: "\(error)")
    }
  }

  /// The blocks' words, each with its low byte first in memory.
  private static func words(_ blocks: Range<UInt64>) -> [UInt64] {
    let perBlock = Int(BlockPattern.blockBytes / 8)
    var words: [UInt64] = []
    words.reserveCapacity(blocks.count * perBlock)
    for lba in blocks {
      var word = BlockPattern.first(lba: lba, version: 0)
      for _ in 0..<perBlock {
        words.append(word.littleEndian)
        word &+= BlockPattern.step
      }
    }
    return words
  }
}
