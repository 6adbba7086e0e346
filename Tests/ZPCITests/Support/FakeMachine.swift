import IOMMU
import Synchronization
import ZPCI

/// A machine with one function, or a few that do nothing, which does what QEMU's does and can fail.
///
/// Written from QEMU hw/s390x/s390-pci-inst.c; it does not translate anything.
final class FakeMachine: ZPCIInstructions, Sendable {
  enum Kind: Equatable {
    case clp(CLPCommand?)
    case modify(UInt8)
    case storeControls
    case refresh(address: UInt64, byteCount: UInt64)
    case load(space: UInt8, offset: UInt64, length: UInt8)
    case store(space: UInt8, offset: UInt64, length: UInt8, value: UInt64)
  }

  struct State {
    var handle = FunctionHandle(0x20000)
    var controls = FunctionControls()
    var isConfigured = true
    var isError = false
    var isBlocked = false
    var isTranslating = false
    var vectorsRegistered = false
    var isGone = false
    var query = QueryFunctionResponse()
    var group = QueryGroupResponse()
    var others: [FunctionListEntry] = []
    var entriesPerBlock = ListResponse.countMax
    var configuration = [UInt8](repeating: 0, count: 256)
    var registers: [UInt64: UInt8] = [:]
    var log: [Kind] = []
    var refreshes: UInt64 = 0
    /// Refreshes without a table: what puts the function into error.
    var refreshesWithoutTable = 0
    /// What the instruction of that number answers instead of being executed.
    var faults: [Int: InstructionResult] = [:]
    /// The function vanishes before the instruction of that number.
    var vanishesBefore = Int.max
    /// The function goes into error state before the instruction of that number.
    var failsBefore = Int.max
    /// The codes that the next commands setting the function answer with.
    var setCodes: [CLPResponseCode] = []
    /// Whether MPCIFC 5 is refused in error state, as the architecture allows.
    var refusesDeregistrationInError = false
    /// Whether STPCIFC tells of a permanent error.
    var isPermanent = false
    /// Spoils a response before it is given.
    var spoil: ((inout CLPBlock) -> Void)?
    /// Runs inside RPCIT, before it has any effect.
    var duringRefresh: (@Sendable () -> Void)?
    var isInsideRefresh = false
  }

  let state: Mutex<State>

  init(_ change: (inout State) -> Void = { _ in }) {
    var state = State()
    state.query.functionID = 1
    state.query.group = 0xff
    state.query.dmaStart = 0x1_0000_0000
    state.query.dmaEnd = 0x1ff_ffff_ffff_ffff
    state.group.flags = .refreshRequired
    state.group.interruptionCountMax = 128
    state.group.storeBlockByteCountMax = 128
    state.group.measurementIntervalMilliseconds = 4000
    state.group.designationTypes = .init(rawValue: 0x40)
    state.group.messageAddress = 0xfe00_0000_0000_0000
    // A memory capability of another kind at 0x40, MSI-X with 8 entries in BAR 4 at 0x50.
    state.configuration[6] = 0x10
    state.configuration[0x34] = 0x40
    state.configuration.replaceSubrange(0x40..<0x42, with: [0x01, 0x50])
    state.configuration.replaceSubrange(
      0x50..<0x5c, with: [0x11, 0, 7, 0, 0x04, 0x20, 0, 0, 0x04, 0x30, 0, 0])
    change(&state)
    self.state = Mutex(state)
  }

  func with<Result>(_ body: (inout State) -> sending Result) -> sending Result {
    state.withLock { body(&$0) }
  }

  var log: [Kind] { state.withLock { $0.log } }

  func callLogicalProcessor(_ block: inout CLPBlock, on cpu: CPUIndex) -> InstructionResult {
    state.withLock { state in
      let request: CLPRequest
      do throws(CLPRefusal) {
        request = try CLPRequest(block: block)
      } catch {
        state.log.append(.clp(nil))
        error.write(into: &block)
        return .success
      }
      if let fault = state.begin(.clp(request.command)) { return fault }
      do throws(CLPRefusal) {
        try state.serve(request, &block)
      } catch {
        error.write(into: &block)
      }
      state.spoil?(&block)
      return .success
    }
  }

  func modifyFunctionControls(
    _ request: UInt64, _ block: inout FunctionInformationBlock, on cpu: CPUIndex
  ) -> InstructionResult {
    state.withLock { state in
      let word = RequestWord(rawValue: request)
      if let fault = state.begin(.modify(word.length)) { return fault }
      if !state.isReached(by: word) { return .invalidHandle }
      guard let operation = FunctionControlOperation(rawValue: word.length),
        let controls = try? FunctionControls(block: block)
      else { return .error(0xff) }
      return state.modify(operation, controls)
    }
  }

  func storeFunctionControls(
    _ request: UInt64, _ block: inout FunctionInformationBlock, on cpu: CPUIndex
  ) -> InstructionResult {
    state.withLock { state in
      if let fault = state.begin(.storeControls) { return fault }
      if state.isGone || RequestWord(rawValue: request).handle != state.handle {
        return .invalidHandle
      }
      if state.isPermanent { return .error(StoreControlsStatus.permanentError) }
      var controls = state.controls
      controls.state = state.controlState
      controls.write(into: &block)
      return .success
    }
  }

  func refreshTranslations(
    _ function: UInt64, address: UInt64, byteCount: UInt64, on cpu: CPUIndex
  ) -> InstructionResult {
    let pause = state.withLock { state in
      state.isInsideRefresh = true
      return state.duringRefresh
    }
    pause?()
    return state.withLock { state in
      if let fault = state.begin(.refresh(address: address, byteCount: byteCount)) { return fault }
      if !state.isReached(by: RequestWord(rawValue: function)) { return .invalidHandle }
      if state.isError && state.isBlocked { return .error(RefreshStatus.errorRecovery) }
      if !state.isTranslating {
        state.refreshesWithoutTable += 1
        state.fail()
        return .error(RefreshStatus.inError)
      }
      state.refreshes += 1
      return .success
    }
  }

  func load(
    _ request: UInt64, offset: UInt64, on cpu: CPUIndex
  ) -> (InstructionResult, UInt64) {
    state.withLock { state in
      let word = RequestWord(rawValue: request)
      let kind = Kind.load(space: word.space, offset: offset, length: word.length)
      if let refusal = state.begin(kind) ?? state.refusal(of: word) { return (refusal, 0) }
      // The bus gives the lowest byte first, and the register takes it as its highest of `length`.
      let value = (0..<UInt64(word.length)).reduce(0) {
        $0 << 8 | UInt64(state.byte(word.space, offset + $1))
      }
      return (.success, value)
    }
  }

  func store(
    _ value: UInt64, _ request: UInt64, offset: UInt64, on cpu: CPUIndex
  ) -> InstructionResult {
    state.withLock { state in
      let word = RequestWord(rawValue: request)
      let kind = Kind.store(
        space: word.space, offset: offset, length: word.length, value: value)
      if let refusal = state.begin(kind) ?? state.refusal(of: word) { return refusal }
      for index in 0..<UInt64(word.length) {
        let shift = (UInt64(word.length) - 1 - index) * 8
        state.setByte(word.space, offset + index, UInt8(truncatingIfNeeded: value >> shift))
      }
      return .success
    }
  }

  func storeBlock(
    _ block: Span<UInt64>, _ request: UInt64, offset: UInt64, on cpu: CPUIndex
  ) -> InstructionResult {
    .error(LoadStoreStatus.invalidSpace)
  }
}
