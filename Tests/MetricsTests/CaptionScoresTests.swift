import Foundation
import Support
import Testing

@testable import Metrics

@Suite struct CaptionScoresTests {
  @Test(arguments: ["captions", "strange", "short", "one"]) func equalPycocoevalcap(name: String) throws {
    let golden = try GoldenScores.named(name)
    let scores = try CaptionScores(candidates: golden.candidates, references: golden.references)
    for metric in scores.metrics {
      let corpus = try #require(golden.corpus[metric.rawValue])
      #expect(abs(try #require(scores[metric]) - corpus) < 1e-9, "\(metric)")
      let images = try #require(golden.images[metric.rawValue])
      for (image, expected) in zip(scores.images, images) {
        #expect(abs(try #require(image[metric]) - expected) < 1e-9, "\(metric)")
      }
    }
    #expect(scores.metrics == [.bleu1, .bleu2, .bleu3, .bleu4, .rougeL, .cider, .plainCIDEr])
    #expect(scores.images.count == golden.candidates.count)
  }

  @Test func imagesWithoutTheirOtherHalfAreNamed() {
    let references = ["1": ["a"], "2": ["b"], "3": []]
    #expect {
      try CaptionScores(candidates: ["1": "a", "3": "c", "4": "d"], references: references)
    } throws: { error in
      let sentence = (error as? Failure)?.description ?? ""
      return sentence.contains("3 have only one") && sentence.contains("2, 3, 4")
    }
    #expect(throws: Failure.self) { try CaptionScores(candidates: [:], references: [:]) }
  }

  @Test func scoresOfSomeImages() throws {
    let golden = try GoldenScores.named("captions")
    let scores = try CaptionScores(candidates: golden.candidates, references: golden.references)
    let first = try #require(scores.score(.cider, of: [0, 0, 1]))
    #expect(abs(first - (2 * scores.images[0].cider + scores.images[1].cider) / 3) < 1e-12)
    #expect(scores.score(.bleu4, of: [5]) == scores.images[5].bleu.score(order: 4))
    #expect(scores.score(.meteor, of: [0]) == nil)
  }
}

@Suite struct CaptionTextTests {
  @Test func pennTreebank() {
    #expect(CaptionText.ptb.candidates(["1": "A dog's ball."]) == ["1": "a dog 's ball"])
    #expect(CaptionText.ptb.references(["1": ["Dogs, (two)!"]]) == ["1": ["dogs -lrb- two -rrb-"]])
  }

  /// An initial at the end keeps its period or loses it by what comes next, which is the next id's caption.
  @Test func captionsAreOneText() {
    #expect(
      CaptionText.ptb.candidates(["2": "The dog", "1": "Plan B.", "3": "Plan C."])
        == ["1": "plan b", "2": "the dog", "3": "plan c."])
    #expect(
      CaptionText.ptb.references(["2": ["A dog"], "1": ["Plan B.", "Dogs", "Plan C."], "3": []])
        == ["1": ["plan b.", "dogs", "plan c"], "2": ["a dog"], "3": []])
  }

  @Test func anshlersText() {
    let candidates = CaptionText.untokenized.candidates(["1": "A dog runs . It is", "2": "no stop"])
    #expect(candidates == ["1": "a dog runs  .", "2": "no stop ."])
    #expect(CaptionText.untokenized.references(["1": ["A dog ."]]) == ["1": ["a dog ."]])
  }

  /// It weighs words by the images that lack them.
  @Test func ciderOfOneImageOrOfImagesThatAreAlikeMeansNothing() throws {
    let one = try CaptionScores(candidates: ["1": "a dog"], references: ["1": ["a dog"]])
    #expect(one[.cider] == 0 && !one.isCIDErMeaningful)
    let alike = try CaptionScores(
      candidates: ["1": "a dog", "2": "a dog"], references: ["1": ["a dog"], "2": ["a dog"]])
    #expect(alike[.cider] == 0 && !alike.isCIDErMeaningful)
    let two = try CaptionScores(
      candidates: ["1": "a dog", "2": "a cat"], references: ["1": ["a dog"], "2": ["a cat"]])
    #expect(two.isCIDErMeaningful)
  }
}

@Suite struct CaptionDiagnosticsTests {
  @Test func whatCaptionsAreLike() {
    let diagnostics = CaptionDiagnostics(
      candidates: ["a dog runs", "a dog sits", "a dog runs"], training: ["A dog, sits.", "A cat."])
    let distinct = [4.0 / 9, 3.0 / 6, 2.0 / 3, 0]
    #expect(diagnostics.distinct == distinct)
    #expect(diagnostics.meanLength == 3)
    #expect(diagnostics.vocabulary == 4)
    #expect(diagnostics.distinctCaptions == 2.0 / 3)
    #expect(diagnostics.seenInTraining == 1.0 / 3)
    #expect(CaptionDiagnostics(candidates: ["a"]).seenInTraining == nil)
  }
}
