import Tensors

/// Whether a weight stands as `torch.nn.Linear` keeps it, [outputs, inputs], or as GPT-2's Conv1D does, [inputs,
/// outputs].
public enum WeightLayout: Sendable {
  case outputsByInputs, inputsByOutputs
}

/// A weight, or some of its rows, as the right operand of a product: as it stands or transposed.
public struct WeightOperand {
  private let weight: Parameter
  private let isTransposed: Bool
  private let form: MatmulForm
  /// Of the operand, transposed or not: the inner dimension.
  let rows: Range<Int>

  /// The factor that makes outputs of inputs.
  public init(_ weight: Parameter, _ layout: WeightLayout) {
    self.init(weight, isTransposed: layout == .outputsByInputs, .forward)
  }

  private init(_ weight: Parameter, isTransposed: Bool, _ form: MatmulForm) {
    self.weight = weight
    self.isTransposed = isTransposed
    self.form = form
    rows = 0..<(isTransposed ? weight.value.columns : weight.value.rows)
  }

  private init(_ whole: WeightOperand, rows: Range<Int>) {
    weight = whole.weight
    isTransposed = whole.isTransposed
    form = whole.form
    self.rows = rows
  }

  /// The factor that makes gradients of inputs of those of outputs.
  public var transposed: WeightOperand { WeightOperand(weight, isTransposed: !isTransposed, .inputGradient) }

  /// Some rows, the first of which is a multiple of 32.
  func rows(_ rows: Range<Int>) -> WeightOperand { WeightOperand(self, rows: rows) }

  /// In float32.
  var operand: Operand {
    let operand = weight.value.operand()
    return (isTransposed ? operand.transposed : operand).from(row: rows.lowerBound, column: 0)
  }

  /// Has a dry backend take note of a product of so many rows with it.
  func count(rows: Int, in counter: OperationCounter?) {
    let columns = isTransposed ? weight.rows : weight.columns
    let isForward = form == .forward
    counter?.countProduct(
      form, with: weight.name, rows: rows, inputs: isForward ? self.rows.count : columns,
      outputs: isForward ? columns : self.rows.count)
  }

  /// All of it in bfloat16.
  var packed: PackedBF16Panels {
    guard let packed = weight.packed else { preconditionFailure("\(weight.name) is no factor of products") }
    return isTransposed ? packed.transposed : packed.straight
  }
}
