import Autograd
import FileFormats
import Foundation
import Models
import Tensors

@testable import Captioning

/// A golden model of `Tests/ModelsTests`, which PyTorch made, and what it captions.
struct GoldenModel {
  struct Sizes: Decodable {
    let nLayer, nEmbd, nHead, nPositions, vocabSize: Int
    let clipWidth, prefixLength, clipLength, mapperLayers, mapperHeads: Int
    let end, steps, beams: Int
  }

  let sizes: Sizes
  let images: Int
  private let file: SafetensorsFile
  private let backend: Backend
  private let model: ClipCap
  private let embeddings: Matrix
  /// Keeps the weights.
  private let arena: ParameterArena

  init(_ name: String) throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    file = try SafetensorsFile(path: tests.path + "/ModelsTests/Golden/\(name).safetensors")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    sizes = try decoder.decode(Sizes.self, from: Data((file.metadata["configuration"] ?? "").utf8))
    backend = try Backend(threads: 2)
    let mapper: any MappingNetwork =
      name.hasPrefix("mlp")
      ? MLPMapper(embeddingWidth: sizes.clipWidth, prefixLength: sizes.prefixLength, width: sizes.nEmbd)
      : TransformerMapper(
        embeddingWidth: sizes.clipWidth, prefixLength: sizes.prefixLength, clipLength: sizes.clipLength,
        layers: sizes.mapperLayers, heads: sizes.mapperHeads, width: sizes.nEmbd)
    let configuration = tests.path + "/ModelsTests/Golden/\(name).json"
    let size: any LanguageModelConfiguration =
      FileManager.default.fileExists(atPath: configuration)
      ? try LanguageModelFamilies.configuration(contentsOf: configuration)
      : GPT2Configuration(
        vocabularySize: sizes.vocabSize, positions: sizes.nPositions, width: sizes.nEmbd,
        layers: sizes.nLayer, heads: sizes.nHead)
    model = ClipCap(
      mapper: mapper, languageModel: size.makeModel(prefix: "gpt.", dropout: 0.1),
      startToken: Int32(sizes.end))
    arena = ParameterArena(model.parameters, isTrainable: { _ in false }, on: backend)
    for parameter in arena.parameters {
      try file.copyFloats(of: "weights/" + parameter.name, to: parameter.value.pointer)
    }
    images = try file.shape(of: "batch/embeddings")[0]
    embeddings = backend.matrix(images, sizes.clipWidth)
    try file.copyFloats(of: "batch/embeddings", to: embeddings.pointer)
  }

  var end: StopCondition { StopCondition(tokens: [Int32(sizes.end)], maxTokens: sizes.steps) }

  func batch() -> DecodingBatch {
    DecodingBatch(model, embeddings: embeddings, on: backend)
  }

  func floats(_ name: String) throws -> [Float] { try file.floats(of: name) }

  /// Rows of token ids that are filled up with -1.
  func captions(_ name: String) throws -> [[Int32]] {
    let ids = try file.array(name).integers().map { Int32($0) }
    return stride(from: 0, to: ids.count, by: sizes.steps).map {
      Array(ids[$0..<$0 + sizes.steps].prefix { $0 >= 0 })
    }
  }
}
