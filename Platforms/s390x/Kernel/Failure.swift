import IOMMU
import NVMe
import ZPCI

/// Why a job ended early.
enum Failure: Error {
  case commandLine
  case noFunction
  case callLogicalProcessor(CLPError)
  case function(ZPCIError)
  case attach(AttachError)
  case memory(TableMemoryError)
  case driver(NVMeError)
  case aperture
  case measurement
  case processor(Int)
  case queues(Int)
  case noVectors
  case stuck

  /// Tells what is known of it.
  func tell() {
    switch self {
    case .commandLine: Console.write("the command line asks for nothing that can be done")
    case .noFunction: Console.write("there is no PCI function")
    case .callLogicalProcessor(let error):
      Console.write("CLP failed")
      if case .conditionCode(let code) = error { Console.field("cc", UInt64(code)) }
    case .function(let error):
      Console.write("a function control failed")
      if case .refused(let code, let status) = error {
        Console.field("cc", UInt64(code))
        Console.field("status", UInt64(status))
      }
    case .attach(let error):
      if case .control(.unsupported) = error {
        Console.write("this machine's functions cannot work in that way, such as untranslated\n")
        return
      }
      Console.write("the function could not be attached")
      if case .control(.refused(let code, let status)) = error {
        Console.field("cc", UInt64(code))
        Console.field("status", UInt64(status))
      }
    case .memory(.exhausted(let byteCount)):
      Console.write("no memory")
      Console.field("bytes", UInt64(byteCount))
    case .driver(let error):
      Console.write("the NVMe driver failed: ")
      tell(error)
    case .aperture: Console.write("the aperture is not the function's")
    case .measurement: Console.write("the measurement block was not written")
    case .processor(let number):
      Console.write("a processor does not start")
      Console.field("number", UInt64(number))
    case .queues(let count):
      Console.write("the controller has too few queues")
      Console.field("queues", UInt64(count))
    case .noVectors: Console.write("the function grants no interrupt vectors")
    case .stuck: Console.write("what was waited for did not come")
    }
    Console.write("\n")
  }

  private func tell(_ error: NVMeError) {
    switch error {
    case .functionGone: Console.write("the function is gone")
    case .functionInError: Console.write("the function is in error state")
    case .map(.noAddress): Console.write("no address")
    case .map(.control): Console.write("a mapping was refused")
    case .map: Console.write("a mapping was not made")
    case .badCompletion(_, let identifier):
      Console.write("a completion of nobody's command")
      Console.field("identifier", UInt64(identifier))
    case .wrongState: Console.write("the controller is in another state")
    default: Console.write("it would not go on")
    }
  }
}
