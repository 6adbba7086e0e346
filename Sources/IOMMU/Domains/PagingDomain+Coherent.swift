public import Synchronization

/// Memory shared for long, and making single accesses visible.
extension PagingDomain {
  /// Takes zeroed, page-aligned memory that processor and device share, and maps it both ways.
  ///
  /// The device may use it when this returns. Throws: as `map`; nothing is taken then, but after
  /// `control`, where a device took the buffer up, another refused to, and it could not be
  /// invalidated either: then the memory is kept for ever. Complexity: O(pages), as `map`.
  public func allocateCoherent(
    byteCount: Int, on cpu: CPUIndex
  ) throws(MapError) -> CoherentBuffer {
    if !hasDevices { throw .blocked }
    let buffer: PhysicalRange
    do throws(TableMemoryError) {
      buffer = try memory.allocateBuffer(byteCount: byteCount)
    } catch {
      throw .noMemory(error)
    }
    let device: IOVARange
    do throws(MapError) {
      // Not through `map`: this is neither postponed to a doorbell nor kept for reuse.
      device = try place(buffer, Bidirectional.permission, on: cpu)
    } catch {
      memory.freeBuffer(buffer)
      throw error
    }
    do throws(MapError) {
      try announceOrTakeBack(device, on: cpu)
    } catch {
      // The policy may leave the addresses stale for long; the memory may go to anybody.
      if flush(device, .unmap, on: cpu) { memory.freeBuffer(buffer) }
      throw error
    }
    let mapping: Mapping<Bidirectional> = token(device, buffer, on: cpu)
    return CoherentBuffer(mapping: mapping)
  }

  /// Unmaps and gives back a coherent buffer; the device has stopped using it.
  ///
  /// The memory goes back only once no device can reach it any more, so this invalidates whatever
  /// the policy; where that fails the memory is kept for ever. Complexity: O(pages), and an
  /// instruction to each device.
  public func freeCoherent(_ buffer: consuming CoherentBuffer, on cpu: CPUIndex) {
    let memory = buffer.memory
    let mapping = buffer.release()
    guard mapping.belongs(to: quarantineRecord) else { return }
    let device = mapping.device.aligned(to: Platform.Format.granule)
    mapping.surrender()
    counters.countUnmap(furtherPages: Table.pages(device) &- 1, on: cpu)
    observer.unmapped(device)
    do throws(TableError) {
      try table.unmap(device)
    } catch {
      quarantine(device)
      return
    }
    guard flush(device, .unmap, on: cpu) else {
      quarantine(device)
      return
    }
    scheme.cancel(device, on: cpu)
    observer.unmapReturned(device)
    self.memory.freeBuffer(memory)
  }

  /// Makes what the device wrote so far visible to the processor, while the mapping stays; O(1).
  ///
  /// s390 is coherent: only the order of accesses matters.
  @inlinable
  public func syncForCPU<Direction: DeviceWritable>(_ mapping: borrowing Mapping<Direction>) {
    atomicMemoryFence(ordering: .acquiring)
  }

  /// Makes what the processor wrote so far visible to the device, while the mapping stays; O(1).
  @inlinable
  public func syncForDevice<Direction: DeviceReadable>(_ mapping: borrowing Mapping<Direction>) {
    atomicMemoryFence(ordering: .releasing)
  }
}
