extension Quarantine {
  /// Keeps the record alive for ever, because tokens that point at it outlive their domain.
  func makeImmortal() {
    // SAFETY: the extra reference is never released, which is the point.
    _ = unsafe Unmanaged.passRetained(self)
  }
}
