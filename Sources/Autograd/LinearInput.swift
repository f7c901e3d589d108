import Tensors

/// What linear layers take: the rows of a batch in the precision of products. In bfloat16 it has no float32 form: the
/// operation that makes it rounds it.
///
/// Where it is a ``Variable``'s value, ``Tape/input(_:)`` makes it of that.
public final class LinearInput: @unchecked Sendable {
  let rows: MatmulInput
  /// Where the gradient gathers; nil where none is needed.
  let gradient: InputGradient?

  /// - Parameters:
  ///   - elements: [packing.rows, width].
  ///   - activation: that has made them.
  init(
    _ elements: BatchElements, packing: Packing, requiresGradient: Bool, activation: AppliedActivation? = nil,
    on backend: Backend
  ) {
    rows = MatmulInput(elements, packing, on: backend)
    gradient =
      requiresGradient
      ? InputGradient(
        GradientAccumulator(takesRounded: activation != nil), width: elements.columns, activation) : nil
  }

  /// A variable's value, whose gradient gathers there.
  fileprivate init(_ x: Variable, on backend: Backend) {
    rows = MatmulInput(x.value, x.packing, on: backend)
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
  let sum: GradientAccumulator
  private let width: Int
  private let activation: AppliedActivation?

  init(_ sum: GradientAccumulator, width: Int, _ activation: AppliedActivation?) {
    self.sum = sum
    self.width = width
    self.activation = activation
  }

  /// Adds outputGradient · factor.
  func add(
    productOf outputGradient: MatmulInput, _ factor: WeightOperand, columnBlock: Int, on backend: Backend
  ) {
    if case .rounded(let outputGradient) = outputGradient.elements, let activation,
      case .rounded(let kept) = activation.known
    {
      factor.count(rows: outputGradient.rows, in: backend.operations)
      let dx = BF16Rows(rows: outputGradient.rows, columns: width, on: backend)
      backend.multiply(outputGradient, factor.packed, slopeOf: activation.function, at: kept, into: dx)
      sum.add(.rounded(dx), on: backend)
    } else {
      let dx = backend.matrix(outputGradient.packing.rows, width)
      backend.multiply(outputGradient, factor, into: dx, columnBlock: columnBlock)
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
