import Autograd
import Layers

/// Turns an image embedding into a prefix: vectors in a language model's embedding space (Mokady et al. 2021, section 3.1).
public protocol MappingNetwork: Sendable {
  /// Rows of the prefix.
  var prefixLength: Int { get }
  /// In order of use.
  var parameters: [Parameter] { get }
  /// embeddings: [images, embedding width] → [images · prefixLength, width]
  func callAsFunction(_ embeddings: Variable, on tape: Tape) -> Variable
}

/// One linear layer: what ClipCap's `predict.py` has in place of its MLP for prefixes of more than 10 rows.
public struct LinearMapper: MappingNetwork {
  public let prefixLength: Int
  private let linear: Linear

  public init(embeddingWidth: Int, prefixLength: Int, width: Int) {
    self.prefixLength = prefixLength
    linear = Linear("clip_project", inputs: embeddingWidth, outputs: width * prefixLength)
  }

  public var parameters: [Parameter] { linear.parameters }

  public func callAsFunction(_ embeddings: Variable, on tape: Tape) -> Variable {
    tape.unfoldRows(linear(tape.input(embeddings), on: tape), pieces: prefixLength)
  }
}

/// Linear, tanh, linear.
public struct MLPMapper: MappingNetwork {
  public let prefixLength: Int
  private let layers: FeedForward

  public init(embeddingWidth: Int, prefixLength: Int, width: Int) {
    self.prefixLength = prefixLength
    let inner = width * prefixLength / 2
    layers = FeedForward(
      expand: Linear("clip_project.model.0", inputs: embeddingWidth, outputs: inner), .tanh,
      contract: Linear("clip_project.model.2", inputs: inner, outputs: width * prefixLength))
  }

  public var parameters: [Parameter] { layers.parameters }

  public func callAsFunction(_ embeddings: Variable, on tape: Tape) -> Variable {
    tape.unfoldRows(layers(tape.input(embeddings), on: tape), pieces: prefixLength)
  }
}

/// A transformer over the embedding, cut into `clipLength` rows, and a learned constant whose rows become the prefix.
public struct TransformerMapper: MappingNetwork {
  public let prefixLength: Int
  private let clipLength: Int
  private let linear: Linear
  private let constant: Parameter
  private let blocks: [MapperBlock]

  public init(
    embeddingWidth: Int, prefixLength: Int, clipLength: Int, layers: Int, heads: Int, width: Int
  ) {
    self.prefixLength = prefixLength
    self.clipLength = clipLength
    linear = Linear("clip_project.linear", inputs: embeddingWidth, outputs: clipLength * width)
    constant = Parameter("clip_project.prefix_const", shape: [prefixLength, width], .normal(deviation: 1))
    blocks = (0..<layers).map {
      MapperBlock("clip_project.transformer.layers.\($0).", width: width, heads: heads)
    }
  }

  public var parameters: [Parameter] { linear.parameters + [constant] + blocks.flatMap(\.parameters) }

  public func callAsFunction(_ embeddings: Variable, on tape: Tape) -> Variable {
    let clip = tape.unfoldRows(linear(tape.input(embeddings), on: tape), pieces: clipLength)
    var x = tape.appendConstantRows(clip, constant)
    for block in blocks { x = tape.checkpointed(x) { block($0, on: tape) } }
    let last = (0..<x.packing.sequences).flatMap { x.packing.rows(ofSequence: $0).suffix(prefixLength) }
    return tape.gatherRows(x, last, packing: x.packing.with(length: prefixLength))
  }
}

/// A pre-norm block without mask: no bias on queries, keys and values; ReLU; inner width twice the width.
private struct MapperBlock: Sendable {
  let firstNorm: LayerNorm
  let queries: Linear
  let keysValues: Linear
  let projection: Linear
  let secondNorm: LayerNorm
  let feedForward: FeedForward
  let heads: Int

  init(_ name: String, width: Int, heads: Int) {
    firstNorm = LayerNorm(name + "norm1", width: width)
    queries = Linear(name + "attn.to_queries", inputs: width, outputs: width, hasBias: false)
    keysValues = Linear(name + "attn.to_keys_values", inputs: width, outputs: 2 * width, hasBias: false)
    projection = Linear(name + "attn.project", inputs: width, outputs: width)
    secondNorm = LayerNorm(name + "norm2", width: width)
    feedForward = FeedForward(
      expand: Linear(name + "mlp.fc1", inputs: width, outputs: 2 * width), .relu,
      contract: Linear(name + "mlp.fc2", inputs: 2 * width, outputs: width))
    self.heads = heads
  }

  var parameters: [Parameter] {
    firstNorm.parameters + queries.parameters + keysValues.parameters + projection.parameters
      + secondNorm.parameters + feedForward.parameters
  }

  func callAsFunction(_ x: Variable, on tape: Tape) -> Variable {
    let normed = firstNorm(x, on: tape)
    let attended = tape.attention(
      .separate(queries: queries(normed, on: tape), keysValues: keysValues(normed, on: tape)), heads: heads,
      causal: false)
    let x = projection(attended, addedTo: x, on: tape)
    return feedForward(secondNorm(x, on: tape), addedTo: x, on: tape)
  }
}
