import Autograd
import Layers
import Tensors

/// GPT-2 (Radford et al. 2019, section 2.3): pre-norm transformer blocks, learned positions, a head tied to the token
/// embeddings.
public final class GPT2: LanguageModel {
  public let configuration: GPT2Configuration
  /// [vocabulary, width]
  public let tokens: Parameter
  /// [positions, width]
  public let positions: Parameter
  private let blocks: [Block]
  private let finalNorm: LayerNorm
  private let dropout: Float

  /// - Parameters:
  ///   - name: what stands before `wte.weight` in the state dict, for example `gpt.transformer.`.
  ///   - dropout: for embeddings, attention and residuals alike, on tapes that drop at all.
  public init(_ configuration: GPT2Configuration, name: String, dropout: Float) {
    self.configuration = configuration
    self.dropout = dropout
    let small = Initialization.normal(deviation: 0.02)
    tokens = Parameter(
      name + "wte.weight", shape: [configuration.vocabularySize, configuration.width], small,
      isMatmulWeight: true)
    positions = Parameter(name + "wpe.weight", shape: [configuration.positions, configuration.width], small)
    blocks = (0..<configuration.layers).map {
      Block(configuration, name: "\(name)h.\($0).", dropout: dropout)
    }
    finalNorm = LayerNorm(
      name + "ln_f", width: configuration.width, epsilon: Float(configuration.layerNormEpsilon))
  }

  /// In order of first use as a weight: the token table comes last, with the head that is tied to it.
  public var parameters: [Parameter] {
    [positions] + blocks.flatMap(\.parameters) + finalNorm.parameters + [tokens]
  }

  public var head: VocabularyProjection { VocabularyProjection(tokens) }

  public var contextLength: Int { configuration.positions }

  public var description: String { "\(configuration.name) of \(configuration.inWords)" }

  public func hidden(
    _ sources: [InputRow], positions: [Int], prefix: Variable?, packing: Packing, cache: KeyValueCache?,
    on tape: Tape
  ) -> Variable {
    let embedded = tape.embed(
      sources, positions: positions, prefix: prefix, tokens: tokens, positionTable: self.positions,
      packing: packing)
    var x = tape.dropout(embedded, probability: dropout)
    for (layer, block) in blocks.enumerated() {
      x = tape.checkpointed(x) { block($0, cache: cache, layer: layer, on: tape) }
    }
    cache?.advance(by: sources.count / packing.sequences)
    return x
  }

  public func normalized(_ x: Variable, on tape: Tape) -> LinearInput { finalNorm(x, on: tape) }

  public func makeCache(sequences: Int, on backend: Backend) -> KeyValueCache {
    KeyValueCache(
      sequences: sequences, layers: configuration.layers, width: configuration.width, on: backend)
  }
}

/// One transformer block: x += attention(norm(x)); x += feedForward(norm(x)).
private struct Block: Sendable {
  let firstNorm: LayerNorm
  let joint: Linear
  let projection: Linear
  let secondNorm: LayerNorm
  let feedForward: FeedForward
  let heads: Int
  let dropout: Float

  init(_ configuration: GPT2Configuration, name: String, dropout: Float) {
    let width = configuration.width
    let epsilon = Float(configuration.layerNormEpsilon)
    /// Residual projections start smaller by the root of their number (Radford et al. 2019, section 2.3).
    let residual = 0.02 / Double(2 * configuration.layers).squareRoot()
    func linear(_ part: String, _ inputs: Int, _ outputs: Int, _ deviation: Double) -> Linear {
      Linear(
        name + part, inputs: inputs, outputs: outputs, layout: .inputsByOutputs,
        initialization: .normal(deviation: deviation), biasInitialization: .zeros)
    }
    firstNorm = LayerNorm(name + "ln_1", width: width, epsilon: epsilon)
    joint = linear("attn.c_attn", width, 3 * width, 0.02)
    projection = linear("attn.c_proj", width, width, residual)
    secondNorm = LayerNorm(name + "ln_2", width: width, epsilon: epsilon)
    feedForward = FeedForward(
      expand: linear("mlp.c_fc", width, 4 * width, 0.02), .gelu,
      contract: linear("mlp.c_proj", 4 * width, width, residual))
    heads = configuration.heads
    self.dropout = dropout
  }

  var parameters: [Parameter] {
    firstNorm.parameters + joint.parameters + projection.parameters + secondNorm.parameters
      + feedForward.parameters
  }

  func callAsFunction(_ x: Variable, cache: KeyValueCache?, layer: Int, on tape: Tape) -> Variable {
    let joined = joint(firstNorm(x, on: tape), on: tape)
    let attended =
      if let cache {
        tape.attention(.joint(joined), heads: heads, cache: cache, layer: layer)
      } else {
        tape.attention(.joint(joined), heads: heads, causal: true, dropout: dropout)
      }
    let x = projection(attended, addedTo: x, dropout: dropout, on: tape)
    return feedForward(secondNorm(x, on: tape), addedTo: x, dropout: dropout, on: tape)
  }
}
