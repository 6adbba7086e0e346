import IOMMU

/// Much at once with few things: what odd orders need to meet.
extension Simulation {
  /// Maps two buffers again and again, announces, uses and unmaps them on two processors, in any
  /// order.
  func churn(_ random: inout StepRandom) -> Bool {
    guard let domain = workingDomain(&random), let target = domain.target else { return false }
    let first = random.below(12)
    let cpus = [random.below(plan.machine.cpus), random.below(plan.machine.cpus)]
    let direction = Self.direction(&random)
    var mine: [SimulatedHolding] = []
    for _ in 0..<4 + random.below(24) where failure == nil {
      let cpu = CPUIndex(cpus[random.below(2)])
      enter(cpu)
      switch random.below(5) {
      case 0, 1:
        let before = domain.held.count
        map(favourite(first + random.below(2), pagesMax: 6), direction, domain, target, cpu)
        if domain.held.count > before, let new = domain.held.last { mine.append(new) }
      case 2:
        guard !mine.isEmpty else { continue }
        unmap(mine.remove(at: random.below(mine.count)), domain, target, cpu)
      case 3:
        synchronize(domain, target, cpu)
      default:
        guard let holding = random.element(of: mine) else { continue }
        use(holding, of: domain, &random)
      }
    }
    return true
  }
}
