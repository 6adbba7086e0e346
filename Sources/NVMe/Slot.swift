public import IOMMU

/// What a caller asked for, kept until it is done so that it can be submitted again.
@frozen
@usableFromInline
struct NVMeRequest: Sendable, BitwiseCopyable {
  /// Which command it is.
  @usableFromInline
  enum Kind: Sendable, BitwiseCopyable {
    case read
    case write
    case flush
  }

  @usableFromInline let kind: Kind
  @usableFromInline let lba: UInt64
  @usableFromInline let blocks: UInt32
  @usableFromInline let buffer: PhysicalRange?
  @usableFromInline let tag: UInt64
  @usableFromInline let deadline: Instant

  @usableFromInline
  init(
    kind: Kind, lba: UInt64, blocks: UInt32, buffer: PhysicalRange?, tag: UInt64,
    deadline: Instant
  ) {
    self.kind = kind
    self.lba = lba
    self.blocks = blocks
    self.buffer = buffer
    self.tag = tag
    self.deadline = deadline
  }
}

/// The mapping that a command in flight owns: none for a flush, else one of two directions.
@frozen
@usableFromInline
enum SlotMapping: ~Copyable, Sendable {
  case none
  case toDevice(Mapping<ToDevice>)
  case fromDevice(Mapping<FromDevice>)

  /// Moves the mapping out and leaves none.
  @inlinable
  mutating func take() -> SlotMapping {
    let taken = self
    self = .none
    return taken
  }

  /// Gives the mapping back to the domain that made it.
  @inlinable
  consuming func unmap<Domain: DMADomain>(from domain: Domain, on cpu: CPUIndex) {
    switch consume self {
    case .none: break
    case .toDevice(let mapping): domain.unmap(mapping, on: cpu)
    case .fromDevice(let mapping): domain.unmap(mapping, on: cpu)
    }
  }
}

/// One command's place in a queue pair, from its submission to its report.
@frozen
@usableFromInline
struct NVMeSlot: ~Copyable, Sendable {
  /// How far the command is.
  @usableFromInline
  enum State: Sendable, BitwiseCopyable {
    /// The slot holds no command.
    case free
    /// The command lies in the submission queue, beyond the tail that the controller knows.
    case queued
    /// The controller was told of the command.
    case inFlight
    /// The command's mapping could not be announced; it is about to be reported.
    case withdrawn
    /// The controller was stopped under the command; it waits, unmapped, to be submitted again.
    case pending
  }

  @usableFromInline var state: State = .free
  @usableFromInline var generation: UInt16 = 0
  @usableFromInline var request: NVMeRequest
  @usableFromInline var mapping: SlotMapping = .none

  @usableFromInline
  init() {
    request = NVMeRequest(
      kind: .flush, lba: 0, blocks: 0, buffer: nil, tag: 0, deadline: Instant(nanoseconds: .max))
  }
}

/// A command that has left its slot, with the mapping that is to be given back.
@frozen
@usableFromInline
struct RetiredCommand: ~Copyable, Sendable {
  @usableFromInline let tag: UInt64
  @usableFromInline let outcome: NVMeOutcome
  @usableFromInline let mapping: SlotMapping

  @usableFromInline
  init(tag: UInt64, outcome: NVMeOutcome, mapping: consuming SlotMapping) {
    self.tag = tag
    self.outcome = outcome
    self.mapping = mapping
  }

  /// Moves the mapping out; the rest was read before.
  @inlinable
  consuming func takeMapping() -> SlotMapping {
    mapping
  }
}

/// What a look at the completion queue found.
@frozen
@usableFromInline
enum Reaped: ~Copyable, Sendable {
  /// No new entry.
  case nothing
  /// An entry for a command that is not in flight.
  case bad(identifier: UInt16)
  /// The end of a command, and dword 0 of its completion.
  case command(RetiredCommand, result: UInt32)
}

/// A command ready to be queued, with the mapping that it brings along.
@frozen
@usableFromInline
struct PreparedCommand: ~Copyable, Sendable {
  @usableFromInline let command: NVMeCommand
  @usableFromInline let mapping: SlotMapping

  @usableFromInline
  init(command: NVMeCommand, mapping: consuming SlotMapping) {
    self.command = command
    self.mapping = mapping
  }

  /// Moves the mapping out; the command was read before.
  @inlinable
  consuming func takeMapping() -> SlotMapping {
    mapping
  }
}
