import Foundation
import Testing

@testable import Metrics

@Suite struct EvaluationTests {
  private func evaluation() throws -> Evaluation {
    try Evaluation(
      captions: ["2": "A dog, \"Rex\".", "1": "a cat"],
      references: ["1": ["a cat sits"], "2": ["a dog rex", "the dog"]], training: ["A cat."])
  }

  @Test func aLineForEachImage() throws {
    let lines = try evaluation().csv.split(separator: "\n")
    #expect(lines[0] == "image_id,caption,Bleu_1,Bleu_2,Bleu_3,Bleu_4,ROUGE_L,CIDEr,CIDEr_plain")
    #expect(lines[1].hasPrefix("1,a cat,0.6"))
    #expect(lines[2].hasPrefix(#"2,"A dog, ""Rex"".",0.99"#))
    #expect(lines.count == 3)
  }

  @Test func theReportHasTheNamesOfCOCO() throws {
    let evaluation = try evaluation()
    let bootstrap = try Bootstrap(resamples: 100)
    let report = EvaluationReport(
      evaluation, text: .ptb, intervals: bootstrap.intervals(of: evaluation.scores),
      differences: try bootstrap.differences(of: evaluation.scores, from: evaluation.scores))
    let object = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any])
    let metrics = ["Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "ROUGE_L", "CIDEr", "CIDEr_plain"]
    let others = [
      "images", "images_without_caption", "cider_is_meaningful", "text", "diagnostics", "intervals",
      "differences",
    ]
    #expect(Set(object.keys) == Set(metrics + others))
    #expect(object["CIDEr"] as? Double == evaluation.scores[.cider])
    #expect(Set((object["intervals"] as? [String: Any] ?? [:]).keys) == Set(metrics))
    #expect((object["diagnostics"] as? [String: Any])?["seen_in_training"] as? Double == 0.5)
  }
}
