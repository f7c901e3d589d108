import Autograd
import Foundation
import Models
import Storage
import Tensors
import Testing

@testable import Captioning

/// Captions of the golden models of `Tests/ModelsTests`, which PyTorch made.
@Suite struct GoldenDecodingTests {
  private struct Sizes: Decodable {
    let n_layer, n_embd, n_head, n_positions, vocab_size: Int
    let clip_width, prefix_length, clip_length, mapper_layers, mapper_heads: Int
    let end, steps, beams: Int
  }

  @Test(arguments: ["mlp-finetune", "mlp-frozen", "transformer-finetune", "transformer-frozen"])
  func captionsArePyTorchs(name: String) throws {
    let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = try SafetensorsFile(path: golden.path + "/ModelsTests/Golden/\(name).safetensors")
    let sizes = try JSONDecoder().decode(Sizes.self, from: Data((file.metadata["configuration"] ?? "").utf8))
    let backend = try Backend(threads: 2)
    let mapper: any MappingNetwork =
      name.hasPrefix("mlp")
      ? MLPMapper(embeddingWidth: sizes.clip_width, prefixLength: sizes.prefix_length, width: sizes.n_embd)
      : TransformerMapper(
        embeddingWidth: sizes.clip_width, prefixLength: sizes.prefix_length, clipLength: sizes.clip_length,
        layers: sizes.mapper_layers, heads: sizes.mapper_heads, width: sizes.n_embd)
    let model = ClipCap(
      mapper: mapper,
      languageModel: GPT2(
        GPT2Configuration(
          vocabularySize: sizes.vocab_size, positions: sizes.n_positions, width: sizes.n_embd,
          layers: sizes.n_layer, heads: sizes.n_head),
        name: "gpt.transformer.", dropout: 0.1),
      startToken: Int32(sizes.end))
    let arena = ParameterArena(model.parameters, isTrainable: { _ in false }, on: backend)
    for parameter in arena.parameters {
      try file.copyFloats(of: "weights/" + parameter.name, to: parameter.value.pointer)
    }
    let images = try file.shape(of: "batch/embeddings")[0]
    let embeddings = backend.matrix(images, sizes.clip_width)
    try file.copyFloats(of: "batch/embeddings", to: embeddings.pointer)
    let end = CaptionEnd(tokens: [Int32(sizes.end)], maxTokens: sizes.steps)
    func batch() -> DecodingBatch {
      DecodingBatch(model, embeddings: embeddings, maxTokens: sizes.steps, on: backend)
    }

    let ids = (0..<images).map(String.init)
    let greedy = GreedyDecoding().captions(of: ids, batch(), until: end)
    #expect(try greedy == captions("expected/greedy", of: file, steps: sizes.steps))

    let found = BeamSearch(beams: sizes.beams).hypotheses(batch(), until: end)
    #expect(try found.flatMap { $0.map(\.tokens) } == captions("expected/beam", of: file, steps: sizes.steps))
    for (hypothesis, score) in zip(found.joined(), try file.floats(of: "expected/beam_scores")) {
      #expect(abs(hypothesis.meanLogProbability - Double(score)) < 1e-5)
    }
  }

  /// Rows of token ids that are filled up with -1.
  private func captions(_ name: String, of file: SafetensorsFile, steps: Int) throws -> [[Int32]] {
    let ids = try file.array(name).bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self) }
    }
    return stride(from: 0, to: ids.count, by: steps).map { Array(ids[$0..<$0 + steps].prefix { $0 >= 0 }) }
  }
}
