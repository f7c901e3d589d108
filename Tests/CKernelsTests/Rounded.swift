import Foundation

/// A number, and how far from it float32 arithmetic may end: the running error analysis of Higham, "Accuracy
/// and Stability of Numerical Algorithms", section 3.3. A reference written in it says itself how exact a
/// kernel must be.
struct Rounded: Sendable {
  let value: Double
  let error: Double

  private static let unit = 0x1p-24
  private static let smallest = 0x1p-149

  init(_ exact: Float) {
    value = Double(exact)
    error = 0
  }

  /// The result of one operation whose operands' errors amount to `error`; `units` of 2^-24 are its own.
  init(rounding value: Double, error: Double, units: Double = 1) {
    self.value = value
    self.error = error + units * Self.unit * (abs(value) + error) + Self.smallest
  }

  func admits(_ float: Float) -> Bool { abs(Double(float) - value) <= error }

  static func + (a: Rounded, b: Rounded) -> Rounded {
    Rounded(rounding: a.value + b.value, error: a.error + b.error)
  }

  static func - (a: Rounded, b: Rounded) -> Rounded {
    Rounded(rounding: a.value - b.value, error: a.error + b.error)
  }

  static func * (a: Rounded, b: Rounded) -> Rounded {
    Rounded(
      rounding: a.value * b.value,
      error: abs(a.value) * b.error + abs(b.value) * a.error + a.error * b.error)
  }

  static func / (a: Rounded, b: Rounded) -> Rounded {
    let quotient = a.value / b.value
    return Rounded(
      rounding: quotient, error: (a.error + abs(quotient) * b.error) / (abs(b.value) - b.error))
  }

  /// In any order in which no term passes through more than `additions`: in 16 partial sums, or of few terms.
  static func sum(_ terms: [Rounded]) -> Rounded {
    let magnitude = terms.reduce(0) { $0 + abs($1.value) + $1.error }
    let additions = Double(terms.count / 16 + 32)
    return Rounded(
      rounding: terms.reduce(0) { $0 + $1.value },
      error: terms.reduce(0) { $0 + $1.error } + additions * unit * magnitude)
  }

  static func dot(_ a: [Rounded], _ b: [Rounded]) -> Rounded { sum(zip(a, b).map { $0 * $1 }) }

  func squareRoot() -> Rounded {
    let root = value.squareRoot()
    return Rounded(rounding: root, error: root - max(0, value - error).squareRoot())
  }

  /// Saturates at -87, below which float32 runs out of normal numbers.
  func exponential() -> Rounded {
    let power = Foundation.exp(max(-87, value))
    return Rounded(rounding: power, error: power * expm1(error), units: 2)
  }

  /// 1 / (1 + e^-x), which saturates at -88.
  func sigmoid() -> Rounded {
    let sigmoid = 1 / (1 + Foundation.exp(-max(-88, value)))
    return Rounded(rounding: sigmoid, error: min(1, sigmoid * expm1(error)), units: 6)
  }

  func hyperbolicTangent() -> Rounded {
    let nearest = Foundation.tanh(max(0, abs(value) - error))
    return Rounded(
      rounding: Foundation.tanh(value), error: min(2, error * (1 - nearest * nearest)), units: 4)
  }
}
