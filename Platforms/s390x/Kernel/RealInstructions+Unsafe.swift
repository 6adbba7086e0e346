import IOMMU
import Machine
import ZPCI

/// The zPCI instructions themselves.
struct RealInstructions: ZPCIInstructions {
  func callLogicalProcessor(_ block: inout CLPBlock, on cpu: CPUIndex) -> InstructionResult {
    // SAFETY: (1) the block's words lie one after the other, as the machine writes them; (2) the
    // pointer is used during the call only.
    unsafe withUnsafeMutablePointer(to: &block.storage) { words in
      InstructionResult(unsafe clp(words))
    }
  }

  func modifyFunctionControls(
    _ request: UInt64, _ block: inout FunctionInformationBlock, on cpu: CPUIndex
  ) -> InstructionResult {
    // SAFETY: as above.
    unsafe withUnsafeMutablePointer(to: &block.storage) { words in
      InstructionResult(unsafe mpcifc(request, words))
    }
  }

  func storeFunctionControls(
    _ request: UInt64, _ block: inout FunctionInformationBlock, on cpu: CPUIndex
  ) -> InstructionResult {
    // SAFETY: as above.
    unsafe withUnsafeMutablePointer(to: &block.storage) { words in
      InstructionResult(unsafe stpcifc(request, words))
    }
  }

  func refreshTranslations(
    _ function: UInt64, address: UInt64, byteCount: UInt64, on cpu: CPUIndex
  ) -> InstructionResult {
    InstructionResult(rpcit(function, address, byteCount))
  }

  func load(_ request: UInt64, offset: UInt64, on cpu: CPUIndex) -> (InstructionResult, UInt64) {
    let answer = pcilg(request, offset)
    return (InstructionResult(answer), answer.value)
  }

  func store(
    _ value: UInt64, _ request: UInt64, offset: UInt64, on cpu: CPUIndex
  ) -> InstructionResult {
    InstructionResult(pcistg(value, request, offset))
  }

  func storeBlock(
    _ block: Span<UInt64>, _ request: UInt64, offset: UInt64, on cpu: CPUIndex
  ) -> InstructionResult {
    // SAFETY: the span's words are there during the call, and are only read.
    unsafe block.withUnsafeBufferPointer { words in
      InstructionResult(unsafe pcistb(words.baseAddress, request, offset))
    }
  }
}

extension InstructionResult {
  init(_ answer: Answer) {
    self.init(conditionCode: answer.conditionCode, status: answer.status)
  }
}
