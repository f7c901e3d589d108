/// Captions as the one text that the rules read: a line for each.
struct CaptionList {
  static let lineFeed: UInt16 = 0x0A
  /// Stands behind the last caption, so that rules can ask for the end of the text, which is not the end of a
  /// line. No character: Unicode keeps it for such uses.
  static let end: UInt16 = 0xFFFF

  private(set) var units: [UInt16] = []

  init(_ captions: [String]) {
    units.reserveCapacity(captions.reduce(1) { $0 + $1.utf8.count + 1 })
    for (index, caption) in captions.enumerated() {
      if index > 0 { units.append(Self.lineFeed) }
      units.append(contentsOf: caption.utf16.lazy.map(Self.withinLine))
    }
    units.append(Self.end)
  }

  /// What would end the line or the text is a blank within a caption.
  private static func withinLine(_ unit: UInt16) -> UInt16 {
    switch unit {
    case 0x0A...0x0D, 0x2028, 0x2029, end: 0x20
    default: unit
    }
  }
}
