import Collectives
import Datasets
import Foundation
import Support
import Testing

@testable import Runs
@testable import Training

/// What is taken with a word, and what a start records.
@Suite struct PlausibilityTests {
  private func data(_ run: TinyRun) throws -> TrainingData {
    try TrainingData(run.configuration, communicator: .alone, on: run.backend)
  }

  @Test func whatCutsCaptionsIsNamed() throws {
    func sentence(_ override: String) throws -> String? { try data(TinyRun(override)).corpus.cut("training") }
    #expect(try sentence("run.seed=5") == nil)
    let cut = try #require(try sentence("data.caption_tokens=9"))
    #expect(
      cut.contains(" of 12 training captions (")
        && cut.hasSuffix("than data.caption_tokens = 9, and were cut."))
    let prefix = try #require(try sentence("model.mapper.prefix_length=16"))
    #expect(prefix.contains("the 9 tokens that the language model's positions leave behind the prefix"))
    // More than the positions hold is no limit.
    let both = try #require(
      try sentence(
        "model={mapper: {prefix_length: 16}, language_model: {layers: 1, width: 16, heads: 2, positions: 24}}"
      ))
    #expect(both == prefix)
  }

  @Test func aFalseNormalizationIsTold() throws {
    var contents = TinyRun.contents()
    #expect(try data(TinyRun(contents: contents)).warnings.isEmpty)
    contents.normalized = true
    contents.embeddings = .float32((0..<64).map { $0 % 8 == 0 ? 1 : 0 })
    #expect(try data(TinyRun(contents: contents)).warnings.isEmpty)
    contents.embeddings = .float32((0..<64).map { $0 % 8 == 0 ? $0 == 24 ? 3 : 1 : 0 })
    let run = try TinyRun(contents: contents)
    let warnings = try data(run).warnings
    #expect(warnings.count == 1)
    #expect(
      warnings.first?.contains(
        "store.h5 says that its embeddings are normalized, but the length of yellow's is 3.0") == true)
    #expect(try data(TinyRun("model.normalize_embeddings=true", contents: contents)).warnings.isEmpty)
  }

  /// A run that is refused would be so without a start too, and nothing comes of asking.
  @Test func aStartIsCheckedAgainstWhatIsThere() throws {
    let run = try TinyRun("train.steps=3")
    func check(_ overrides: String, resume: ResumePolicy = .automatically) throws {
      try Trainer.requireStart(
        of: run.configured(overrides), resume: resume, communicator: .alone, on: run.backend)
    }
    try check("run.seed=5")
    #expect(!FileManager.default.fileExists(atPath: run.directory.path))
    try run.train()
    let files = try FileManager.default.subpathsOfDirectory(atPath: run.directory.path).sorted()
    try check("run.seed=5")
    try check("train.steps=4")
    expectFailure(.usage, "already holds a run") { try check("run.seed=5", resume: .never) }
    expectFailure(.usage, "run.seed 5, but it is 6") { try check("run.seed=6") }
    expectFailure(.usage, "more than the 2 of train.steps") { try check("train.steps=2") }
    expectFailure(.usage, "is the end of a run with train.clip_norm null") { try check("train.clip_norm=1") }
    #expect(try FileManager.default.subpathsOfDirectory(atPath: run.directory.path).sorted() == files)
  }
}
