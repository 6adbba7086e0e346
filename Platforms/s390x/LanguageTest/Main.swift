import Synchronization

#if !canImport(Machine)
import Glibc
#endif

// A program of the language features that the core uses, in computed values, a line each. It runs
// on the host and on the machine, and `check-language` requires the same lines of both. What only
// one of them can know, such as its byte order, is required here and printed nowhere.

/// Runs everything; returns how many requirements failed.
@_cdecl("kernelMain")
func kernelMain() -> Int64 {
  disguise.store(0, ordering: .sequentiallyConsistent)
  arithmetic()
  shifts()
  wideArithmetic()
  conversions()
  floatingPoint()
  literals()
  controlFlow()
  enumerations()
  enumerationLayouts()
  generics()
  closures()
  classes()
  ownership()
  typedErrors()
  collections()
  inlineStorage()
  spans()
  memory()
  layouts()
  atomicsOfUInt8()
  compareExchangesOfUInt8()
  atomicsOfUInt16()
  compareExchangesOfUInt16()
  atomicsOfUInt32()
  compareExchangesOfUInt32()
  atomicsOfUInt64()
  compareExchangesOfUInt64()
  atomicsOfInt()
  compareExchangesOfInt()
  otherAtomics()
  show("end", UInt64(truncatingIfNeeded: failures.load(ordering: .relaxed)))
  return Int64(failures.load(ordering: .relaxed))
}

#if canImport(Machine)
/// The machine's other processors are not started.
@_cdecl("kernelSecondary")
func kernelSecondary(_ cpu: UInt64) {}
#else
@main
enum Program {
  static func main() { exit(kernelMain() == 0 ? 0 : 1) }
}
#endif
