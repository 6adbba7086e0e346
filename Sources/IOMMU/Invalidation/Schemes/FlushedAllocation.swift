/// Allocating when only an invalidation can free addresses.
@usableFromInline
enum FlushedAllocation {
  /// How many invalidations one allocation issues at most.
  ///
  /// Without others that allocate at the same time the first one is enough, or none is. With them,
  /// what it freed may be taken, and stale again, before this allocation looks.
  @inlinable static var flushesMax: Int { 16 }

  /// Allocates, flushing where that may help.
  ///
  /// Throws: `exhausted` where no address is free or stale, a flush failed, or others took what
  /// ``flushesMax`` flushes freed; `impossible`. Complexity: one flush, unless others allocate at
  /// the same time.
  @inlinable
  @inline(__always)
  static func retry(
    _ request: IOVARequest, _ allocate: () throws(IOVAAllocationError) -> IOVARange,
    flush: () -> Bool
  ) throws(IOVAAllocationError) -> IOVARange {
    for _ in 0..<flushesMax {
      do throws(IOVAAllocationError) {
        return try allocate()
      } catch .needsInvalidation {
        if !flush() { break }
      } catch {
        throw error
      }
    }
    throw .exhausted(pages: request.pages, limit: request.limit)
  }
}
