import Foundation

/// A number with a fixed count of decimals; a dash for none.
public func decimal(_ number: Double?, _ decimals: Int) -> String {
  guard let number, number.isFinite else { return "–" }
  return String(format: "%.\(decimals)f", number)
}
