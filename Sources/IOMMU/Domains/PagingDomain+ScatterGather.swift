import Synchronization

/// Mapping lists of buffers.
extension PagingDomain {
  /// Lets the device reach all of `buffers` through one run of device addresses.
  ///
  /// Each buffer starts on a granule of its own; device segments that turn out adjacent are joined
  /// and those beyond the device's limits are cut, and the result is appended to `segments` in
  /// order. Complexity: O(buffers + pages), one table cursor for all. Throws: `badScatterList` for
  /// an empty list, or more segments than the device or `segments` takes; otherwise as `map`;
  /// nothing is mapped then, and `segments` is as before.
  @inlinable
  public func mapScatterGather<Direction: DMADirection>(
    _ buffers: Span<PhysicalRange>, _ direction: Direction.Type,
    into segments: inout OutputSpan<IOVARange>, on cpu: CPUIndex
  ) throws(MapError) -> ScatterMapping<Direction> {
    if !hasDevices { throw .blocked }
    let granule = Platform.Format.granule
    var pages: UInt64 = 0
    for index in buffers.indices {
      let (sum, overflow) = pages.addingReportingOverflow(
        buffers[index].pageCount(of: granule).rawValue)
      if overflow { throw .badScatterList(segments: buffers.count) }
      pages = sum
    }
    if pages == 0 { throw .badScatterList(segments: 0) }
    let request = IOVARequest(pages: PageCount(pages), limit: IOVA(options.limits.mask))
    let device = try allocate(request, on: cpu)
    observer.allocated(device)
    let before = segments.count
    do throws(MapError) {
      try fill(device, buffers, Direction.permission, into: &segments, on: cpu)
    } catch {
      segments.removeLast(segments.count - before)
      throw error
    }
    if options.modifiers.contains(.batch) {
      postpone(device, on: cpu)
    } else {
      do throws(MapError) {
        try announceOrTakeBack(device, on: cpu)
      } catch {
        segments.removeLast(segments.count - before)
        throw error
      }
    }
    counters.countMap(furtherPages: pages &- 1, on: cpu)
    // The token stands for the whole run; its memory is that of the first buffer.
    let mapping = Mapping<Direction>(
      device: device, memory: buffers[0], isBounced: false, quarantine: quarantineRecord)
    return ScatterMapping(mapping: mapping, segments: segments.count - before)
  }

  /// Takes the whole list back, as ``unmap(_:on:)`` does a single mapping; it is never parked.
  ///
  /// Complexity: O(pages), without a walk per page.
  @inlinable
  public func unmapScatterGather<Direction: DMADirection>(
    _ list: consuming ScatterMapping<Direction>, on cpu: CPUIndex
  ) {
    let mapping = list.release()
    guard mapping.belongs(to: quarantineRecord) else { return }
    let device = mapping.device
    mapping.surrender()
    counters.countUnmap(furtherPages: Table.pages(device) &- 1, on: cpu)
    observer.unmapped(device)
    retire(device, since: now(), on: cpu)
    observer.unmapReturned(device)
  }

  /// Writes the entries of all buffers and cuts the device's segments; undoes both on failure, and
  /// gives up the addresses.
  @inlinable
  func fill(
    _ device: IOVARange, _ buffers: Span<PhysicalRange>, _ permission: DevicePermission,
    into segments: inout OutputSpan<IOVARange>, on cpu: CPUIndex
  ) throws(MapError) {
    let granule = Platform.Format.granule
    var cutter = SegmentCutter(limits: options.limits)
    let room = min(segments.freeCapacity, options.limits.maxSegments)
    let start = segments.count
    func emit(_ segment: IOVARange) throws(MapError) {
      if segments.count - start >= room { throw .badScatterList(segments: room + 1) }
      segments.append(segment)
    }
    var next = device.first
    var mapped: IOVARange?
    do throws(MapError) {
      for index in buffers.indices {
        let pages = buffers[index].aligned(to: granule)
        guard let target = IOVARange(first: next, byteCount: pages.byteCountMinusOne &+ 1) else {
          throw .beyondFormat(pages)
        }
        do throws(TableError) {
          try table.map(target, to: pages.first, permission)
        } catch {
          throw MapError(error, pages)
        }
        observer.mapped(target, to: pages, permission)
        mapped = IOVARange(first: device.first, last: target.last)
        try cutter.add(Self.bytes(of: buffers[index], in: target), emit)
        next = target.last.advanced(by: 1) ?? next
      }
      try cutter.finish(emit)
    } catch {
      if let mapped {
        takeBack(mapped, of: device, on: cpu)
      } else {
        scheme.cancel(device, on: cpu)
      }
      throw error
    }
  }

  /// Clears the entries of `mapped`, the part of `device` that was filled, and gives all of it up.
  ///
  /// Nobody was told of the entries, but hardware that walks the table on its own account, or the
  /// announcement of a neighbour, may have taken them up: the addresses are free only when stale
  /// ones would be.
  @inlinable
  @inline(never)
  func takeBack(_ mapped: IOVARange, of device: IOVARange, on cpu: CPUIndex) {
    observer.unmapped(mapped)
    let since = now()
    do throws(TableError) {
      try table.unmap(mapped)
    } catch {
      quarantine(device)
      return
    }
    if scheme.defersInvalidation { account(stale: Table.pages(device), since: since) }
    scheme.retire(device, since: since, on: cpu, issuer: self)
  }
}
