import Foundation

/// Round numbers along an axis, 1, 2 or 5 times a power of ten apart; along a logarithmic one 1, 2 and 5 times powers of
/// ten themselves, or powers alone.
struct TickMarks {
  let values: [Double]
  /// nil: each as short as it can be.
  private let decimals: Int?

  /// - Parameters:
  ///   - range: of more than one number; of a logarithmic axis, of their logarithms, from an integer to an integer.
  ///   - most: marks that have room.
  init(_ range: ClosedRange<Double>, most: Int, isLogarithmic: Bool = false) {
    if isLogarithmic {
      let (first, last) = (Int(range.lowerBound), Int(range.upperBound))
      let apart = max(1, (last - first + most - 1) / most)
      let factors = 3 * (last - first) < most ? [1.0, 2, 5] : [1]
      values = stride(from: first, through: last, by: apart).flatMap { power in
        factors.map { $0 * pow(10, Double(power)) }
      }.filter { $0 <= pow(10, Double(last)) }
      decimals = nil
      return
    }
    let rough = (range.upperBound - range.lowerBound) / Double(max(1, most))
    let power = pow(10, floor(log10(rough)))
    let step = [1, 2, 5].map { $0 * power }.first { $0 >= rough * 0.999 } ?? 10 * power
    // A mark at the very end counts, whatever rounding did to it.
    let first = Int((range.lowerBound / step - 1e-9).rounded(.up))
    let last = Int((range.upperBound / step + 1e-9).rounded(.down))
    values = first <= last ? (first...last).map { Double($0) * step } : []
    decimals = max(0, Int(-floor(log10(step) + 1e-9)))
  }

  func label(_ value: Double) -> String {
    guard let decimals else { return String(format: "%.4g", value) }
    return decimals > 4 || abs(value) >= 1e6
      ? String(format: "%.4g", value) : String(format: "%.\(decimals)f", value)
  }
}
