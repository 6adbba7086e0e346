public import IOMMU

/// How Linux is brought to follow a policy on s390, if it can.
///
/// Sources, of Linux 6.1: arch/s390/pci/pci_dma.c, `s390_iommu_setup` and `dma_free_address`;
/// drivers/iommu/dma-iommu.c, `IOVA_FQ_SIZE` and `IOVA_FQ_TIMEOUT`. Of 6.12:
/// drivers/iommu/dma-iommu.c, `iommu_dma_init_options`, `IOVA_DEFAULT_FQ_SIZE` and its neighbours;
/// drivers/iommu/s390-iommu.c, `s390_iommu_setup`, and `s390_iommu_probe_device`, where the single
/// queue is asked for if the hypervisor wants refreshes; drivers/iommu/Kconfig, the choice of the
/// default domain type, which is lazy on s390; Documentation/admin-guide/kernel-parameters.txt,
/// `iommu.strict`; Documentation/ABI/testing/sysfs-kernel-iommu_groups, `type`, which is written
/// while no driver is bound. The change came with 6.7: commits c76c067e488c and 32d5bc8b09c7.
public struct LinuxSetting: Equatable, Sendable {
  /// What it takes.
  public enum Effort: Sendable {
    /// A kernel of that version, a boot parameter or a file in sysfs.
    case settable
    /// Constants changed in a kernel's source, and the kernel built anew.
    case rebuild
    /// Code that no Linux has.
    case missing
  }

  /// What it takes.
  public var effort: Effort

  /// What to set, in words that follow the policy's name.
  public var text: String

  /// Whether some Linux can do it.
  public var exists: Bool { effort != .missing }

  /// Whether some Linux does it as it was shipped.
  public var isSettable: Bool { effort == .settable }

  /// What Linux needs to follow `choice` where translation is of `kind`.
  public init(_ choice: PolicyChoice, _ kind: TranslationKind) {
    if choice.modifiers != .none {
      effort = .missing
      text = "in no Linux, which has none of the modifiers; \(Self.nearest(kind))"
      return
    }
    switch choice.policy {
    case .identity:
      (effort, text) = (.settable, "a Linux that knows it on s390: boot with iommu.passthrough=1")
    case .strict:
      (effort, text) = (
        .settable,
        "Linux 6.7 or later: boot with iommu.strict=1, or write DMA to "
          + "/sys/kernel/iommu_groups/N/type while no driver is bound"
      )
    case .legacy: (effort, text) = (.settable, "Linux up to 6.6 on s390, as it comes")
    case .legacyStrict:
      (effort, text) = (.settable, "Linux up to 6.6 on s390: boot with s390_iommu=strict")
    case .queue(let entries, let timeout):
      self = Self.ring("IOVA_DEFAULT_FQ", entries, timeout, Self.perProcessor, kind == .direct)
    case .singleQueue(let entries, let timeout):
      self = Self.ring("IOVA_SINGLE_FQ", entries, timeout, Self.single, kind == .shadowed)
    case .rollover:
      (effort, text) = (.missing, "in no Linux; \(Self.nearest(kind))")
    }
  }

  private typealias Ring = (entries: Int, timeout: Nanoseconds)

  private static let perProcessor: Ring = (256, .milliseconds(10))
  private static let single: Ring = (32_768, .milliseconds(1_000))

  /// A queue: shipped in one size, and the constants of that size can be changed.
  private static func ring(
    _ constant: String, _ entries: Int, _ timeout: Nanoseconds, _ shipped: Ring, _ isUsed: Bool
  ) -> LinuxSetting {
    let lazy = "iommu.strict=0, the default on s390, or DMA-FQ in /sys/kernel/iommu_groups/N/type"
    if isUsed && entries == shipped.entries && timeout == shipped.timeout {
      return LinuxSetting(effort: .settable, text: "Linux 6.7 or later on s390: \(lazy)")
    }
    let milliseconds = timeout.rawValue / 1_000_000
    if milliseconds == 0 || timeout.rawValue % 1_000_000 != 0 {
      return LinuxSetting(effort: .missing, text: "in no Linux, whose time-outs are milliseconds")
    }
    var changes: [String] = []
    if entries != shipped.entries { changes.append("\(constant)_SIZE to \(entries)") }
    if timeout != shipped.timeout {
      changes.append("\(constant)_TIMEOUT to \(milliseconds)")
    }
    if !isUsed { changes.append("iommu_dma_init_options to take this kind of queue") }
    return LinuxSetting(
      effort: .rebuild,
      text: "Linux 6.7 or later on s390, built with drivers/iommu/dma-iommu.c changed, "
        + "\(changes.joined(separator: " and ")); then \(lazy)")
  }

  private init(effort: Effort, text: String) {
    self.effort = effort
    self.text = text
  }

  /// What comes nearest in Linux as it is shipped.
  private static func nearest(_ kind: TranslationKind) -> String {
    kind == .shadowed
      ? "the nearest that can be set is single-queue:32768,1s (6.7 or later, as it comes)"
      : "the nearest that can be set is queue:256,10ms (6.7 or later, as it comes)"
  }
}
