public import Synchronization

/// One place of an ``AttachmentList``: how it is used, and the device in it.
///
/// The device is kept by hand, so that a walk uses it without counting references: readers that
/// are counted in, or the closed slot's owner, keep it where it is.
@usableFromInline
@safe
struct AttachmentSlot<Control: TranslationControl>: ~Copyable {
  /// The lowest bit says that the slot is open; the rest counts readers, two apiece.
  @usableFromInline let state = Atomic<UInt64>(0)
  @usableFromInline var unsafeControl: Unmanaged<Control>?

  /// An empty slot.
  init() {
    // SAFETY: there is nothing yet.
    unsafe unsafeControl = nil
  }

  deinit {
    // SAFETY: `keep` retained it, and nobody uses the list any more.
    unsafe unsafeControl?.release()
  }

  /// Whether no device is in the slot.
  var isVacant: Bool {
    // SAFETY: nothing is done with it.
    unsafe unsafeControl == nil
  }

  /// Whether the device in the slot is `control`.
  func holds(_ control: Control) -> Bool {
    // SAFETY: only the identity is compared.
    unsafe unsafeControl?.toOpaque() == Unmanaged.passUnretained(control).toOpaque()
  }

  /// Puts a device into the slot, which is vacant and closed.
  mutating func keep(_ control: Control) {
    // SAFETY: retained here, released by `letGo` or the end of the list.
    unsafe unsafeControl = Unmanaged.passRetained(control)
  }

  /// Takes the device out of the slot, which is closed and has no readers.
  mutating func letGo() {
    // SAFETY: retained by `keep`; released once, because it is forgotten first.
    let unsafeLast = unsafe unsafeControl
    unsafe unsafeControl = nil
    unsafe unsafeLast?.release()
  }

  /// Calls `body` with the device; the caller is counted in as a reader of the open slot.
  @inlinable
  @inline(__always)
  func withControl(_ body: (Control) -> Void) {
    // SAFETY: `letGo` comes only once the slot is closed and its readers are gone.
    guard let unsafeControl = unsafe unsafeControl else { return }
    unsafe unsafeControl._withUnsafeGuaranteedRef { body($0) }
  }
}
