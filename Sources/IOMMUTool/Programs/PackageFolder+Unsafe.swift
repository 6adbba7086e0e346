import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension PackageFolder {
  /// The file that this process runs; `nil` where the system does not tell.
  static var executable: FilePath? {
    var buffer = [CChar](repeating: 0, count: 4_097)
    // SAFETY: at most 4,096 bytes are written, so that the last is a terminating zero.
    let count = unsafe readlink("/proc/self/exe", &buffer, 4_096)
    if count <= 0 { return nil }
    let bytes = buffer.prefix(count).map { UInt8(bitPattern: $0) }
    return FilePath(String(decoding: bytes, as: UTF8.self))
  }
}
