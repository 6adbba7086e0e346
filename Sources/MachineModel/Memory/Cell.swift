import IOMMU

/// A place for one value that an object changes in place.
///
/// A stored `var` of a class is guarded at run time against overlapping accesses, which was a third
/// of a run's time here. A cell is not guarded, so its owner keeps the rule itself: while a value
/// is being changed in place, nothing is called that could come back to the same cell. The values
/// kept in cells are changed by methods of their own that call nobody outside.
struct Cell<Value: ~Copyable>: ~Copyable {
  private let storage: FixedStorage<Value>

  /// A cell that holds `value`.
  init(_ value: @autoclosure () -> Value) {
    storage = FixedStorage(count: 1) { _ in value() }
  }

  /// The value.
  var value: Value {
    _read { yield storage[0] }
    nonmutating _modify { yield &storage[0] }
  }
}
