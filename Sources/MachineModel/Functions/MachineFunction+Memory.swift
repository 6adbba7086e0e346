import IOMMU

/// A device's accesses to memory.
extension MachineFunction: DeviceEnvironment {
  /// The time of what the device is handling.
  var now: Instant { Instant(nanoseconds: timeline.deviceTime) }

  func schedule(after delay: Nanoseconds, token: UInt64) -> EventID {
    let (time, overflow) = timeline.deviceTime.addingReportingOverflow(delay.rawValue)
    return timeline.deviceEvents.value.schedule(
      at: overflow ? .max : time, target: target, token: token)
  }

  func cancel(_ event: EventID) {
    timeline.deviceEvents.value.cancel(event)
  }

  func injectedDelay() -> Nanoseconds {
    Nanoseconds(faults.completionDelay())
  }

  func randomStream(_ name: StaticString) -> RandomStream {
    RandomStream(seed: seed &+ UInt64(number) &* 0x9e37_79b9_7f4a_7c15, name: name)
  }

  func readMemory(at iova: IOVA, into target: inout MutableSpan<UInt8>) throws(DMAFault) {
    var offset = 0
    while offset < target.count {
      let (address, count) = try Self.piece(of: iova, at: offset, remaining: target.count)
      let physical = try translate(address, byteCount: count, .read)
      memory.bytes.read(physical, byteCount: count, into: &target, at: offset)
      offset &+= count
    }
    totals.value.bytesRead &+= UInt64(offset)
  }

  func writeMemory(_ source: Span<UInt8>, at iova: IOVA) throws(DMAFault) {
    var offset = 0
    while offset < source.count {
      let (address, count) = try Self.piece(of: iova, at: offset, remaining: source.count)
      let physical = try translate(address, byteCount: count, .write)
      memory.bytes.write(source, from: offset, byteCount: count, to: physical)
      memory.noteStore(physical, byteCount: UInt64(count))
      offset &+= count
    }
    totals.value.bytesWritten &+= UInt64(offset)
  }

  func readLittle64(at iova: IOVA) throws(DMAFault) -> UInt64 {
    if iova.rawValue & 4_095 > 4_088 {
      var bytes = InlineArray<8, UInt8>(repeating: 0)
      var target = bytes.mutableSpan
      try readMemory(at: iova, into: &target)
      return (0..<8).reduce(0) { $0 | UInt64(bytes[$1]) << UInt64($1 * 8) }
    }
    let physical = try translate(iova.rawValue, byteCount: 8, .read)
    totals.value.bytesRead &+= 8
    return UInt64(littleEndian: memory.bytes.load64(physical))
  }

  func writeLittle64(_ value: UInt64, at iova: IOVA) throws(DMAFault) {
    if iova.rawValue & 4_095 > 4_088 {
      let bytes = InlineArray<8, UInt8> { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
      return try writeMemory(bytes.span, at: iova)
    }
    let physical = try translate(iova.rawValue, byteCount: 8, .write)
    totals.value.bytesWritten &+= 8
    memory.bytes.store64(value.littleEndian, physical)
    memory.noteStore(physical, byteCount: 8)
  }

  /// The next run of bytes within one page: from `offset` on, of a transfer of `remaining` in all.
  private static func piece(
    of iova: IOVA, at offset: Int, remaining total: Int
  ) throws(DMAFault) -> (address: UInt64, count: Int) {
    let (address, overflow) = iova.rawValue.addingReportingOverflow(UInt64(offset))
    if overflow { throw .outsideAperture(IOVA(.max)) }
    return (address, min(total - offset, 4_096 - Int(address & 4_095)))
  }

  /// Where `byteCount` bytes at `address`, within one page, lie in memory.
  ///
  /// A refusal puts the function into error state, where it was enabled.
  private func translate(
    _ address: UInt64, byteCount: Int, _ kind: DeviceAccess.Kind
  ) throws(DMAFault) -> UInt64 {
    do throws(DMAFault) {
      let physical = try lookUp(address, kind)
      if !memory.bytes.contains(physical, byteCount: UInt64(byteCount)) {
        throw .outsideMemory(PhysicalAddress(physical))
      }
      if !observers.isEmpty { tell(address, byteCount, physical, kind, isBlocked: false) }
      return physical
    } catch {
      refuse(error, address)
      if !observers.isEmpty {
        tell(address, byteCount, nil, kind, isBlocked: error == .blocked)
      }
      throw error
    }
  }

  private func lookUp(_ address: UInt64, _ kind: DeviceAccess.Kind) throws(DMAFault) -> UInt64 {
    guard condition == .enabled, configuration.value.isBusMaster else { throw .blocked }
    guard let registration else { throw .translation(IOVA(address), .noTable) }
    if !registration.range.contains(IOVA(address)) { throw .outsideAperture(IOVA(address)) }
    guard let walk = registration.walk else { return address &- description.apertureFirst }
    let index = Int((address &- description.apertureFirst) &>> 12)
    let translation: CachedTranslation
    if description.translation == .shadowed {
      translation = shadow.value.translation(at: index)
      if !translation.isValid { throw .translation(IOVA(address), .notShadowed) }
    } else {
      translation = try cached(index, address, walk)
    }
    if kind == .write && !translation.isWritable {
      throw .translation(IOVA(address), .protected(UInt64(translation.rawValue)))
    }
    return translation.physical | address & 4_095
  }

  /// The cached translation, or the one that a walk finds and that is cached from now on.
  private func cached(
    _ index: Int, _ address: UInt64, _ walk: TableWalk
  ) throws(DMAFault) -> CachedTranslation {
    let hit = cache.value.translation(at: index)
    if hit.isValid { return hit }
    switch walk.page(of: address) {
    case .translation(let translation):
      cache.value.insert(translation, at: index)
      return translation
    case .none(let entry, let level):
      throw .translation(IOVA(address), .invalidEntry(entry, level: level))
    case .fault(let fault):
      throw .translation(IOVA(address), fault)
    }
  }

  private func refuse(_ fault: DMAFault, _ address: UInt64) {
    switch fault {
    case .blocked: break
    case .outsideAperture: fail(.outOfRange, address: address)
    case .translation(_, .noTable): fail(.invalidAddressSpace, address: address)
    case .translation(_, .malformedEntry): fail(.invalidTableEntry, address: address)
    case .translation, .outsideMemory: fail(.translationProtection, address: address)
    }
  }

  private func tell(
    _ address: UInt64, _ byteCount: Int, _ physical: UInt64?, _ kind: DeviceAccess.Kind,
    isBlocked: Bool
  ) {
    let access = DeviceAccess(
      function: number, iova: IOVA(address), byteCount: byteCount,
      physical: physical.map { PhysicalAddress($0) }, isBlocked: isBlocked, kind: kind, time: now)
    for observer in observers.all { observer.deviceAccessed(access) }
  }
}
