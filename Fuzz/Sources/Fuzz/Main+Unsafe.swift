import CFuzzer
import Glibc

@main
struct Main {
  static func main() {
    var count = CommandLine.argc
    // SAFETY: the arguments live as long as the process, and libFuzzer only reads them.
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
      unsafe CommandLine.unsafeArgv
    // SAFETY: both variables outlive the call.
    let status = unsafe LLVMFuzzerRunDriver(&count, &arguments) { data, size in
      unsafe testOneInput(data, size)
    }
    exit(status)
  }

  /// The target that the environment names.
  static let target: Target = {
    // SAFETY: no thread changes the environment.
    let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
    guard let target = Target(rawValue: name) else {
      fatalError("FUZZ_TARGET must be one of \(Target.allCases.map(\.rawValue))")
    }
    return target
  }()
}

/// What libFuzzer calls; by this name its own `main`, where that is linked, finds it too.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  // SAFETY: libFuzzer gives `size` bytes at `data`, which are copied before it takes them back.
  Main.target.test(unsafe Array(UnsafeBufferPointer(start: data, count: size)))
  return 0
}
