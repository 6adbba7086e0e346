public import IOMMU
public import Synchronization

/// What translation is registered for a function, as far as invalidations are concerned.
@usableFromInline
enum TranslationMode: UInt8, Sendable {
  /// Nothing: the function reaches nothing, and there is nothing to invalidate.
  case blocked = 0
  /// A table.
  case translating = 1
  /// All memory, untranslated.
  case identity = 2
  /// A processor is changing it; others wait, because they cannot know what a device may still use.
  case changing = 3
  /// A table that could not be taken back in error state, where the function reaches nothing.
  case owed = 4
}

extension ZPCIFunction {
  /// The mode now; sequentially consistent, as are all accesses to it and to the count of
  /// refreshes.
  ///
  /// The two make a handshake: a refresh raises the count and then reads the mode, a change writes
  /// `changing` and then reads the count, and one of them sees the other. Weaker orderings allow
  /// that neither does.
  @inlinable
  var mode: TranslationMode {
    YieldPoint.reached(.load, shared.part(1))
    return TranslationMode(rawValue: translation.load(ordering: .sequentiallyConsistent))
      ?? .blocked
  }

  /// Keeps refreshes out until ``settle(_:)``, waits for those that are under way, and tells the
  /// mode that there was.
  ///
  /// RPCIT without a registered table puts the function into error state (QEMU
  /// hw/s390x/s390-pci-inst.c, `rpcit_service_call`), so none may be under way when the table goes.
  ///
  /// Context: the function's lock is held. Complexity: as long as other processors' RPCITs take.
  func stopRefreshes() -> TranslationMode {
    let before = mode
    YieldPoint.reached(.store, shared.part(1))
    translation.store(TranslationMode.changing.rawValue, ordering: .sequentiallyConsistent)
    YieldPoint.reached(.load, shared.part(2))
    while refreshesInFlight.load(ordering: .sequentiallyConsistent) != 0 {
      YieldPoint.reached(.wait, shared.part(2))
    }
    return before
  }

  /// Ends what ``stopRefreshes()`` began.
  func settle(_ mode: TranslationMode) {
    YieldPoint.reached(.store, shared.part(1))
    translation.store(mode.rawValue, ordering: .sequentiallyConsistent)
  }
}
