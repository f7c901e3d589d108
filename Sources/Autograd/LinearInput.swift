import Tensors

/// What linear layers take: the rows of a batch in the precision of products. In bfloat16 it has no float32 form: the
/// operation that makes it rounds it.
///
/// Where it is a ``Variable``'s value, ``Tape/input(_:)`` makes it of that.
public final class LinearInput: @unchecked Sendable {
  let rows: BatchRows
  /// Where the gradient gathers; nil where none is needed.
  let gradient: InputGradient?

  /// - Parameters:
  ///   - elements: [packing.rows, width].
  ///   - activation: that has made them.
  init(
    _ elements: BatchElements, packing: Packing, requiresGradient: Bool, activation: AppliedActivation? = nil,
    on backend: Backend
  ) {
    rows = BatchRows(elements, packing, on: backend)
    gradient =
      requiresGradient
      ? InputGradient(GradientSum(takesRounded: activation != nil), width: elements.columns, activation) : nil
  }

  /// A variable's value, whose gradient gathers there.
  fileprivate init(_ x: Variable, on backend: Backend) {
    rows = BatchRows(x.value, x.packing, on: backend)
    gradient = x.gradientSum.map { InputGradient($0, width: x.width, nil) }
  }

  public var packing: Packing { rows.packing }
  public var width: Int { rows.elements.columns }
  public var requiresGradient: Bool { gradient != nil }
}

extension Tape {
  /// A variable as what linear layers take, rounded once for all that take it.
  public func input(_ x: Variable) -> LinearInput { LinearInput(x, on: backend) }
}

/// An activation, and what its slope is computed from: in float32 what ``Activation/slopeTakesInput`` tells; where a
/// product in bfloat16 ended in it, what went in, but of ReLU what came out.
struct AppliedActivation {
  let function: Activation
  let known: BatchElements
}

/// The gradient of what linear layers take. Where an activation has made this, what gathers is the gradient of what went
/// into the activation. It keeps no more alive than that takes.
final class InputGradient {
  let sum: GradientSum
  private let width: Int
  private let activation: AppliedActivation?

  init(_ sum: GradientSum, width: Int, _ activation: AppliedActivation?) {
    self.sum = sum
    self.width = width
    self.activation = activation
  }

  /// Adds slopes · factor.
  func add(productOf slopes: BatchRows, _ factor: Factor, columnBlock: Int, on backend: Backend) {
    if case .rounded(let slopes) = slopes.elements, let activation, case .rounded(let kept) = activation.known
    {
      let dx = RoundedRows(rows: slopes.rows, columns: width, on: backend)
      backend.multiply(slopes, factor.packed, slopeOf: activation.function, at: kept, into: dx)
      sum.add(.rounded(dx), on: backend)
    } else {
      let dx = backend.matrix(slopes.packing.rows, width)
      backend.multiply(slopes, factor, into: dx, columnBlock: columnBlock)
      if let activation, case .exact(let known) = activation.known {
        backend.multiply(dx, bySlopeOf: activation.function, at: known, into: dx)
      }
      sum.add(.exact(dx), on: backend)
    }
  }

  /// Adds a gradient of what no activation has made.
  func add(_ dx: Matrix, on backend: Backend) {
    precondition(activation == nil, "the gradient of an activation's result is made by a product")
    sum.add(.exact(dx), on: backend)
  }
}
