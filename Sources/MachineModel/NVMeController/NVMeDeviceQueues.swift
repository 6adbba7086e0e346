import DequeModule

/// A submission queue as the device sees it.
struct NVMeSubmissionQueue {
  let base: UInt64
  let entries: UInt32
  let completionQueue: Int
  var head: UInt32 = 0
  var tail: UInt32 = 0
}

/// A completion queue as the device sees it.
struct NVMeCompletionQueue {
  let base: UInt64
  let entries: UInt32
  let vector: Int?
  var head: UInt32 = 0
  var tail: UInt32 = 0
  var phase: UInt64 = 1
  /// Completions that wait for room.
  var waiting = Deque<NVMePosting>()

  /// Whether one more entry would make it look empty.
  var isFull: Bool { (tail &+ 1) % entries == head }
}

/// A completion before it lies in memory.
struct NVMePosting {
  var submissionQueue: Int
  var submissionHead: UInt32
  var identifier: UInt16
  var status: UInt16
  var result: UInt32
}

/// A command from its fetch to its completion.
struct NVMeWork {
  /// What is done next at its event.
  enum Stage {
    case free
    /// It waits for a channel.
    case waiting
    /// The medium is busy for it.
    case medium
    /// It is complete but for its transfer and its entry in the completion queue.
    case transfer
  }

  var stage = Stage.free
  var queue = 0
  var opcode: UInt8 = 0
  var identifier: UInt16 = 0
  var lba: UInt64 = 0
  var blocks = 0
  var event: EventID?
  /// Where its data goes or comes from, page by page; keeps its room from command to command.
  var pieces: [NVMePiece] = []
}

/// A run of bytes within a page that the device addresses.
struct NVMePiece: Equatable {
  var address: UInt64
  var byteCount: Int
}

/// A 64-byte command as fetched: eight little-endian words.
struct NVMeFetched {
  var words: InlineArray<8, UInt64>

  var opcode: UInt8 { UInt8(truncatingIfNeeded: words[0]) }
  var identifier: UInt16 { UInt16(truncatingIfNeeded: words[0] &>> 16) }
  var namespace: UInt32 { UInt32(truncatingIfNeeded: words[0] &>> 32) }
  var usesPointers: Bool { words[0] &>> 14 & 3 == 0 }
  var prp1: UInt64 { words[3] }
  var prp2: UInt64 { words[4] }
  var dword10: UInt32 { UInt32(truncatingIfNeeded: words[5]) }
  var dword11: UInt32 { UInt32(truncatingIfNeeded: words[5] &>> 32) }
  var dword12: UInt32 { UInt32(truncatingIfNeeded: words[6]) }
}
