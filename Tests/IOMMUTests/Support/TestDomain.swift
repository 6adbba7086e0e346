import IOMMU

typealias RolloverDomain = PagingDomain<TestPlatform, RolloverScheme>
typealias StrictDomain = PagingDomain<TestPlatform, StrictScheme<BitmapAllocator>>

/// A domain of some policy with one device, on a test platform.
struct TestBench<Scheme: InvalidationScheme> {
  let domain: PagingDomain<TestPlatform, Scheme>
  let control: RecordingControl
  let group = DeviceGroup<RecordingControl>()
  let device: DMADevice<RecordingControl>
  let timer: ManualTimer
  let memory: TestMemory

  init(
    _ scheme: Scheme, options: PagingDomainOptions = PagingDomainOptions(),
    control: RecordingControl = RecordingControl(), memory: TestMemory = TestMemory()
  ) throws {
    self.control = control
    self.memory = memory
    timer = ManualTimer()
    domain = try PagingDomain(
      scheme: scheme, memory: memory, timer: timer, observer: StaleWatcher(), options: options)
    device = DMADevice(control: control)
    try group.add(device, on: .boot)
    try group.attach(domain, on: .boot)
    control.forget()
  }

  /// Has the timers that are due go off.
  func fireTimers() {
    for purpose in timer.takeDue() { domain.timerFired(purpose, on: .boot) }
  }
}

func aperture(pages: UInt64, first: UInt64 = 1 << 32) -> IOVARange {
  IOVARange(first: IOVA(first), byteCount: pages << 12)!
}

func rollover(
  pages: UInt64 = 4_096, age: Nanoseconds? = nil, staleLimit: UInt64 = .max
) -> RolloverScheme {
  RolloverScheme(
    allocator: RolloverAllocator(aperture: aperture(pages: pages), granule: .fourKiB, cpus: 1),
    age: age, staleLimit: staleLimit)
}

func strict(pages: UInt64 = 4_096) -> StrictScheme<BitmapAllocator> {
  StrictScheme(
    allocator: BitmapAllocator(
      aperture: aperture(pages: pages), granule: .fourKiB, mode: .strict))
}

func legacy(pages: UInt64 = 4_096) -> BitmapScheme {
  BitmapScheme(
    allocator: BitmapAllocator(aperture: aperture(pages: pages), granule: .fourKiB, mode: .lazy))
}

func queue(
  pages: UInt64 = 4_096, entries: Int = 8, timeout: Nanoseconds = .milliseconds(10)
) -> QueueScheme<BitmapAllocator> {
  QueueScheme(
    allocator: BitmapAllocator(
      aperture: aperture(pages: pages), granule: .fourKiB, mode: .strict),
    rings: 1, entries: entries, timeout: timeout)
}

func buffer(_ page: UInt64, pages: UInt64 = 1) -> PhysicalRange {
  PhysicalRange(first: PhysicalAddress(page << 12), byteCount: pages << 12)!
}
