import IOMMU
import KernelTraces

/// What a verification says of a trace's text.
func verified(
  _ text: String, _ overrides: RecordedKernel.Overrides = RecordedKernel.Overrides()
) throws(TraceError) -> VerificationReport {
  var kernel = RecordedKernel()
  var parser = TraceParser(file: "text")
  parser.append(text)
  parser.finish()
  while let event = try parser.next() { kernel.consume(event, from: parser) }
  return kernel.verify(parser.statistics, overrides)
}

extension RecordedKernel.Overrides {
  /// A policy that the trace does not tell.
  static func policy(_ policy: InvalidationPolicy) -> Self {
    var overrides = Self()
    overrides.policy = policy
    return overrides
  }
}

/// Hexadecimal digits as kernels print them.
func hexadecimal(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }
