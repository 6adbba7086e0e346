import IOMMU

/// Tokens that wait to be unmapped.
final class TokenShelf {
  private let places: FixedStorage<Mapping<FromDevice>?>

  init(count: Int) {
    places = FixedStorage(count: count) { _ in nil }
  }

  var count: Int { places.count }

  func put(_ mapping: consuming Mapping<FromDevice>, at index: Int) {
    places[index] = consume mapping
  }

  func device(_ index: Int) -> IOVARange? {
    places[index]?.device
  }

  func unmap<Scheme: InvalidationScheme>(
    _ index: Int, from domain: PagingDomain<TestPlatform, Scheme>
  ) {
    if let mapping = places[index].take() { domain.unmap(mapping, on: .boot) }
  }
}
