extension TraceParser {
  /// The task's name of the last event, without blanks around it.
  ///
  /// A colon where a word ends could be taken for the one behind the time, and becomes `_`.
  var taskName: [UInt8] {
    var name = Array(
      buffer[context.layout.taskName].drop { $0 == .space || $0 == .tab })
    for index in name.indices where name[index] == UInt8(ascii: ":") {
      let isWordEnd = index + 1 == name.count || name[index + 1] == .space
      if isWordEnd { name[index] = UInt8(ascii: "_") }
    }
    return name
  }
}

extension TraceEvent.Kind {
  /// The event's system with its colon, as perf writes it; empty where it is not known.
  ///
  /// Sources: TRACE_SYSTEM in Linux include/trace/events/iommu.h, dma.h and
  /// drivers/iommu/intel/trace.h; Documentation/trace/kprobetrace.rst, GRP.
  var system: String {
    switch self {
    case .mapPages, .unmapPages: "iommu:"
    case .mapCall, .mapReturn, .unmapCall, .mapScatterGatherCall, .unmapScatterGatherCall, .refresh:
      "kprobes:"
    case .dmaMap, .dmaUnmap, .dmaMapScatterGather, .dmaUnmapScatterGather, .dmaAllocate, .dmaFree:
      "dma:"
    case .intelFlush, .intelSubmission: "intel_iommu:"
    case .mark: "ftrace:"
    case .other: ""
    }
  }
}
