/// A compressed file's format, told by its first bytes and never by its name.
struct Archive: Equatable, Sendable {
  /// The program that unpacks it, called with `-dc` and the file as its standard input.
  var tool: String
  /// The Debian package that holds the program.
  var debianPackage: String

  /// How many first bytes `init(magic:)` looks at.
  static let magicLength = 6

  static let xz = Archive(tool: "xz", debianPackage: "xz-utils")
  static let zstd = Archive(tool: "zstd", debianPackage: "zstd")
  static let gzip = Archive(tool: "gzip", debianPackage: "gzip")

  init(tool: String, debianPackage: String) {
    self.tool = tool
    self.debianPackage = debianPackage
  }

  /// The format that starts with these bytes, or `nil` for plain text.
  ///
  /// Sources: The .xz File Format 1.2.1, 2.1.1.1; RFC 8878, 3.1.1 (magic number 0xFD2FB528, little
  /// endian); RFC 1952, 2.3.1.
  init?(magic: [UInt8]) {
    if magic.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) {
      self = .xz
    } else if magic.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) {
      self = .zstd
    } else if magic.starts(with: [0x1f, 0x8b]) {
      self = .gzip
    } else {
      return nil
    }
  }
}
