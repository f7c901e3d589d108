import Foundation
import Support

extension CaptionScores {
  /// Adds METEOR 1.5 (Denkowski and Lavie 2014), computed by its own program as pycocoevalcap runs it.
  ///
  /// - Parameters:
  ///   - jar: the path of `meteor-1.5.jar`.
  ///   - candidates, references: what these scores were made of.
  /// - Throws: `Failure.usage` when Java or the jar is missing, `Failure.runtime` when the program fails.
  public mutating func addMETEOR(
    jar: String, candidates: [String: String], references: [String: [String]]
  ) throws {
    let program = try JavaProgram("METEOR", jar: jar)
    func lines(for requests: [String]) throws -> [Substring] {
      try program.run(
        ["-", "-", "-stdio", "-l", "en", "-norm"], memory: "2G",
        input: requests.joined(separator: "\n") + "\n",
        timeLimit: JavaProgram.timeLimit(images: imageIDs.count)
      ).split(separator: "\n")
    }
    let statistics = try lines(
      for: imageIDs.map { id in
        let candidate = candidates[id, default: ""].replacing("|||", with: "").replacing("  ", with: " ")
        return (["SCORE"] + references[id, default: []] + [candidate]).joined(separator: " ||| ")
      })
    guard statistics.count == imageIDs.count else {
      throw unexpected(statistics.count, "statistics")
    }
    // A score for each image, then that of all.
    let scores = try lines(for: [(["EVAL"] + statistics).joined(separator: " ||| ")]).compactMap {
      Double($0)
    }
    guard scores.count == imageIDs.count + 1 else { throw unexpected(scores.count, "scores") }
    for image in images.indices { images[image].meteor = scores[image] }
    corpusMETEOR = scores.last
  }

  private func unexpected(_ count: Int, _ what: String) -> Failure {
    .runtime(
      "METEOR gave \(count) \(what) for \(imageIDs.count) images; check that the jar is that of METEOR "
        + "1.5.")
  }
}
