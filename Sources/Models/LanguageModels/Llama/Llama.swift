import Autograd
import Layers
import Tensors

/// Llama (Touvron et al. 2023, section 2.2) and its kin, Qwen2 and Qwen3: pre-norm transformer blocks with RMS norms,
/// rotary positions, grouped queries and a gated feed-forward.
public final class Llama: LanguageModel {
  public let configuration: LlamaConfiguration
  /// [vocabulary, width]
  public let tokens: Parameter
  public let head: VocabularyProjection
  private let blocks: [Block]
  private let finalNorm: RMSNorm
  private let dropout: Float

  /// - Parameters:
  ///   - prefix: what stands before `model.embed_tokens.weight` in the state dict.
  ///   - dropout: for embeddings, attention and residuals alike, on tapes that drop at all.
  public init(_ configuration: LlamaConfiguration, prefix: String, dropout: Float) {
    self.configuration = configuration
    self.dropout = dropout
    func table(_ name: String) -> Parameter {
      Parameter(
        prefix + name, shape: [configuration.vocabularySize, configuration.width],
        LlamaConfiguration.initialization,
        isMatmulWeight: true)
    }
    tokens = table("model.embed_tokens.weight")
    head = VocabularyProjection(configuration.tiesHead ? tokens : table("lm_head.weight"))
    blocks = (0..<configuration.layers).map {
      Block(configuration, name: "\(prefix)model.layers.\($0).", dropout: dropout)
    }
    finalNorm = RMSNorm(
      prefix + "model.norm", width: configuration.width, epsilon: Float(configuration.normEpsilon))
  }

  public var contextLength: Int { configuration.contextLength }

  public var description: String { "\(configuration.name) of \(configuration.inWords)" }

  public var parameters: [Parameter] {
    (configuration.tiesHead ? [] : [tokens]) + blocks.flatMap(\.parameters) + finalNorm.parameters + [
      head.weight
    ]
  }

  public func hidden(
    _ sources: [InputRow], positions: [Int], prefix: Variable?, packing: Packing, cache: KeyValueCache?,
    on tape: Tape
  ) -> Variable {
    let embedded = tape.embed(
      sources, positions: positions, prefix: prefix, tokens: tokens, positionTable: nil, packing: packing)
    let rotation = RotaryPositions(
      headWidth: configuration.headWidth, count: (positions.max() ?? 0) + 1, base: configuration.rotaryBase,
      scaling: configuration.rotaryScaling)
    var x = tape.dropout(embedded, probability: dropout)
    for (layer, block) in blocks.enumerated() {
      x = tape.checkpointed(x) { x in
        let rotate = { tape.rotate($0, positions: positions, by: rotation) }
        return block(x, rotate: rotate, cache: cache, layer: layer, on: tape)
      }
    }
    cache?.advance(by: sources.count / packing.sequences)
    return x
  }

  public func normalized(_ x: Variable, on tape: Tape) -> LinearInput { tape.input(finalNorm(x, on: tape)) }

  public func makeCache(sequences: Int, on backend: Backend) -> KeyValueCache {
    KeyValueCache(
      sequences: sequences, layers: configuration.layers,
      width: configuration.keyHeads * configuration.headWidth,
      on: backend)
  }
}

/// One transformer block: x += attention(norm(x)); x += feedForward(norm(x)).
private struct Block: Sendable {
  let inputNorm: RMSNorm
  let queries: Linear
  let keys: Linear
  let values: Linear
  /// Qwen3's norms of each head's queries and keys.
  let headNorms: (queries: RMSNorm, keys: RMSNorm)?
  let output: Linear
  let attentionNorm: RMSNorm
  let feedForward: GatedFeedForward
  let heads: Int
  let dropout: Float

  init(_ configuration: LlamaConfiguration, name: String, dropout: Float) {
    let width = configuration.width
    func norm(_ part: String, _ width: Int) -> RMSNorm {
      RMSNorm(name + part, width: width, epsilon: Float(configuration.normEpsilon))
    }
    func linear(_ part: String, _ inputs: Int, _ outputs: Int, hasBias: Bool) -> Linear {
      Linear(
        name + part, inputs: inputs, outputs: outputs, hasBias: hasBias,
        initialization: LlamaConfiguration.initialization, biasInitialization: .zeros)
    }
    func projection(_ part: String, heads: Int) -> Linear {
      linear(
        "self_attn.\(part)_proj", width, heads * configuration.headWidth,
        hasBias: configuration.hasQueryKeyValueBias)
    }
    inputNorm = norm("input_layernorm", width)
    queries = projection("q", heads: configuration.heads)
    keys = projection("k", heads: configuration.keyHeads)
    values = projection("v", heads: configuration.keyHeads)
    headNorms =
      configuration.normalizesHeads
      ? (norm("self_attn.q_norm", configuration.headWidth), norm("self_attn.k_norm", configuration.headWidth))
      : nil
    output = linear(
      "self_attn.o_proj", configuration.heads * configuration.headWidth, width,
      hasBias: configuration.hasOutputBias)
    attentionNorm = norm("post_attention_layernorm", width)
    let inner = configuration.innerWidth
    feedForward = GatedFeedForward(
      gate: linear("mlp.gate_proj", width, inner, hasBias: configuration.hasFeedForwardBias),
      expand: linear("mlp.up_proj", width, inner, hasBias: configuration.hasFeedForwardBias),
      contract: linear("mlp.down_proj", inner, width, hasBias: configuration.hasFeedForwardBias))
    heads = configuration.heads
    self.dropout = dropout
  }

  var parameters: [Parameter] {
    inputNorm.parameters + queries.parameters + keys.parameters + values.parameters
      + (headNorms.map { $0.queries.parameters + $0.keys.parameters } ?? []) + output.parameters
      + attentionNorm.parameters + feedForward.parameters
  }

  /// - Parameter rotate: turns queries or keys by their positions.
  func callAsFunction(
    _ x: Variable, rotate: (Variable) -> Variable, cache: KeyValueCache?, layer: Int, on tape: Tape
  ) -> Variable {
    let normalized = tape.input(inputNorm(x, on: tape))
    var (queries, keys) = (queries(normalized, on: tape), keys(normalized, on: tape))
    let values = values(normalized, on: tape)
    if let headNorms {
      queries = headNorms.queries(queries, on: tape)
      keys = headNorms.keys(keys, on: tape)
    }
    let inputs = AttentionInputs(
      queries: AttentionView(rotate(queries)), keys: AttentionView(rotate(keys)),
      values: AttentionView(values))
    let attended =
      if let cache {
        tape.attention(inputs, heads: heads, cache: cache, layer: layer)
      } else {
        tape.attention(inputs, heads: heads, causal: true, dropout: dropout)
      }
    let x = output(attended, addedTo: x, dropout: dropout, on: tape)
    return feedForward(tape.input(attentionNorm(x, on: tape)), addedTo: x, dropout: dropout, on: tape)
  }
}
