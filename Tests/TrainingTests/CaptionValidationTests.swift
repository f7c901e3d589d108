import Captioning
import Collectives
import Datasets
import Foundation
import Metrics
import Testing

@testable import Runs
@testable import Training

@Suite struct CaptionValidationTests {
  /// Learns its six images well enough to say something of two others.
  private func run() throws -> TinyRun {
    try TinyRun(
      "train.steps=40", "checkpoint.every_steps=3", "checkpoint.keep=20", "validation.metrics_every=2",
      "validation.beams=2", "validation.best=cider")
  }

  @Test func scoresAreThoseOfTheCheckpointsCaptions() throws {
    let run = try run()
    try run.train()
    let validations = try MetricsHistory(contentsOf: run.directory.metrics).validations
    // Three steps an epoch: captions are made at the end of every second one, and at the end of all.
    #expect(validations.filter { $0.scores != nil }.map(\.step) == [6, 12, 18, 24, 30, 36, 40])

    let last = try #require(validations.last?.scores)
    let path = run.directory.checkpoints + "/latest"
    let trained = try LoadedModel(path: path, on: run.backend)
    let images = try ImageDataset(
      try EmbeddingStore.open(run.configuration.data.validation.files), split: "val")
    let captions = try trained.captioner(method: BeamSearch(beams: 2)).captions(of: images, .alone)
    let references = Dictionary(uniqueKeysWithValues: zip(images.imageIDs, try images.references(ofFirst: 2)))
    let scores = try CaptionScores(
      candidates: CaptionText.ptb.candidates(
        Dictionary(uniqueKeysWithValues: zip(images.imageIDs, captions))),
      references: CaptionText.ptb.references(references))
    #expect(Set(last.keys) == ["Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "ROUGE_L", "CIDEr"])
    for (name, value) in last { #expect(scores[try #require(Metric(rawValue: name))] == value) }
    #expect(last["Bleu_1"].map { $0 > 0.2 } == true, "captions share words with the references")
  }

  @Test func theBestIsTheFirstOfTheHighestCIDEr() throws {
    let run = try run()
    try run.train()
    let validations = try MetricsHistory(contentsOf: run.directory.metrics).validations
    let scored = validations.compactMap { validation in
      validation.scores?["CIDEr"].map { (step: validation.step, cider: $0) }
    }
    let highest = scored.map(\.cider).max()
    let best = try #require(scored.first { $0.cider == highest }?.step)
    let state = try Checkpoint(run.directory.checkpoints + "/latest").state
    #expect(state.bestStep == best && state.bestCIDEr == highest)
    #expect(state.bestLoss == validations.map(\.validationLoss).min())
    #expect(try LoadedModel(path: run.directory.path, on: run.backend).source.description.step == best)
    #expect(validations.filter(\.isBest).map(\.step).last == best)
  }

  @Test func whatCannotBeScoredIsRefused() throws {
    let run = try TinyRun()
    expectFailure(.usage, "validation.metrics_every is null") {
      _ = try run.configured("validation.best=cider")
    }
    expectFailure(.usage, "no data.validation.files") {
      _ = try run.configured("validation.metrics_every=1", "data.validation.files=[]")
    }
    expectFailure(.usage, "no mapping network") {
      _ = try run.configured("validation.metrics_every=1", "model.mapper.kind=none")
    }
    expectFailure(.usage, "validation.beams") { _ = try run.configured("validation.beams=0") }
  }
}
