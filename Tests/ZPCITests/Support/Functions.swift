import IOMMU
import Testing
import ZPCI

typealias Function = ZPCIFunction<FakeMachine>

let cpu = CPUIndex.boot

/// A table's address for those who need one; the machine does not look at it.
let table = PhysicalAddress(0x4000)

/// The driver's object for the machine's function.
func find(
  _ machine: FakeMachine, busyRetryLimit: Int = 3, trust: FunctionTrust = .trusted
) throws -> Function {
  let bus = ZPCIBus(instructions: machine, busyRetryLimit: busyRetryLimit)
  let entry = try #require(try bus.find(functionID: 1, on: cpu))
  return try bus.function(entry, trust: trust, on: cpu)
}

/// An enabled function.
func enabled(_ machine: FakeMachine, busyRetryLimit: Int = 3) throws -> Function {
  let function = try find(machine, busyRetryLimit: busyRetryLimit)
  try function.enable(on: cpu)
  return function
}

/// An enabled function that translates over its whole aperture.
func translating(_ machine: FakeMachine, busyRetryLimit: Int = 3) throws -> Function {
  let function = try enabled(machine, busyRetryLimit: busyRetryLimit)
  try function.enableTranslation(
    root: table, rootLevel: 2, aperture: function.aperture, on: cpu)
  return function
}

/// `count` pages of device addresses from `first`.
func pages(_ first: UInt64, _ count: UInt64) throws -> IOVARange {
  try #require(IOVARange(first: IOVA(first), byteCount: count * 4096))
}

extension FakeMachine {
  /// Makes the next instruction, and `count - 1` after it, answer `result`.
  func fail(with result: InstructionResult, count: Int = 1) {
    with { state in
      for index in 0..<count { state.faults[state.log.count + index] = result }
    }
  }

  /// The instructions issued since the log was `count` long.
  func log(since count: Int) -> [Kind] { Array(log.dropFirst(count)) }
}

/// A test stands in for a group where there is none.
extension ZPCIFunction {
  func enableTranslation(
    root: PhysicalAddress, rootLevel: Int, aperture: IOVARange, on cpu: CPUIndex
  ) throws(ControlError) {
    let owner = TranslationOwner()
    try enableTranslation(
      root: root, rootLevel: rootLevel, aperture: aperture, by: owner, on: cpu)
  }

  func disableTranslation(on cpu: CPUIndex) throws(ControlError) {
    let owner = TranslationOwner()
    try disableTranslation(by: owner, on: cpu)
  }

  func enableIdentity(on cpu: CPUIndex) throws(ControlError) {
    let owner = TranslationOwner()
    try enableIdentity(by: owner, on: cpu)
  }
}
