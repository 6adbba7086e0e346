import IOMMU
import ZPCI

/// What a domain is bound to on the machine itself.
enum KernelPlatform: DMAPlatform {
  typealias Format = S390ThreeLevel
  typealias Memory = PhysicalMemory
  typealias Control = ZPCIFunction<RealInstructions>
  typealias Timer = KernelTimer
  typealias Observer = NoObserver
}

typealias Function = ZPCIFunction<RealInstructions>
