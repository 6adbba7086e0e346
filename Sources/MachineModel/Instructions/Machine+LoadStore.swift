public import IOMMU
public import ZPCI

/// PCILG, PCISTG and PCISTB: loads from and stores to configuration space and registers.
///
/// A device's values are little-endian numbers, and the instructions carry bytes in the bus's
/// order, so each value is turned round on the way.
extension Machine {
  /// Loads 1, 2, 4 or 8 bytes, from configuration space 1, 2 or 4.
  public func load(
    _ request: UInt64, offset: UInt64, on cpu: CPUIndex
  ) -> (InstructionResult, UInt64) {
    let cost = description.costs.loadNanoseconds &* 1_000
    if let answer = begin(on: cpu, picoseconds: cost) { return (answer, 0) }
    let word = RequestWord(rawValue: request)
    guard let function = function(of: word), word.handle.isEnabled else {
      return (.invalidHandle, 0)
    }
    if let refusal = refusal(of: function, word, offset) { return (refusal, 0) }
    let width = Int(word.length)
    let value: UInt64
    if word.space == PCIAddressSpace.configuration.rawValue {
      value = UInt64(function.configuration.value.read(offset: Int(offset), width: width))
    } else {
      value = function.loadRegister(bar: Int(word.space), offset, width)
    }
    function.totals.value.loads &+= 1
    return (.success, Self.turned(value, width))
  }

  /// Stores 1, 2, 4 or 8 bytes, to configuration space 1, 2 or 4.
  public func store(
    _ value: UInt64, _ request: UInt64, offset: UInt64, on cpu: CPUIndex
  ) -> InstructionResult {
    let cost = description.costs.storeNanoseconds &* 1_000
    if let answer = begin(on: cpu, picoseconds: cost) { return answer }
    let word = RequestWord(rawValue: request)
    guard let function = function(of: word), word.handle.isEnabled else { return .invalidHandle }
    if let refusal = refusal(of: function, word, offset) { return refusal }
    let width = Int(word.length)
    let number = Self.turned(value, width)
    if word.space == PCIAddressSpace.configuration.rawValue {
      function.configuration.value.write(
        UInt32(truncatingIfNeeded: number), offset: Int(offset), width: width)
      function.sendPendingMessages()
    } else {
      function.storeRegister(number, bar: Int(word.space), offset, width)
    }
    function.totals.value.stores &+= 1
    return .success
  }

  /// Stores 8 to 128 bytes, a multiple of 8, within 4 KiB of a device's registers.
  public func storeBlock(
    _ block: Span<UInt64>, _ request: UInt64, offset: UInt64, on cpu: CPUIndex
  ) -> InstructionResult {
    let cost = description.costs.storeBlockNanoseconds &* 1_000
    if let answer = begin(on: cpu, picoseconds: cost) { return answer }
    let word = RequestWord(rawValue: request)
    guard let function = function(of: word), word.handle.isEnabled else { return .invalidHandle }
    if let refusal = blocked(function) { return refusal }
    if word.space > 5 { return .error(LoadStoreStatus.invalidSpace) }
    let bytes = UInt64(block.count) * 8
    let space = function.spaceBytes(bar: Int(word.space))
    if block.isEmpty || bytes > 128 || offset % 8 != 0 || offset & 0xfff + bytes > 0x1000
      || bytes > space || offset > space - bytes
    {
      return programCheck()
    }
    for index in block.indices {
      function.storeRegister(
        Self.turned(block[index], 8), bar: Int(word.space), offset + UInt64(index) * 8, 8)
    }
    function.totals.value.blockStores &+= 1
    return .success
  }

  private func blocked(_ function: MachineFunction) -> InstructionResult? {
    switch function.condition {
    case .error, .permanentError: .error(LoadStoreStatus.blocked)
    case .enabled, .blocked: nil
    case .reserved, .standby, .configured: .invalidHandle
    }
  }

  private func refusal(
    of function: MachineFunction, _ word: RequestWord, _ offset: UInt64
  ) -> InstructionResult? {
    if let answer = blocked(function) { return answer }
    guard let space = PCIAddressSpace(rawValue: word.space) else {
      return .error(LoadStoreStatus.invalidSpace)
    }
    let width = UInt64(word.length)
    if width != 1 && width != 2 && width != 4 && width != 8 || offset % width != 0 {
      return programCheck()
    }
    if let bar = space.bar {
      let bytes = function.spaceBytes(bar: bar)
      return bytes >= width && offset <= bytes - width ? nil : programCheck()
    }
    return width <= 4 && offset < 4_096 ? nil : programCheck()
  }

  /// The low `width` bytes of `value` in the opposite order.
  private static func turned(_ value: UInt64, _ width: Int) -> UInt64 {
    value.byteSwapped >> UInt64(64 - width * 8)
  }
}

extension MachineFunction {
  /// The bytes behind a base address; 0 where there is nothing.
  func spaceBytes(bar: Int) -> UInt64 {
    switch bar {
    case 0: device.identity.registerBytes
    case 4: messages.value.vectors > 0 ? ConfigurationSpace.messageSpaceBytes : 0
    default: 0
    }
  }

  /// Reads a register; the access lies within the space.
  func loadRegister(bar: Int, _ offset: UInt64, _ width: Int) -> UInt64 {
    if bar == 4 { return messages.value.read(offset: offset, width: width) }
    return device.readRegister(bar: bar, offset: offset, width: width)
  }

  /// Writes a register; the access lies within the space.
  func storeRegister(_ value: UInt64, bar: Int, _ offset: UInt64, _ width: Int) {
    if bar == 4 {
      messages.value.write(value, offset: offset, width: width)
      sendPendingMessages()
    } else {
      device.writeRegister(value, bar: bar, offset: offset, width: width)
    }
  }
}
