import IOMMU
import ZPCI

/// A test stands in for a group where there is none.
extension ZPCIFunction {
  func enableTranslation(
    root: PhysicalAddress, rootLevel: Int, aperture: IOVARange, on cpu: CPUIndex
  ) throws(ControlError) {
    let owner = TranslationOwner()
    try enableTranslation(
      root: root, rootLevel: rootLevel, aperture: aperture, by: owner, on: cpu)
  }

  func disableTranslation(on cpu: CPUIndex) throws(ControlError) {
    let owner = TranslationOwner()
    try disableTranslation(by: owner, on: cpu)
  }

  func enableIdentity(on cpu: CPUIndex) throws(ControlError) {
    let owner = TranslationOwner()
    try enableIdentity(by: owner, on: cpu)
  }
}
