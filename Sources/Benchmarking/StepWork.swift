import Tensors
import Training

/// The arithmetic and the traffic that one training step cannot do without, counted in a ``DryPass`` over the whole batch.
///
/// - A linear layer costs 2 · rows · inputs · outputs forward, and as much again for its input's gradient and for its
///   weight's: × 3 where it is trained, × 2 where it is frozen and passes a gradient on or where it is trained on an
///   input that needs none.
/// - Attention costs 4 · width for each pair of a query and a key that it sees (scores and the weighted sum), and
///   twice that backward (queries, keys, values and probabilities).
/// - The vocabulary's projection counts as a linear layer over the rows that have a target.
/// - The optimizer reads a parameter's gradient, reads and writes its value and both moments (28 bytes), and writes
///   both packed forms of bfloat16 (4 more).
///
/// Layer norms, activations and the softmax are not counted.
public struct StepWork: Equatable, Sendable {
  /// Linear layers of one shape whose weights' names differ in numbers alone.
  public struct Product: Equatable, Sendable {
    /// The weights' name, with asterisks for numbers: “gpt.transformer.h.*.attn.c_attn”.
    public let name: String
    public let rows: Int
    public let inputs: Int
    public let outputs: Int
    public let forms: [MatmulForm]
    public fileprivate(set) var layers = 1

    init(_ product: OperationCounter.Product) {
      let parts = product.weight.split(separator: ".")
      let names = parts.last == "weight" ? parts.dropLast() : parts[...]
      name = names.map { Int($0) == nil ? String($0) : "*" }.joined(separator: ".")
      (rows, inputs, outputs) = (product.rows, product.inputs, product.outputs)
      forms = MatmulForm.allCases.filter { product.operations[$0] != nil }
    }

    /// Of one layer in one of the forms.
    public var operations: Double { 2 * Double(rows) * Double(inputs) * Double(outputs) }

    func isLike(_ other: Product) -> Bool {
      (name, rows, inputs, outputs) == (other.name, other.rows, other.inputs, other.outputs)
        && forms == other.forms
    }
  }

  /// In the order of the step's forward.
  public let products: [Product]
  /// Floating-point operations of the whole step, over all ranks.
  public let operations: Double
  public let trainedParameters: Int

  public func optimizerBytes(_ precision: Precision) -> Double {
    Double(trainedParameters) * (precision == .bfloat16 ? 32 : 28)
  }

  /// - Parameter lengths: tokens of each caption of the batch.
  /// - Throws: `Failure` for a model that cannot be.
  public init(_ model: BenchmarkModel, lengths: [Int]) throws {
    let pass = try DryPass(
      model.configuration, model.modelConfiguration, lengths: lengths, lanes: 1,
      embeddingWidth: model.embeddingWidth, precision: .float32)
    var products: [Product] = []
    for product in pass.operations.products.map(Product.init) {
      if let index = products.firstIndex(where: product.isLike) {
        products[index].layers += 1
      } else {
        products.append(product)
      }
    }
    self.products = products
    operations = pass.operations.total
    trainedParameters = pass.arena.trainableParameters.reduce(0) { $0 + $1.count }
  }
}
