import SystemPackage
import Workloads

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The disk that one machine works on: a file in which every block holds its pattern.
///
/// The file has no name. So no other machine works on it, however many boot the same image at the
/// same time, and it is gone with the last who has it open, however this process ends.
struct BootDisk {
  /// The file.
  private let file: FileDescriptor

  /// Where the emulator, a process of its own, finds the file until it is closed here.
  let path: FilePath

  /// Makes a file with the patterns of the blocks from `first` on; it takes room where `image` is.
  ///
  /// Throws: `cannotCreate`, `cannotWrite`.
  init(beside image: FilePath, first: UInt64 = 0, blocks: UInt64) throws(ToolError) {
    // The name is there for a moment only, and nobody else's.
    let name = FilePath("\(image.string).disk-\(UInt64.random(in: .min ... .max))")
    do {
      file = try FileDescriptor.open(
        name, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: [.ownerReadWrite])
    } catch {
      throw .cannotCreate(path: name.string, reason: "\(error)")
    }
    path = FilePath("/proc/\(getpid())/fd/\(file.rawValue)")
    // SAFETY: the name is read during the call only.
    if unsafe unlink(name.string) != 0 {
      let reason = Errno(rawValue: errno)
      close()
      throw .cannotCreate(path: name.string, reason: "its name cannot be removed: \(reason)")
    }
    do {
      var lba: UInt64 = 0
      while lba < blocks {
        let count = min(blocks - lba, 2_048)
        // SAFETY: the bytes are read during the call only; a `UInt64` has no padding.
        try unsafe Self.words(first + lba..<first + lba + count).withUnsafeBytes { bytes in
          _ = unsafe try file.writeAll(bytes)
        }
        lba += count
      }
    } catch {
      close()
      throw .cannotWrite(path: name.string, reason: "\(error)")
    }
  }

  /// Gives the file up.
  func close() {
    // What could not be written any more is of no use to anybody.
    do { try file.close() } catch {}
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
