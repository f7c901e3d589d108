import Tensors

/// A matrix on a tape: a value, how its rows are packed, and the gradient that backward gathers for it.
public final class Variable: @unchecked Sendable {
  /// [packing.rows, width]
  public let value: Matrix
  public let packing: Packing
  /// False for inputs and for whatever depends on frozen parameters alone: no gradient is computed for it.
  public let requiresGradient: Bool
  private var gathered: Matrix?
  private var roundedValue: RoundedRows?

  public init(_ value: Matrix, packing: Packing, requiresGradient: Bool = false) {
    precondition(value.rows == packing.rows, "a variable has as many rows as its packing")
    self.value = value
    self.packing = packing
    self.requiresGradient = requiresGradient
  }

  /// The value as the left operand of products in bfloat16, rounded once for all of them.
  func rounded(on backend: Backend) -> RoundedRows {
    if let roundedValue { return roundedValue }
    let rounded = backend.rounded(value)
    roundedValue = rounded
    return rounded
  }

  public var rows: Int { value.rows }
  public var width: Int { value.columns }

  /// Adds a gradient that one use of the variable contributes. The first is kept as it is, without a copy; later
  /// ones are added in place where nobody else holds that memory.
  func addGradient(_ contribution: Matrix, on backend: Backend) {
    guard var sum = gathered else {
      gathered = contribution
      return
    }
    gathered = nil
    let target = sum.isUnshared() ? sum : backend.matrix(sum.rows, sum.columns)
    backend.inBlocks(of: sum.count) { start, count in
      backend.kernels.add(target.pointer + start, sum.pointer + start, contribution.pointer + start, count)
    }
    gathered = target
  }

  /// The gathered gradient, which leaves the variable; nil when nothing that led to the loss used it.
  func takeGradient() -> Matrix? {
    defer { gathered = nil }
    return gathered
  }

  /// The gathered gradient of an input, after backward.
  public var gradient: Matrix? { gathered }
}
