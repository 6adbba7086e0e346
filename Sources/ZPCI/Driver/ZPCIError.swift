/// Why an operation on a function's life cycle did not happen.
///
/// Unless a case says otherwise, the function keeps the state that it had.
public enum ZPCIError: Error, Equatable, Sendable {
  /// The function is gone: its handle is invalid. This is for ever.
  case functionGone
  /// The function is in error state and has to be recovered.
  case functionInError
  /// The function is in an error state that nothing but deconfiguring it ends.
  case permanentError
  /// A device of a group has the function: only the group may change what it reaches.
  case taken
  /// The operation does not fit the state that the function is in.
  case wrongState(FunctionState)
  /// The machine stayed busy for the number of attempts that the driver makes.
  case busy(attempts: Int)
  /// The instruction was refused: its condition code and status as the architecture tells them.
  case refused(conditionCode: UInt8, status: UInt8)
  /// CLP gave no answer that can be used.
  case callLogicalProcessor(CLPError)
  /// The function information block cannot be read.
  case controls(FunctionControlsError)
}
