import Tensors

/// A matrix on a tape: a value, how its rows are packed, and the gradient that backward gathers for it.
public final class Variable: @unchecked Sendable {
  /// [packing.rows, width]
  public let value: Matrix
  public let packing: Packing
  /// What its uses contribute to; nil where no gradient is needed. An operation whose backward hands gradients on
  /// without looking at this value keeps this alone.
  let gradientSum: GradientSum?
  private var preparedRows: BatchRows?

  public init(_ value: Matrix, packing: Packing, requiresGradient: Bool = false) {
    precondition(value.rows == packing.rows, "a variable has as many rows as its packing")
    self.value = value
    self.packing = packing
    gradientSum = requiresGradient ? GradientSum() : nil
  }

  /// The value as an operand of products, prepared once for all of them.
  func batchRows(on backend: Backend) -> BatchRows {
    if let preparedRows { return preparedRows }
    let prepared = BatchRows(value, packing, on: backend)
    preparedRows = prepared
    return prepared
  }

  public var rows: Int { value.rows }
  public var width: Int { value.columns }

  /// False for inputs and for whatever depends on frozen parameters alone: no gradient is computed for it.
  public var requiresGradient: Bool { gradientSum != nil }

  /// Adds a gradient that one use of the variable contributes, where one is needed.
  func addGradient(_ contribution: Matrix, on backend: Backend) {
    gradientSum?.add(contribution, on: backend)
  }

  /// The gathered gradient of an input, after backward.
  public var gradient: Matrix? { gradientSum?.gathered }
}

/// The gradient that backward gathers for a variable. It is apart from the value, which so goes back to the pool as
/// soon as nobody needs it.
final class GradientSum {
  private(set) var gathered: Matrix?

  /// Adds a contribution. The first is kept as it is, without a copy; later ones are added in place where nobody
  /// else holds that memory.
  func add(_ contribution: Matrix, on backend: Backend) {
    guard var sum = take() else {
      gathered = contribution
      return
    }
    let target = sum.isUnshared() ? sum : backend.matrix(sum.rows, sum.columns)
    backend.add(sum, contribution, into: target)
    gathered = target
  }

  /// The gathered gradient, which leaves; nil when nothing that led to the loss used the variable.
  func take() -> Matrix? {
    defer { gathered = nil }
    return gathered
  }
}
