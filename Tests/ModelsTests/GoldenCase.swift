import Autograd
import FileFormats
import Foundation
import Models
import Support
import Tensors

/// One of the tiny models whose every number PyTorch and transformers have computed; see `Golden/make_golden.py`.
struct GoldenCase {
  let name: String
  let file: SafetensorsFile
  let model: ClipCap
  let arena: ParameterArena
  let backend: Backend

  static let names = [
    "mlp-finetune", "mlp-frozen", "transformer-finetune", "transformer-frozen", "language-model", "mlp-llama",
    "mlp-qwen2", "mlp-qwen3",
  ]

  struct Sizes: Decodable {
    let nLayer, nEmbd, nHead, nPositions, vocabSize, clipWidth, prefixLength, clipLength: Int
    let mapperLayers, mapperHeads, end, steps, beams: Int
    let learningRate, weightDecay, clipNorm: Double
  }
  let sizes: Sizes

  init(_ name: String, instructionSet: String? = nil, threads: Int = 2) throws {
    self.name = name
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
    file = try SafetensorsFile(path: folder.appendingPathComponent(name + ".safetensors").path)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    sizes = try decoder.decode(Sizes.self, from: Data((file.metadata["configuration"] ?? "").utf8))
    backend = try Backend(threads: threads, instructionSet: instructionSet)
    let mapper: MapperConfiguration? =
      if name.hasPrefix("mlp") {
        .mlp(prefixLength: sizes.prefixLength)
      } else if name.hasPrefix("transformer") {
        .transformer(
          prefixLength: sizes.prefixLength, clipLength: sizes.clipLength, layers: sizes.mapperLayers,
          heads: sizes.mapperHeads)
      } else {
        nil
      }
    let configuration = folder.appendingPathComponent(name + ".json").path
    let languageModel: any LanguageModelConfiguration =
      FileManager.default.fileExists(atPath: configuration)
      ? try LanguageModelFamilies.configuration(contentsOf: configuration)
      : GPT2Configuration(
        vocabularySize: sizes.vocabSize, positions: sizes.nPositions, width: sizes.nEmbd,
        layers: sizes.nLayer, heads: sizes.nHead)
    model = ClipCap(
      ClipCapConfiguration(mapper: mapper, embeddingWidth: sizes.clipWidth, languageModel: languageModel),
      startToken: Int32(sizes.end))
    let isFrozen = name.hasSuffix("frozen")
    arena = ParameterArena(
      model.parameters, isTrainable: { !isFrozen || $0.name.hasPrefix("clip_project") }, on: backend)
    for parameter in arena.parameters {
      try file.copyFloats(of: "weights/" + parameter.name, to: parameter.value.pointer)
    }
  }

  func expected(_ name: String) throws -> [Float] { try file.floats(of: "expected/" + name) }

  /// The golden batch, cut into lanes.
  func batch(lanes laneSizes: [Int] = [3, 3, 2, 3], ignoringZero: Bool = false) throws -> CaptionBatch {
    let lengths = try integers("batch/lengths")
    var tokens = try integers("batch/tokens")[...]
    let captions = lengths.map { length -> [Int32] in
      defer { tokens = tokens.dropFirst(length) }
      return tokens.prefix(length).map { Int32($0) } + (model.mapper == nil ? [Int32(sizes.end)] : [])
    }
    var embeddings: Matrix?
    if model.mapper != nil {
      let matrix = backend.matrix(lengths.count, sizes.clipWidth)
      try file.copyFloats(of: "batch/embeddings", to: matrix.pointer)
      embeddings = matrix
    }
    return CaptionBatch(
      embeddings: embeddings, captions: captions,
      weights: ignoringZero ? captions.map { $0.map { $0 == 0 ? 0 : 1 } } : nil, laneSizes: laneSizes,
      firstSample: 0)
  }

  func integers(_ name: String) throws -> [Int] { try file.array(name).integers() }
}
