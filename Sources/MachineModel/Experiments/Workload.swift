/// What drivers ask for in an experiment: a closed loop of reads and writes.
public struct Workload: Equatable, Sendable {
  /// Where the data of requests lies.
  public enum Buffers: Equatable, Sendable {
    /// Each place in the loop has one buffer that it uses again and again, as a database or fio do.
    case comingBack
    /// Every request has a buffer that was not used for long, as a page cache does.
    case fresh
  }

  /// One size of request, and how often it comes.
  public struct Size: Equatable, Sendable {
    /// The bytes of a request, a multiple of 512.
    public var byteCount: UInt64
    /// How often, relative to the other sizes.
    public var weight: UInt64

    /// `byteCount` bytes, `weight` times as often as a size of weight 1.
    public init(byteCount: UInt64, weight: UInt64 = 1) {
      self.byteCount = byteCount
      self.weight = weight
    }
  }

  /// The name on the command line.
  public var name: String

  /// One sentence for help.
  public var summary: String

  /// The requests in flight per processor.
  public var depth: Int

  /// The sizes of requests.
  public var sizes: [Size]

  /// The share of writes in per cent.
  public var writePercent: UInt64

  /// Where the data lies.
  public var buffers: Buffers

  /// How far into its page a buffer starts, in bytes: 0 but for small packets.
  public var pageOffsets: [UInt64]

  /// A loop of requests.
  public init(
    name: String, summary: String, depth: Int, sizes: [Size], writePercent: UInt64 = 0,
    buffers: Buffers = .comingBack, pageOffsets: [UInt64] = [0]
  ) {
    self.name = name
    self.summary = summary
    self.depth = depth
    self.sizes = sizes
    self.writePercent = writePercent
    self.buffers = buffers
    self.pageOffsets = pageOffsets
  }
}

extension Workload {
  /// 4 KiB reads at random places, 32 in flight: what the thread measured.
  public static let randomRead = Workload(
    name: "randread-4k-qd32", summary: "4 KiB random reads, 32 in flight, buffers come back",
    depth: 32, sizes: [Size(byteCount: 4_096)])

  /// All workloads that have a name, the default first.
  public static let all: [Workload] = [
    randomRead,
    Workload(
      name: "randread-4k-qd1", summary: "4 KiB random reads, one at a time",
      depth: 1, sizes: [Size(byteCount: 4_096)]),
    Workload(
      name: "randread-4k-qd32-fresh", summary: "as the default, but each read has a fresh buffer",
      depth: 32, sizes: [Size(byteCount: 4_096)], buffers: .fresh),
    Workload(
      name: "mixed",
      summary: "4 KiB to 256 KiB, one in three a write, 32 in flight, fresh buffers",
      depth: 32,
      sizes: [
        Size(byteCount: 4_096, weight: 4), Size(byteCount: 8_192, weight: 2),
        Size(byteCount: 65_536), Size(byteCount: 262_144),
      ],
      writePercent: 33, buffers: .fresh),
    Workload(
      name: "network",
      summary: "2 KiB packets, two to a page, 128 in flight, half of them sent, fresh buffers",
      depth: 128, sizes: [Size(byteCount: 2_048)], writePercent: 50, buffers: .fresh,
      pageOffsets: [0, 2_048]),
  ]

  /// The longest request in bytes.
  public var longestRequest: UInt64 { sizes.map(\.byteCount).max() ?? 4_096 }
}
