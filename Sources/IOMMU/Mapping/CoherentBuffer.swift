/// Memory that processor and device share for long, such as a queue: mapped both ways until freed.
public struct CoherentBuffer: ~Copyable, Sendable {
  /// Where the device finds it; whole granules.
  public var device: IOVARange { mapping.device }

  /// Where the processor finds it; zeroed when allocated.
  public var memory: PhysicalRange { mapping.memory }

  package let mapping: Mapping<Bidirectional>

  package init(mapping: consuming Mapping<Bidirectional>) {
    self.mapping = mapping
  }

  /// Gives up the mapping inside, to be unmapped.
  package consuming func release() -> Mapping<Bidirectional> {
    mapping
  }
}
