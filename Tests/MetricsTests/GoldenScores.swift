import Foundation
import Testing

/// What pycocoevalcap's scorers gave, written by `Golden/make_golden.py`.
struct GoldenScores: Decodable {
  let candidates: [String: String]
  let references: [String: [String]]
  /// By metric.
  let corpus: [String: Double]
  /// By metric, in the order of the images' ids.
  let images: [String: [Double]]

  static func named(_ name: String) throws -> GoldenScores {
    let path = Bundle.module.bundlePath + "/Golden/scores.json"
    let all = try JSONDecoder().decode(
      [String: GoldenScores].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    return try #require(all[name])
  }
}
