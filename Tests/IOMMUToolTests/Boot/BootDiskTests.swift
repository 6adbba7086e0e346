import SystemPackage
import Testing
import Workloads

@testable import IOMMUTool

@Suite("The disks that machines work on") struct BootDiskTests {
  // Disks take their room beside it; it need not be there.
  private let image = FilePath("/tmp/image-of-a-test.elf")

  /// The block's first word, as it lies in the file.
  private func word(of disk: BootDisk, block: UInt64) throws -> UInt64 {
    let file = try FileDescriptor.open(disk.path, .readOnly)
    return try file.closeAfter {
      try file.seek(offset: Int64(block * BlockPattern.blockBytes), from: .start)
      return try file.bytes(atMost: 8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  @Test("Every block holds its pattern, on the second disk that of blocks far behind")
  func patterns() throws {
    for first: UInt64 in [0, 1 << 32] {
      let disk = try BootDisk(beside: image, first: first, blocks: 3_000)
      defer { disk.close() }
      for block: UInt64 in [0, 2_047, 2_048, 2_999] {
        #expect(
          try word(of: disk, block: block) == BlockPattern.first(lba: first + block, version: 0))
      }
    }
  }

  @Test("What is written to one of an image's disks is on no other")
  func apart() throws {
    let disk = try BootDisk(beside: image, blocks: 8)
    let other = try BootDisk(beside: image, blocks: 8)
    defer { other.close() }
    let file = try FileDescriptor.open(disk.path, .writeOnly)
    try file.closeAfter { _ = try file.writeAll([UInt8](repeating: 0, count: 512)) }
    #expect(try word(of: disk, block: 0) == 0)
    disk.close()
    #expect(try word(of: other, block: 0) == BlockPattern.first(lba: 0, version: 0))
  }

  @Test("A disk's file has no name that could stay behind")
  func nameless() throws {
    let disk = try BootDisk(beside: image, blocks: 1)
    defer { disk.close() }
    #expect(try Stat(disk.path).linkCount == 0)
  }

  @Test("Where there can be no file, its name is told")
  func nowhere() {
    #expect {
      try BootDisk(beside: "/nothing-there/image.elf", blocks: 1).close()
    } throws: { error in
      guard case .cannotCreate(let path, _) = error as? ToolError else { return false }
      return path.hasPrefix("/nothing-there/image.elf.disk-")
    }
  }
}
