import Autograd
import Models
import Objectives
import Tensors
import Testing

/// A pass that keeps the inputs of blocks alone has the same bits and needs less memory.
@Suite struct CheckpointingTests {
  enum Kind: CaseIterable { case mlpFineTune, transformerFineTune, transformerFrozen, languageModel }

  @Test(arguments: Kind.allCases)
  func sameBitsInLessMemory(kind: Kind) throws {
    let kept = try pass(kind, checkpointing: false)
    let rerun = try pass(kind, checkpointing: true)
    #expect(kept.losses == rerun.losses)
    #expect(kept.gradients.contains { $0 != 0 })
    #expect(kept.gradients == rerun.gradients)
    #expect(kept.rowIDs == rerun.rowIDs && kept.rows == rerun.rows)
    #expect(rerun.bytes < kept.bytes * 2 / 3, "\(rerun.bytes) of \(kept.bytes) bytes")
  }

  /// Without a backward there is nothing to keep, with or without.
  @Test func evaluationIsUnchanged() throws {
    let (model, _, backend) = try model(.mlpFineTune)
    let losses = [false, true].map {
      let tape = Tape(on: backend, recording: false, checkpointingActivations: $0)
      return laneLosses(model, on: tape)
    }
    #expect(losses[0] == losses[1])
  }

  private struct Pass {
    let losses: [Double]
    let gradients: [Float]
    let rowIDs: [Int32]
    let rows: [Float]
    /// The most that the pass had in use, beside the parameters.
    let bytes: Int
  }

  private func pass(_ kind: Kind, checkpointing: Bool) throws -> Pass {
    let (model, arena, backend) = try model(kind)
    let parameterBytes = backend.memory.allocatedBytes
    let tape = Tape(
      on: backend, dropout: DropoutKey(seed: 3, step: 4), checkpointingActivations: checkpointing)
    let losses = laneLosses(model, on: tape)
    tape.backward()
    return Pass(
      losses: losses, gradients: arena.gradients.elements, rowIDs: tape.sparseGradients.flatMap(\.ids),
      rows: tape.sparseGradients.flatMap(\.rows.elements),
      bytes: backend.memory.mostBytesInUse - parameterBytes)
  }

  /// Eight blocks of dropout, so that the second run must draw what the first drew.
  private func model(_ kind: Kind) throws -> (ClipCap, ParameterArena, Backend) {
    let backend = try Backend(threads: 1, precision: nil)
    let width = 32
    let languageModel = GPT2(
      GPT2Configuration(vocabularySize: 40, positions: 32, width: width, layers: 8, heads: 2),
      name: "gpt.transformer.", dropout: 0.1)
    let mapper: (any MappingNetwork)? =
      switch kind {
      case .mlpFineTune: MLPMapper(embeddingWidth: 8, prefixLength: 3, width: width)
      case .transformerFineTune, .transformerFrozen:
        TransformerMapper(
          embeddingWidth: 8, prefixLength: 3, clipLength: 4, layers: 8, heads: 2, width: width)
      case .languageModel: nil
      }
    let model = ClipCap(mapper: mapper, languageModel: languageModel, startToken: 0)
    let arena = ParameterArena(
      model.parameters, isTrainable: { kind != .transformerFrozen || $0.name.hasPrefix("clip_project") },
      on: backend)
    arena.initialize(seed: 1)
    arena.pack(on: backend)
    return (model, arena, backend)
  }

  private func laneLosses(_ model: ClipCap, on tape: Tape) -> [Double] {
    let batch = batch(model, on: tape.backend)
    return CrossEntropy().laneLosses(model, batch, denominator: Double(batch.countedTokens), on: tape)
  }

  private func batch(_ model: ClipCap, on backend: Backend) -> CaptionBatch {
    let captions = (0..<24).map { caption in (0..<8 + caption % 9).map { Int32(($0 * 7 + caption) % 40) } }
    let embeddings = backend.matrix(captions.count, 8)
    for i in 0..<embeddings.count { embeddings.pointer[i] = Float(i % 13) / 6 - 1 }
    // Products over 32 rows from the last lane's first row on end behind those over all rows.
    return CaptionBatch(
      embeddings: model.mapper == nil ? nil : embeddings, captions: captions, laneSizes: [6, 6, 5, 7],
      firstSample: 0)
  }
}
