import FileFormats
import Foundation
import Support

/// The size of a GPT-2 (Radford et al. 2019, table 2), under the names that Hugging Face's `config.json` has.
public struct GPT2Configuration: LanguageModelConfiguration {
  public var vocabularySize: Int
  public var positions: Int
  public var width: Int
  public var layers: Int
  public var heads: Int
  public var layerNormEpsilon: Double

  public init(
    vocabularySize: Int = 50257, positions: Int = 1024, width: Int = 768, layers: Int = 12, heads: Int = 12,
    layerNormEpsilon: Double = 1e-5
  ) {
    self.vocabularySize = vocabularySize
    self.positions = positions
    self.width = width
    self.layers = layers
    self.heads = heads
    self.layerNormEpsilon = layerNormEpsilon
  }

  /// The published sizes by their names on the hub: (width, layers, heads).
  public static let published: [String: (width: Int, layers: Int, heads: Int)] = [
    "gpt2": (768, 12, 12), "gpt2-medium": (1024, 24, 16), "gpt2-large": (1280, 36, 20),
    "gpt2-xl": (1600, 48, 25),
  ]

  /// ``JSON`` has them in snake case.
  private enum CodingKeys: String, CodingKey {
    case vocabularySize = "vocabSize"
    case positions = "nPositions"
    case width = "nEmbd"
    case layers = "nLayer"
    case heads = "nHead"
    case layerNormEpsilon
  }

  public static let modelTypes = ["gpt2"]
  public static let tokenTable = "wte.weight"

  public var modelType: String { "gpt2" }
  public var name: String { "GPT-2" }
  public var contextLength: Int { positions }
  public var takesGPT2Vocabulary: Bool { true }

  public func makeModel(prefix: String, dropout: Float) -> any LanguageModel {
    GPT2(self, name: prefix + "transformer.", dropout: dropout)
  }

  public static func role(ofWeight name: Substring) -> WeightRole? {
    let isBlocks = name.hasPrefix("h.")
    if isBlocks, name.hasSuffix(".attn.bias") || name.hasSuffix(".attn.masked_bias") { return .constant }
    return isBlocks || ["wpe.", "ln_f."].contains(where: { name.hasPrefix($0) }) ? .weight : nil
  }

  /// What a `config.json` says of sizes, and what else it may say that would make it another model.
  private struct File: Decodable {
    var vocabSize, nPositions, nEmbd, nLayer, nHead: Int?
    var layerNormEpsilon: Double?
    var modelType: String?
    var activationFunction: String?
    var scaleAttnWeights: Bool?
    var scaleAttnByInverseLayerIdx: Bool?
    var tieWordEmbeddings: Bool?
    var addCrossAttention: Bool?
    var nInner: Int?
  }

  /// What transformers calls the activation of GPT-2: both are the approximation by a hyperbolic tangent.
  private static let activations = ["gelu_new", "gelu_pytorch_tanh"]

  /// Reads a Hugging Face `config.json`. What it does not say is as in the published GPT-2, as transformers has it.
  /// - Throws: `Failure.badData` when it is unreadable or describes a model that is not GPT-2 as published.
  public init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure.badData("\(path) cannot be read; a Hugging Face GPT-2 directory has a config.json.")
    }
    guard let file = try? JSON.decoder().decode(File.self, from: data),
      file.modelType != nil || file.nEmbd != nil
    else {
      throw Failure.badData(
        "\(path) is not a GPT-2 configuration: it needs model_type gpt2 or n_embd, and vocab_size, n_positions, n_embd, "
          + "n_layer, n_head and layer_norm_epsilon as numbers where it has them; download the file again.")
    }
    let published = GPT2Configuration()
    self.init(
      vocabularySize: file.vocabSize ?? published.vocabularySize,
      positions: file.nPositions ?? published.positions,
      width: file.nEmbd ?? published.width, layers: file.nLayer ?? published.layers,
      heads: file.nHead ?? published.heads,
      layerNormEpsilon: file.layerNormEpsilon ?? published.layerNormEpsilon)
    let oddities: [(Bool, String)] = [
      (file.modelType.map { $0 != "gpt2" } ?? false, "model_type “\(file.modelType ?? "")”"),
      (
        file.activationFunction.map { !Self.activations.contains($0) } ?? false,
        "activation_function “\(file.activationFunction ?? "")”"
      ),
      (file.scaleAttnWeights == false, "scale_attn_weights false"),
      (file.scaleAttnByInverseLayerIdx == true, "scale_attn_by_inverse_layer_idx true"),
      (file.tieWordEmbeddings == false, "tie_word_embeddings false"),
      (file.addCrossAttention == true, "add_cross_attention true"),
      (file.nInner.map { $0 != 4 * width } ?? false, "n_inner \(file.nInner ?? 0)"),
    ]
    if let odd = oddities.first(where: \.0) {
      throw Failure.badData(
        "\(path) says \(odd.1), but Capstan trains GPT-2 as published (gelu_new or gelu_pytorch_tanh, tied embeddings, inner width "
          + "4 × n_embd); use such a model.")
    }
    try validate(source: path)
  }

  /// As a sentence has it after “of”.
  public var inWords: String {
    "\(layers) layers, width \(width), \(heads) heads, \(positions) positions and \(vocabularySize) tokens"
  }

  /// - Parameter source: what to name in an error.
  public func validate(source: String) throws {
    let sizes = [
      ("vocabulary", vocabularySize), ("positions", positions), ("width", width), ("layers", layers),
      ("heads", heads),
    ]
    if let bad = sizes.first(where: { $0.1 < 1 || $0.1 > 1 << 24 }) {
      throw Failure.badData(
        "\(source) gives a GPT-2 with \(bad.0) \(bad.1), but it must be at least 1; correct it.")
    }
    guard width % heads == 0 else {
      throw Failure.badData(
        "\(source) gives a GPT-2 of width \(width) with \(heads) heads, but the width must be a multiple of the "
          + "heads; change one of them.")
    }
  }

  /// The buffers that GPT-2's blocks had: which of the earlier positions each sees, [1, 1, positions, positions], and
  /// what the others' logits were set to.
  public func legacyBuffers(prefix: String) -> [ArrayEntry] {
    (0..<layers).flatMap { layer in
      let block = "\(prefix)transformer.h.\(layer).attn."
      return [
        ArrayEntry(name: block + "bias", shape: [1, 1, positions, positions], element: .uint8) { sink in
          for row in 0..<positions {
            try (0..<positions).map { UInt8($0 <= row ? 1 : 0) }.withUnsafeBytes(sink)
          }
        },
        ArrayEntry(name: block + "masked_bias", shape: [], floats: [-1e4]),
      ]
    }
  }

  public func writeConfigJSON(to path: String, endOfText: Int) throws {
    let object: [String: Any] = [
      "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "activation_function": "gelu_new",
      "vocab_size": vocabularySize, "n_positions": positions, "n_ctx": positions, "n_embd": width,
      "n_layer": layers, "n_head": heads, "layer_norm_epsilon": layerNormEpsilon, "initializer_range": 0.02,
      "bos_token_id": endOfText, "eos_token_id": endOfText, "tie_word_embeddings": true,
      "attn_pdrop": 0.1, "embd_pdrop": 0.1, "resid_pdrop": 0.1,
    ]
    try DurableFile.write(
      JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys]), to: path)
  }
}
