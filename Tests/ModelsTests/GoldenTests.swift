import Autograd
import Foundation
import Models
import Objectives
import Optimization
import Tensors
import Testing

/// Everything a training step computes, beside what PyTorch and transformers compute.
@Suite struct GoldenTests {
  @Test(arguments: GoldenCase.names, Backend.instructionSets.filter(Backend.supports))
  func forwardAndBackward(name: String, instructionSet: String) throws {
    let golden = try GoldenCase(name, instructionSet: instructionSet)
    let tape = Tape(on: golden.backend, recording: false)
    expectClose(
      golden.model.logits(try golden.batch(), on: tape).elements, try golden.expected("logits"), 1e-5)

    let (loss, gradients) = try golden.gradients()
    expectClose([Float(loss)], try golden.expected("loss"), 1e-5)
    for parameter in golden.arena.trainableParameters {
      let expected = try golden.file.floats(of: "gradients/" + parameter.name)
      expectClose(try #require(gradients[parameter.name]), expected, 1e-5, parameter.name)
    }
    let frozen = golden.arena.parameters.filter { $0.gradient == nil }
    #expect(frozen.isEmpty == !name.hasSuffix("frozen"))
    #expect(frozen.allSatisfy { !golden.file.names.contains("gradients/" + $0.name) })
    let norm = golden.arena.gradientNorm(on: golden.backend)
    expectClose([Float(norm)], try golden.expected("gradient_norm"), 1e-5)
  }

  @Test(arguments: GoldenCase.names) func lossThatSkipsTokenZero(name: String) throws {
    let golden = try GoldenCase(name)
    let batch = try golden.batch(ignoringZero: true)
    let sum = golden.losses(batch, on: Tape(on: golden.backend, recording: false)).treeSum()
    expectClose([Float(sum / Double(batch.countedTokens))], try golden.expected("loss_ignore_zero"), 1e-5)
  }

  @Test(arguments: GoldenCase.names, ["losses_adamw", "losses_hf", "losses_clipped"])
  func twentySteps(name: String, losses: String) throws {
    let golden = try GoldenCase(name)
    let isHuggingFace = losses == "losses_hf"
    let optimizer = AdamW(
      AdamW.Options(
        convention: isHuggingFace ? .huggingface : .pytorch, beta1: 0.9, beta2: 0.999,
        epsilon: isHuggingFace ? 1e-6 : 1e-8, weightDecay: golden.sizes.weightDecay), arena: golden.arena,
      on: golden.backend)
    let limit = losses == "losses_clipped" ? golden.sizes.clipNorm : nil
    let found = try (1...20).map { step in
      let (loss, _) = try golden.gradients()
      let norm = golden.arena.gradientNorm(on: golden.backend)
      optimizer.update(
        step: step, learningRate: golden.sizes.learningRate,
        gradientScale: clippingScale(norm: norm, limit: limit))
      return Float(loss)
    }
    expectClose(found, try golden.expected(losses), 1e-4)
  }
}

extension GoldenCase {
  func losses(_ batch: CaptionBatch, on tape: Tape) -> [Double] {
    let objective = CrossEntropy()
    return objective.laneLosses(
      model, batch, denominator: objective.denominator(tokens: batch.countedTokens), on: tape)
  }

  /// The mean loss, and the gradients by name with those of single table rows added.
  func gradients() throws -> (loss: Double, gradients: [String: [Float]]) {
    let batch = try batch()
    let tape = Tape(on: backend)
    let loss = losses(batch, on: tape).treeSum() / Double(batch.countedTokens)
    tape.backward()
    for rows in tape.sparseGradients {
      guard let sum = rows.table.gradient else { continue }
      for (index, id) in rows.ids.enumerated() {
        backend.kernels.add(sum.row(Int(id)), sum.row(Int(id)), rows.rows.row(index), sum.columns)
      }
    }
    let pairs = arena.trainableParameters.map { ($0.name, $0.gradient?.elements ?? []) }
    return (loss, Dictionary(uniqueKeysWithValues: pairs))
  }
}

/// Differences are measured against the largest magnitude of what is expected: single elements that happen to be
/// nearly zero have no digits of their own to compare.
func expectClose(_ found: [Float], _ expected: [Float], _ tolerance: Float, _ what: String = "") {
  #expect(found.count == expected.count, "\(what)")
  let scale = expected.map(abs).max() ?? 0
  let difference = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
  #expect(difference <= tolerance * scale, "\(what): \(difference) of \(scale)")
}
