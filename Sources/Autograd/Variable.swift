import Tensors

/// A matrix on a tape: a value in float32, how its rows are packed, and the gradient that backward gathers for it. What
/// products alone take is a ``LinearInput``.
public final class Variable: @unchecked Sendable {
  /// [packing.rows, width]
  public let value: Matrix
  public let packing: Packing
  /// What its uses contribute to; nil where no gradient is needed. An operation whose backward hands gradients on
  /// without looking at this value keeps this alone.
  let gradientSum: GradientAccumulator?

  public convenience init(_ value: Matrix, packing: Packing, requiresGradient: Bool = false) {
    self.init(value, packing: packing, requiresGradient ? GradientAccumulator() : nil)
  }

  init(_ value: Matrix, packing: Packing, _ gradientSum: GradientAccumulator?) {
    precondition(value.rows == packing.rows, "a variable has as many rows as its packing")
    self.value = value
    self.packing = packing
    self.gradientSum = gradientSum
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
  public var gradient: Matrix? {
    guard case .exact(let gradient) = gradientSum?.gathered else { return nil }
    return gradient
  }
}

/// The gradient that backward gathers for a variable. It is apart from the value, which so goes back to the pool as
/// soon as nobody needs it.
final class GradientAccumulator {
  /// Whether products alone take it, so that who makes it may round it.
  let takesRounded: Bool
  private(set) var gathered: BatchElements?

  init(takesRounded: Bool = false) { self.takesRounded = takesRounded }

  func add(_ contribution: Matrix, on backend: Backend) { add(.exact(contribution), on: backend) }

  /// Adds a contribution. The first is kept as it is, without a copy; later ones are added in place where nobody
  /// else holds that memory.
  func add(_ contribution: BatchElements, on backend: Backend) {
    guard var sum = takeMatrix(on: backend) else {
      gathered = contribution
      return
    }
    let target = sum.isUnshared() ? sum : backend.matrix(sum.rows, sum.columns)
    backend.add(sum, contribution.matrix(on: backend), into: target)
    gathered = .exact(target)
  }

  /// Adds a contribution that `add` writes onto what was gathered before, if anything was. The sum may be the same memory.
  func add(
    rows: Int, columns: Int, on backend: Backend, _ add: (_ gathered: Matrix?, _ sum: Matrix) -> Void
  ) {
    var former = takeMatrix(on: backend)
    let sum = former?.isUnshared() == true ? former : nil
    let target = sum ?? backend.matrix(rows, columns)
    add(former, target)
    gathered = .exact(target)
  }

  /// The gathered gradient, which leaves; nil when nothing that led to the loss used the variable.
  func take() -> BatchElements? {
    defer { gathered = nil }
    return gathered
  }

  private func takeMatrix(on backend: Backend) -> Matrix? { take()?.matrix(on: backend) }
}
