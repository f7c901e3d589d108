import Autograd
import Foundation
import Support

/// The size of a Llama, a Qwen2 or a Qwen3, under the names that Hugging Face's `config.json` has.
public struct LlamaConfiguration: LanguageModelConfiguration {
  public enum Variant: String, Codable, CaseIterable, Sendable {
    case llama
    /// With a bias of queries, keys and values (Yang et al. 2024, section 2.1).
    case qwen2
    /// With norms of each head's queries and keys (Yang et al. 2025, section 2).
    case qwen3

    var name: String {
      switch self {
      case .llama: "Llama"
      case .qwen2: "Qwen2"
      case .qwen3: "Qwen3"
      }
    }
  }

  public var variant: Variant
  public var vocabularySize: Int
  public var width: Int
  /// Of the feed-forward's hidden layer.
  public var innerWidth: Int
  public var layers: Int
  public var heads: Int
  /// Heads of keys and values; each serves `heads / keyHeads` heads of queries.
  public var keyHeads: Int
  public var headWidth: Int
  public var contextLength: Int
  public var normEpsilon: Double
  public var rotaryBase: Double
  public var rotaryScaling: RotaryScaling?
  /// Whether the head is the table of token embeddings.
  public var tiesHead: Bool
  /// Whether the linear layers of attention have biases, beside what the variant says.
  public var hasAttentionBias: Bool
  public var hasFeedForwardBias: Bool

  /// ``JSON`` has them in snake case.
  private enum CodingKeys: String, CodingKey {
    case variant = "modelType"
    case vocabularySize = "vocabSize"
    case width = "hiddenSize"
    case innerWidth = "intermediateSize"
    case layers = "numHiddenLayers"
    case heads = "numAttentionHeads"
    case keyHeads = "numKeyValueHeads"
    case headWidth = "headDim"
    case contextLength = "maxPositionEmbeddings"
    case normEpsilon = "rmsNormEps"
    case rotaryBase = "ropeTheta"
    case rotaryScaling
    case tiesHead = "tieWordEmbeddings"
    case hasAttentionBias = "attentionBias"
    case hasFeedForwardBias = "mlpBias"
  }

  public static var modelTypes: [String] { Variant.allCases.map(\.rawValue) }
  public static let tokenTable = "embed_tokens.weight"

  /// Of every matrix, as transformers draws them.
  static let initialization = Initialization.normal(deviation: 0.02)

  public var modelType: String { variant.rawValue }
  public var name: String { variant.name }

  var hasQueryKeyValueBias: Bool { variant == .qwen2 || hasAttentionBias }
  var hasOutputBias: Bool { variant != .qwen2 && hasAttentionBias }
  var normalizesHeads: Bool { variant == .qwen3 }

  public func makeModel(prefix: String, dropout: Float) -> any LanguageModel {
    Llama(self, prefix: prefix, dropout: dropout)
  }

  public var inWords: String {
    let scaling = rotaryScaling.map { " with \($0)" } ?? ""
    return
      "\(layers) layers, width \(width) and \(innerWidth), \(heads) heads of width \(headWidth) over \(keyHeads) of keys, "
      + "rotary base \(rotaryBase)\(scaling), \(contextLength) positions and \(vocabularySize) tokens"
  }

  public static func role(ofWeight name: Substring) -> WeightRole? {
    if name == "norm.weight" { return .weight }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[0] == "layers", Int(parts[1]) != nil else { return nil }
    switch (parts[2], parts[3]) {
    case ("self_attn", "rotary_emb"): return .constant
    case ("self_attn", _), ("mlp", "gate_proj"), ("mlp", "up_proj"), ("mlp", "down_proj"),
      ("input_layernorm", _), ("post_attention_layernorm", _):
      return .weight
    default: return nil
    }
  }

  public func validate(source: String) throws {
    let sizes = [
      ("vocab_size", vocabularySize), ("hidden_size", width), ("intermediate_size", innerWidth),
      ("num_hidden_layers", layers), ("num_attention_heads", heads), ("num_key_value_heads", keyHeads),
      ("head_dim", headWidth), ("max_position_embeddings", contextLength),
    ]
    if let bad = sizes.first(where: { $0.1 < 1 || $0.1 > 1 << 24 }) {
      throw Failure.badData(
        "\(source) gives a \(name) with \(bad.0) \(bad.1), but it must be at least 1 and at most \(1 << 24); correct it."
      )
    }
    guard heads % keyHeads == 0, headWidth % 2 == 0 else {
      throw Failure.badData(
        "\(source) gives a \(name) of \(heads) heads of width \(headWidth) over \(keyHeads) of keys, but num_key_value_heads "
          + "must divide num_attention_heads and head_dim must be even; correct it.")
    }
    guard normEpsilon > 0, normEpsilon < 1, rotaryBase > 1, rotaryBase.isFinite else {
      throw Failure.badData(
        "\(source) gives a \(name) with rms_norm_eps \(normEpsilon) and rope_theta \(rotaryBase), but the first must be "
          + "between 0 and 1 and the second greater than 1; correct it.")
    }
    try rotaryScaling?.validate(source: source)
  }
}
