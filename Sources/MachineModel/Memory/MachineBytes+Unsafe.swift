#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif
import Synchronization

/// The bytes of the machine's memory, from physical address 0: zero at first, and taken from the
/// host only when touched.
///
/// Every access is checked against the size; callers that take addresses from devices or tables
/// ask ``contains(_:byteCount:)`` first, so that a bad address is an error and never a trap.
@safe
final class MachineBytes: @unchecked Sendable {
  private let unsafeBase: UnsafeMutableRawPointer

  /// The number of bytes.
  let byteCount: UInt64

  /// Which sixty-fourths of the memory were written, where it is little enough to be used again.
  private let written = Atomic<UInt64>(0)
  private let partLog2: UInt64

  /// Memory of `byteCount` bytes, a multiple of 8.
  init(byteCount: UInt64) {
    precondition(byteCount <= UInt64(Int.max), "memory is beyond what the host can address")
    self.byteCount = byteCount
    let isSpared = SparedMemory.takes(byteCount)
    partLog2 = isSpared ? UInt64(63 - (byteCount &>> 6).leadingZeroBitCount) : 64
    // SAFETY: what is taken is that long, zeroed, and nobody else's.
    if isSpared, let spared = unsafe SparedMemory.take(byteCount) {
      // SAFETY: as above.
      unsafe unsafeBase = spared
      return
    }
    // SAFETY: (1) the system gives zeroed pages, aligned for any plain value, or an address of all
    // ones; (2) they are given back once, by `deinit`.
    let base = unsafe mmap(
      nil, max(Int(byteCount), 1), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let base = unsafe base, unsafe base != UnsafeMutableRawPointer(bitPattern: -1) else {
      preconditionFailure("the host has no room for the machine's memory")
    }
    unsafe unsafeBase = base
  }

  deinit {
    if partLog2 < 64 {
      clear()
      // SAFETY: all of it is zero again, and nobody else holds it.
      if unsafe SparedMemory.give(unsafeBase, byteCount) { return }
    }
    // SAFETY: the pages came from `mmap`, and nobody else holds them.
    unsafe munmap(unsafeBase, max(Int(byteCount), 1))
  }

  /// Whether `count` bytes from `address` lie in memory.
  func contains(_ address: UInt64, byteCount count: UInt64) -> Bool {
    address <= byteCount && count <= byteCount &- address
  }

  private func check(_ address: UInt64, _ count: Int) {
    precondition(contains(address, byteCount: UInt64(count)), "an access outside memory")
  }

  /// Checks a write of `count` bytes, and notes where it was.
  private func checkWrite(_ address: UInt64, _ count: Int) {
    check(address, count)
    if partLog2 == 64 || count == 0 { return }
    let first = address &>> partLog2
    let last = (address &+ UInt64(count) &- 1) &>> partLog2
    let parts = (UInt64.max &<< first) & (UInt64.max &>> (63 &- last))
    if written.load(ordering: .relaxed) & parts != parts {
      written.bitwiseOr(parts, ordering: .relaxed)
    }
  }

  /// Makes all of it zero.
  private func clear() {
    var parts = written.load(ordering: .relaxed)
    while parts != 0 {
      let part = UInt64(parts.trailingZeroBitCount)
      parts &= parts &- 1
      // SAFETY: the part lies in the block, which is 64 of them long.
      unsafe memset(unsafeBase + Int(part &<< partLog2), 0, 1 &<< Int(partLog2))
    }
  }

  /// Reads a 64-bit value in the host's byte order.
  func load64(_ address: UInt64) -> UInt64 {
    check(address, 8)
    // SAFETY: the eight bytes lie in the block; the load needs no alignment.
    return unsafe unsafeBase.loadUnaligned(fromByteOffset: Int(address), as: UInt64.self)
  }

  /// Writes a 64-bit value in the host's byte order.
  func store64(_ value: UInt64, _ address: UInt64) {
    checkWrite(address, 8)
    // SAFETY: the eight bytes lie in the block; a store of a plain value needs no alignment.
    unsafe unsafeBase.storeBytes(of: value, toByteOffset: Int(address), as: UInt64.self)
  }

  /// Reads a 32-bit value in the host's byte order.
  func load32(_ address: UInt64) -> UInt32 {
    check(address, 4)
    // SAFETY: the four bytes lie in the block; the load needs no alignment.
    return unsafe unsafeBase.loadUnaligned(fromByteOffset: Int(address), as: UInt32.self)
  }

  /// Writes a 32-bit value in the host's byte order.
  func store32(_ value: UInt32, _ address: UInt64) {
    checkWrite(address, 4)
    // SAFETY: the four bytes lie in the block; a store of a plain value needs no alignment.
    unsafe unsafeBase.storeBytes(of: value, toByteOffset: Int(address), as: UInt32.self)
  }

  /// Sets `count` bytes to `value`.
  func fill(_ address: UInt64, byteCount count: Int, with value: UInt8) {
    checkWrite(address, count)
    // SAFETY: the bytes lie in the block.
    unsafe memset(unsafeBase + Int(address), Int32(value), count)
  }

  /// Copies `count` bytes within memory; the ranges may overlap.
  func move(from source: UInt64, to target: UInt64, byteCount count: Int) {
    check(source, count)
    checkWrite(target, count)
    // SAFETY: both runs of bytes lie in the block, and `memmove` allows them to overlap.
    unsafe memmove(unsafeBase + Int(target), unsafeBase + Int(source), count)
  }

  /// Copies `count` bytes from `address` to `target` at `offset`.
  func read(
    _ address: UInt64, byteCount count: Int, into target: inout MutableSpan<UInt8>, at offset: Int
  ) {
    check(address, count)
    precondition(
      offset >= 0 && count <= target.count - offset, "a read beyond its target's end")
    // SAFETY: the source's bytes lie in the block, the target's in the span, as checked above.
    unsafe target.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      unsafe memcpy(base + offset, unsafeBase + Int(address), count)
    }
  }

  /// Copies `count` bytes of `source` from `offset` to `address`.
  func write(_ source: Span<UInt8>, from offset: Int, byteCount count: Int, to address: UInt64) {
    checkWrite(address, count)
    precondition(
      offset >= 0 && count <= source.count - offset, "a write beyond its source's end")
    // SAFETY: the source's bytes lie in the span, the target's in the block, as checked above.
    unsafe source.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      unsafe memcpy(unsafeBase + Int(address), base + offset, count)
    }
  }
}
