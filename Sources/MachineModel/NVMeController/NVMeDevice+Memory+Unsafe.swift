import IOMMU

/// The device's accesses to memory, for which its words are looked at as bytes.
extension NVMeDevice {
  /// Writes bytes of ``scratch`` from `offset` on to `piece`.
  func send(to piece: NVMePiece, from offset: Int) throws(DMAFault) {
    let environment = environment
    // SAFETY: (1) a `UInt64` has no padding, so each of its bytes is initialised; (2) the slice is
    // checked against the buffer; (3) the environment neither keeps the span nor calls the device.
    try unsafe scratch.withUnsafeBufferPointer { (words) throws(DMAFault) in
      try unsafe words.withMemoryRebound(to: UInt8.self) { (bytes) throws(DMAFault) in
        let part = unsafe UnsafeBufferPointer(
          rebasing: bytes[offset..<offset + piece.byteCount])
        try unsafe environment.writeMemory(part.span, at: IOVA(piece.address))
      }
    }
  }

  /// Reads `piece` into bytes of ``scratch`` from `offset` on.
  func receive(from piece: NVMePiece, to offset: Int) throws(DMAFault) {
    let environment = environment
    // SAFETY: (1) any bytes make a `UInt64`; (2) the slice is checked against the buffer; (3) the
    // environment neither keeps the span nor calls the device.
    try unsafe scratch.withUnsafeMutableBufferPointer { (words) throws(DMAFault) in
      try unsafe words.withMemoryRebound(to: UInt8.self) { (bytes) throws(DMAFault) in
        let part = unsafe UnsafeMutableBufferPointer(
          rebasing: bytes[offset..<offset + piece.byteCount])
        var target = unsafe part.mutableSpan
        try environment.readMemory(at: IOVA(piece.address), into: &target)
      }
    }
  }
}
