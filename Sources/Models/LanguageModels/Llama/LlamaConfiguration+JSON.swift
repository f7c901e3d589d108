import Autograd
import Foundation
import Support

extension LlamaConfiguration {
  /// What a `config.json` says, in the spellings of transformers before version 5 and since.
  private struct File: Decodable {
    let modelType: Variant
    let vocabSize, hiddenSize, intermediateSize, numHiddenLayers, numAttentionHeads: Int
    let numKeyValueHeads, headDim, maxPositionEmbeddings: Int?
    let rmsNormEps, ropeTheta: Double?
    let ropeScaling, ropeParameters: Rotary?
    let tieWordEmbeddings, attentionBias, mlpBias, useSlidingWindow: Bool?
    let hiddenAct: String?
    let layerTypes: [String]?
  }

  /// `rope_parameters` of transformers 5, or `rope_scaling` of those before.
  private struct Rotary: Codable {
    var ropeTheta: Double?
    var ropeType: String?
    var type: String?
    var factor, lowFreqFactor, highFreqFactor: Double?
    var originalMaxPositionEmbeddings: Int?

    func scaling(_ path: String) throws -> RotaryScaling? {
      switch (
        ropeType ?? type ?? "default", factor, lowFreqFactor, highFreqFactor, originalMaxPositionEmbeddings
      ) {
      case ("default", _, _, _, _): return nil
      case ("linear", let factor?, _, _, _): return .linear(factor: factor)
      case ("llama3", let factor?, let low?, let high?, let length?):
        return .llama3(factor: factor, lowFrequency: low, highFrequency: high, originalLength: length)
      default:
        throw Failure.badData(
          "\(path) scales rotary positions as “\((ropeType ?? type ?? "").printableLine(longest: 40))”, but Capstan reads "
            + "default, linear with its factor, and llama3 with its four numbers; use such a model.")
      }
    }
  }

  public init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure.badData("\(path) cannot be read; a Hugging Face model directory has a config.json.")
    }
    let file: File
    do { file = try JSON.decoder().decode(File.self, from: data) } catch {
      throw Failure.badData(
        "\(path) is no configuration of a Llama, Qwen2 or Qwen3: it needs model_type, vocab_size, hidden_size, "
          + "intermediate_size, num_hidden_layers and num_attention_heads, and numbers where numbers belong; download the "
          + "file again.")
    }
    let oddities: [(Bool, String)] = [
      (file.hiddenAct.map { $0 != "silu" } ?? false, "hidden_act “\(file.hiddenAct ?? "")”"),
      (file.useSlidingWindow == true, "use_sliding_window true"),
      (
        file.layerTypes.map { !$0.allSatisfy { $0 == "full_attention" } } ?? false,
        "layer_types other than full_attention"
      ),
    ]
    if let odd = oddities.first(where: \.0) {
      throw Failure.badData(
        "\(path) says \(odd.1), but Capstan computes SiLU and attention over all positions; use such a model."
      )
    }
    let variant = file.modelType
    guard let keyHeads = file.numKeyValueHeads ?? (variant == .llama ? file.numAttentionHeads : nil) else {
      throw Failure.badData(
        "\(path) has no num_key_value_heads, which a \(variant.name) needs; download it again.")
    }
    guard file.headDim != nil || file.numAttentionHeads > 0 && file.hiddenSize % file.numAttentionHeads == 0
    else {
      throw Failure.badData(
        "\(path) has the hidden_size \(file.hiddenSize), which \(file.numAttentionHeads) num_attention_heads do not divide, "
          + "and no head_dim; correct it.")
    }
    let rotary = file.ropeParameters ?? file.ropeScaling
    self.init(
      variant: variant, vocabularySize: file.vocabSize, width: file.hiddenSize,
      innerWidth: file.intermediateSize,
      layers: file.numHiddenLayers, heads: file.numAttentionHeads, keyHeads: keyHeads,
      headWidth: file.headDim ?? (variant == .qwen3 ? 128 : file.hiddenSize / file.numAttentionHeads),
      contextLength: file.maxPositionEmbeddings ?? (variant == .llama ? 2048 : 32768),
      normEpsilon: file.rmsNormEps ?? 1e-6, rotaryBase: rotary?.ropeTheta ?? file.ropeTheta ?? 10_000,
      rotaryScaling: try rotary?.scaling(path), tiesHead: file.tieWordEmbeddings ?? false,
      hasAttentionBias: variant != .qwen2 && file.attentionBias == true,
      hasFeedForwardBias: variant == .llama && file.mlpBias == true)
    try validate(source: path)
  }

  public func writeConfigJSON(to path: String, endOfText: Int) throws {
    var rotary = Rotary(ropeTheta: rotaryBase, ropeType: "default")
    switch rotaryScaling {
    case nil: break
    case .linear(let factor):
      rotary.ropeType = "linear"
      rotary.factor = factor
    case .llama3(let factor, let low, let high, let length):
      rotary.ropeType = "llama3"
      (rotary.factor, rotary.lowFreqFactor, rotary.highFreqFactor) = (factor, low, high)
      rotary.originalMaxPositionEmbeddings = length
    }
    struct Written: Encodable {
      let architectures: [String]
      let modelType: Variant
      let vocabSize, hiddenSize, intermediateSize, numHiddenLayers, numAttentionHeads, numKeyValueHeads: Int
      let headDim, maxPositionEmbeddings: Int
      let rmsNormEps, ropeTheta: Double
      let ropeParameters: Rotary
      /// What transformers before version 5 reads.
      let ropeScaling: Rotary?
      let tieWordEmbeddings, attentionBias, mlpBias: Bool
      var hiddenAct = "silu"
      var initializerRange = 0.02
      let bosTokenId, eosTokenId: Int
    }
    let file = Written(
      architectures: ["\(name)ForCausalLM"], modelType: variant, vocabSize: vocabularySize, hiddenSize: width,
      intermediateSize: innerWidth, numHiddenLayers: layers, numAttentionHeads: heads,
      numKeyValueHeads: keyHeads,
      headDim: headWidth, maxPositionEmbeddings: contextLength, rmsNormEps: normEpsilon,
      ropeTheta: rotaryBase,
      ropeParameters: rotary, ropeScaling: rotaryScaling == nil ? nil : rotary, tieWordEmbeddings: tiesHead,
      attentionBias: hasQueryKeyValueBias, mlpBias: hasFeedForwardBias, bosTokenId: endOfText,
      eosTokenId: endOfText)
    try DurableFile.write(JSON.encoder().encode(file), to: path)
  }
}
