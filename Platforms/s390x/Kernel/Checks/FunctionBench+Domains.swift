import IOMMU
import NVMe
import Workloads
import ZPCI

/// Domains of the policies that checks use by themselves.
extension FunctionBench where Instructions == RealInstructions {
  /// A domain that flushes when addresses run out.
  func rolloverDomain(_ modifiers: PolicyModifiers) throws(Failure) -> RolloverDomain {
    let scheme = RolloverScheme(
      allocator: RolloverAllocator(aperture: try smallAperture, granule: .fourKiB, cpus: 1),
      age: nil, staleLimit: .max, cost: .shadowed)
    do throws(TableMemoryError) {
      return try RolloverDomain(
        scheme: scheme, memory: memory, timer: timer, observer: NoObserver(),
        options: PagingDomainOptions(modifiers: modifiers))
    } catch {
      throw .memory(error)
    }
  }

  /// A domain that invalidates at each unmap.
  func strictDomain() throws(Failure) -> StrictDomain {
    let scheme = StrictScheme(allocator: TreeAllocator.small(try smallAperture))
    do throws(TableMemoryError) {
      return try StrictDomain(
        scheme: scheme, memory: memory, timer: timer, observer: NoObserver(),
        options: PagingDomainOptions())
    } catch {
      throw .memory(error)
    }
  }

  /// The status register's load, as the instruction answers it.
  func statusAnswer() -> InstructionResult {
    guard let space = PCIAddressSpace(bar: 0) else { return .invalidHandle }
    let request = RequestWord(function.handle, space: space, length: 4).rawValue
    return RealInstructions().load(request, offset: NVMeRegister.status, on: .boot).0
  }
}

extension RoundPlan {
  /// Requests of 4 KiB, reads and writes, on the first blocks of a disk.
  static func mixed(depth: Int, seed: UInt64) -> RoundPlan {
    RoundPlan(
      depth: depth, sizes: [Size(blocks: 8, weight: 1)], writePercent: 50, buffersPerPlace: 1,
      seed: seed, blockCount: spareBlock)
  }

  /// The first block that no such request is about.
  static var spareBlock: UInt64 { 32_000 }
}

extension TreeAllocator {
  /// An allocator of one processor over `aperture`, with room for as many ranges as it has pages.
  static func small(_ aperture: IOVARange) -> TreeAllocator {
    TreeAllocator(
      aperture: aperture, granule: .fourKiB, flavour: .linux6_1, cpus: 1, forceDAC: false,
      capacity: Int(aperture.pageCount(of: .fourKiB).rawValue) + 64)
  }
}
