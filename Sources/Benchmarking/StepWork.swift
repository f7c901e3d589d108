import Tensors

/// The arithmetic and the traffic that one training step cannot do without, counted from its shapes.
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
public struct StepWork: Codable, Equatable, Sendable {
  /// A linear layer of one shape.
  public struct Product: Codable, Equatable, Sendable {
    public let name: String
    public let rows: Int
    public let inputs: Int
    public let outputs: Int
    /// Layers of this shape.
    public let layers: Int
    public let hasInputGradient: Bool
    public let hasWeightGradient: Bool

    /// Of one layer in one of the forms.
    public var operations: Double { 2 * Double(rows) * Double(inputs) * Double(outputs) }

    var forms: Int { 1 + (hasInputGradient ? 1 : 0) + (hasWeightGradient ? 1 : 0) }
  }

  public let products: [Product]
  /// Floating-point operations of attention, forward and backward.
  public let attentionOperations: Double
  public let trainedParameters: Int

  /// Of the whole step, over all ranks.
  public var operations: Double {
    products.reduce(attentionOperations) { $0 + $1.operations * Double($1.layers * $1.forms) }
  }

  public func optimizerBytes(_ precision: Precision) -> Double {
    Double(trainedParameters) * (precision == .bfloat16 ? 32 : 28)
  }

  /// - Parameter lengths: tokens of each caption of the batch.
  public init(_ model: BenchmarkModel, lengths: [Int], trainedParameters: Int) {
    let (size, mapper) = (model.languageModel, model.configuration.model.clipCap.mapper)
    let isFrozen = model.kind == .frozen
    let (width, images) = (size.width, lengths.count)
    // The last token predicts nothing and does not enter.
    let sequences = lengths.map { model.prefixLength + $0 - 1 }
    let rows = sequences.reduce(0, +)
    let targets = lengths.reduce(0, +)
    var products: [Product] = []
    func add(
      _ name: String, rows: Int, _ inputs: Int, _ outputs: Int, layers: Int = 1, inputGradient: Bool = true,
      weightGradient: Bool = true
    ) {
      products.append(
        Product(
          name: name, rows: rows, inputs: inputs, outputs: outputs, layers: layers,
          hasInputGradient: inputGradient, hasWeightGradient: weightGradient))
    }

    var pairs = 0
    switch model.kind {
    case .frozen:
      let length = mapper.clipLength + mapper.prefixLength
      let mapperRows = images * length
      add(
        "mapper linear", rows: images, model.embeddingWidth, mapper.clipLength * width, inputGradient: false)
      add("mapper queries", rows: mapperRows, width, width, layers: mapper.layers)
      add("mapper keys, values", rows: mapperRows, width, 2 * width, layers: mapper.layers)
      add("mapper projection", rows: mapperRows, width, width, layers: mapper.layers)
      add("mapper expand", rows: mapperRows, width, 2 * width, layers: mapper.layers)
      add("mapper contract", rows: mapperRows, 2 * width, width, layers: mapper.layers)
      pairs += mapper.layers * images * length * length
    case .finetuned:
      let inner = width * mapper.prefixLength / 2
      add("mapper expand", rows: images, model.embeddingWidth, inner, inputGradient: false)
      add("mapper contract", rows: images, inner, width * mapper.prefixLength)
    case .languageModel: break
    }
    let blocks = [
      ("queries, keys, values", width, 3 * width), ("projection", width, width), ("expand", width, 4 * width),
      ("contract", 4 * width, width),
    ]
    for (name, inputs, outputs) in blocks {
      add(name, rows: rows, inputs, outputs, layers: size.layers, weightGradient: !isFrozen)
    }
    add("vocabulary", rows: targets, width, size.vocabularySize, weightGradient: !isFrozen)
    pairs += size.layers * sequences.reduce(0) { $0 + $1 * ($1 + 1) / 2 }

    self.products = products
    attentionOperations = 12 * Double(width) * Double(pairs)
    self.trainedParameters = trainedParameters
  }
}
