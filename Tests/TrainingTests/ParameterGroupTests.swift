import FileFormats
import Foundation
import Testing

@testable import Training

@Suite struct ParameterGroupTests {
  private static let mapper = "clip_project.model.0.weight"

  /// The trained values after a step, by name.
  private func values(_ run: TinyRun, step: Int) throws -> [String: [Float]] {
    let file = try SafetensorsFile(path: run.checkpoints.directory(ofStep: step) + "/model.safetensors")
    return try Dictionary(uniqueKeysWithValues: file.names.map { ($0, try file.floats(of: $0)) })
  }

  /// Frozen parameters are in no checkpoint and keep what they began with; the others move.
  @Test func whatIsFrozenStays() throws {
    let group = "optimizer.groups=[{parameters: ['*.ln_*.bias', '*.wte.weight'], trained: false}]"
    let run = try TinyRun(group, "train.steps=2", "checkpoint.every_steps=1")
    try run.train()
    let (before, after) = (try values(run, step: 1), try values(run, step: 2))
    let frozen = try SafetensorsFile(path: run.directory.frozenParameters).names
    #expect(frozen.contains { $0.hasSuffix("wte.weight") } && frozen.count == 4)
    #expect(frozen.allSatisfy { after[$0] == nil })
    for (name, values) in after { #expect(values != before[name], "\(name)") }
  }

  /// Decay alone: what has no gradient, the rows of positions beyond the captions, shrinks by it or stays.
  @Test func weightDecayIsTheGroups() throws {
    func lastPosition(_ overrides: String...) throws -> [Float] {
      let run = try TinyRun("train.steps=1", "optimizer.weight_decay=0.5")
      try run.train(run.configured(overrides[0]))
      let values = try values(run, step: 1)
      let positions = try #require(values.first { $0.key.hasSuffix("wpe.weight") }?.value)
      return Array(positions.suffix(16))
    }
    let none = try lastPosition("optimizer.groups=[{parameters: '*.wpe.weight', weight_decay: 0}]")
    let whole = try lastPosition("optimizer.groups=[]")
    let half = try lastPosition("optimizer.groups=[{parameters: '*.wpe.*', rate_factor: 0.5}]")
    // Learning rate 0.01, decay 0.5.
    #expect(zip(none, whole).allSatisfy { abs($0 * (1 - 0.005) - $1) < 1e-7 })
    #expect(zip(none, half).allSatisfy { abs($0 * (1 - 0.0025) - $1) < 1e-7 })
    #expect(none != whole && half != whole)
  }

  @Test func biasesAndNormsWithoutDecay() throws {
    func values(_ overrides: String) throws -> [String: [Float]] {
      let run = try TinyRun("train.steps=1", "optimizer.weight_decay=0.5")
      try run.train(run.configured(overrides))
      return try self.values(run, step: 1)
    }
    let (with, without) = (
      try values("optimizer.decay_biases_and_norms=true"),
      try values("optimizer.decay_biases_and_norms=false")
    )
    for (name, values) in with {
      let isVector = name.hasSuffix(".bias") || name.contains(".ln_")
      // Vectors that begin at zero have nothing to decay in the first step.
      if name.contains(".ln_") && name.hasSuffix(".weight") { #expect(values != without[name], "\(name)") }
      if !isVector { #expect(values == without[name], "\(name)") }
    }
  }

  @Test func aGroupOfAllChangesNothing() throws {
    let (plain, grouped) = (try TinyRun(), try TinyRun("optimizer.groups=[{parameters: '*'}]"))
    try plain.train()
    try grouped.train()
    try expectSameBytes(plain.checkpoints.directory(ofStep: 6), grouped.checkpoints.directory(ofStep: 6))
  }

  @Test(arguments: [
    ("[{parameters: 'mapper.*'}]", "“mapper.*”, which no parameter of the model is called", mapper),
    ("[{parameters: '*'}, {parameters: 'clip_project.*'}]", "optimizer.groups[1] names", "groups before it"),
    ("[{parameters: '*', trained: false}]", "leaves nothing to be trained", "optimizer.groups"),
  ])
  func groupsThatCannotBeMeant(groups: String, words: String, more: String) throws {
    let run = try TinyRun("optimizer.groups=\(groups)")
    expectFailure(.usage, words, more) { _ = try run.trainer() }
    expectFailure(.usage, words) {
      try Trainer.requireStart(of: run.configuration, resume: .never, communicator: .alone, on: run.backend)
    }
    #expect(!FileManager.default.fileExists(atPath: run.directory.path))
  }

  /// Clipped so far that AdamW's first step, which knows signs alone, is all that is left to see.
  @Test func valuesAreClipped() throws {
    func norms(_ overrides: String) throws -> [String: [Float]] {
      let run = try TinyRun("train.steps=2", "optimizer.epsilon=1.0e-3")
      try run.train(run.configured(overrides))
      return try values(run, step: 2)
    }
    #expect(try norms("train.clip_value=1.0e-3") != norms("train.clip_value=null"))
    #expect(try norms("train.clip_value=1.0e+9") == norms("train.clip_value=null"))
  }
}
