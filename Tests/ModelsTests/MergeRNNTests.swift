import Autograd
import FileFormats
import Foundation
import Models
import Objectives
import Optimization
import Support
import Tensors
import Testing

/// Beside PyTorch's LSTM and TensorFlow's Adam in NumPy; see `Golden/make_merge_rnn.py`.
@Suite struct MergeRNNTests {
  private let file: SafetensorsFile
  private let backend: Backend
  private let model: MergeRNN
  private let arena: ParameterArena

  init() throws {
    let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    file = try SafetensorsFile(path: golden.appending(path: "Golden/merge-rnn.safetensors").path)
    backend = try Backend(threads: 2)
    model = MergeRNN(MergeRNNConfiguration(vocabularySize: 23, embeddingWidth: 7, width: 5), startToken: 0)
    arena = ParameterArena(model.parameters, isTrainable: { _ in true }, on: backend)
    for parameter in arena.parameters {
      try file.copyFloats(of: "weights/" + parameter.name, to: parameter.value.pointer)
    }
  }

  private func captions() throws -> [[Int32]] {
    var tokens = try file.array("batch/tokens").integers()[...]
    return try file.array("batch/lengths").integers().map { length in
      defer { tokens = tokens.dropFirst(length) }
      return tokens.prefix(length).map(Int32.init)
    }
  }

  private func batch(_ laneSizes: [Int] = [6]) throws -> CaptionBatch {
    let captions = try captions()
    let embeddings = backend.matrix(captions.count, 7)
    try file.copyFloats(of: "batch/embeddings", to: embeddings.pointer)
    return CaptionBatch(embeddings: embeddings, captions: captions, laneSizes: laneSizes, firstSample: 0)
  }

  /// The summed loss; the arena has the whole gradient.
  private func backward(_ laneSizes: [Int]) throws -> Double {
    let tape = Tape(on: backend)
    let losses = CrossEntropy(reduction: .sum).laneLosses(
      model, try batch(laneSizes), denominator: 1, on: tape)
    tape.backward()
    for sparse in tape.sparseGradients {
      guard let sum = sparse.table.gradient else { continue }
      for (index, id) in sparse.ids.enumerated() {
        backend.kernels.add(sum.row(Int(id)), sum.row(Int(id)), sparse.rows.row(index), sum.columns)
      }
    }
    return losses.treeSum()
  }

  @Test func logits() throws {
    let logits = model.logits(try batch(), on: Tape(on: backend, recording: false))
    expectClose(logits.elements, try file.floats(of: "expected/logits"), 1e-5)
  }

  @Test(arguments: [[6], [2, 1, 0, 3]]) func gradients(laneSizes: [Int]) throws {
    expectClose([Float(try backward(laneSizes))], try file.floats(of: "expected/loss"), 1e-6)
    for parameter in arena.parameters {
      let gradient = try #require(parameter.gradient)
      expectClose(gradient.elements, try file.floats(of: "gradients/" + parameter.name), 1e-5)
    }
  }

  /// Hugging Face's AdamW without decay is TensorFlow's Adam.
  @Test func twentySteps() throws {
    let optimizer = AdamW(
      AdamW.Options(convention: .huggingface, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0),
      arena: arena, on: backend)
    let losses = try (1...20).map { step in
      let loss = try backward([3, 3])
      optimizer.update(step: step, learningRate: 0.01, gradientScale: 1)
      return Float(loss)
    }
    expectClose(losses, try file.floats(of: "expected/losses"), 1e-5)
  }

  /// Sequences fork, change places and leave, and what the head sees is that of a whole forward pass.
  @Test func decodingIsTheForwardPass() throws {
    let tape = Tape(on: backend, recording: false)
    let images = backend.matrix(6, 7)
    try file.copyFloats(of: "batch/embeddings", to: images.pointer)
    let state = model.startDecoding(images, on: tape)
    var captions: [(image: Int, tokens: [Int32])] = (0..<6).map { ($0, []) }
    for parents in [[0, 1, 1, 5, 4], [4, 0, 2], [2, 2, 1, 0]] {
      let tokens = parents.indices.map { Int32(($0 * 5 + parents[$0]) % 23) }
      state.advance(zip(parents, tokens).map { Continuation(parent: $0, token: $1) })
      captions = zip(parents, tokens).map { (captions[$0].image, captions[$0].tokens + [$1]) }
      let found = model.head.logits(state.outputs, on: tape)
      for (row, caption) in captions.enumerated() {
        let whole = CaptionBatch(
          embeddings: images.rows(from: caption.image, count: 1), captions: [caption.tokens + [0]],
          laneSizes: [1], firstSample: 0)
        let expected = model.logits(whole, on: tape).elements.suffix(23)
        expectClose(Array(found.rows(from: row, count: 1).elements), Array(expected), 1e-5)
      }
    }
  }
}
