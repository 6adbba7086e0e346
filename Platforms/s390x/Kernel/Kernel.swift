import IOMMU
import Machine

/// The first processor's program: does the job of the command line, and tells what came of it.
@_cdecl("kernelMain")
func kernelMain() -> Int64 {
  do throws(Failure) {
    if let number = CommandLine.number("check") {
      guard let check = Check(rawValue: number) else { throw .commandLine }
      return try check.run() ? 0 : 1
    }
    guard let job = Job() else { throw .commandLine }
    let bench = try Bench()
    return try bench.run(job) ? 0 : 1
  } catch {
    Console.write("\nFAILED: ")
    error.tell()
    return 1
  }
}

/// What a processor does that was started.
@_cdecl("kernelSecondary")
func kernelSecondary(_ cpu: UInt64) { Processors.all.serve(CPUIndex(Int(cpu))) }
