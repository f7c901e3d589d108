import Foundation
import Support

extension CaptionScores {
  private struct Query: Encodable {
    let imageID: String
    let test: String
    let refs: [String]

    enum CodingKeys: String, CodingKey {
      case imageID = "image_id"
      case test, refs
    }
  }

  private struct Answer: Decodable {
    struct Scores: Decodable {
      struct Category: Decodable { let f: Double? }
      let all: Category

      enum CodingKeys: String, CodingKey { case all = "All" }
    }
    let imageID: String
    let scores: Scores

    enum CodingKeys: String, CodingKey {
      case imageID = "image_id"
      case scores
    }
  }

  /// Adds SPICE 1.0 (Anderson et al. 2016), computed by its own program as pycocoevalcap runs it.
  ///
  /// - Parameters:
  ///   - jar: the path of `spice-1.0.jar`, beside which a folder `lib` has Stanford's CoreNLP 3.6.0 and its
  ///     models.
  ///   - candidates, references: what these scores were made of.
  /// - Throws: `Failure.usage` when Java or the jar is missing, `Failure.runtime` when the program fails.
  public mutating func addSPICE(
    jar: String, candidates: [String: String], references: [String: [String]]
  ) throws {
    try addSPICE(
      with: JavaProgram("SPICE", jar: jar), candidates: candidates, references: references)
  }

  mutating func addSPICE(
    with program: JavaProgram, candidates: [String: String], references: [String: [String]]
  ) throws {
    let files = (0..<2).map { _ in
      FileManager.default.temporaryDirectory.appending(path: "capstan-\(UUID().uuidString).json")
    }
    let remove: @Sendable () -> Void = { for file in files { try? FileManager.default.removeItem(at: file) } }
    defer { remove() }
    let queries = imageIDs.map { id in
      Query(imageID: id, test: candidates[id, default: ""], refs: references[id, default: []])
    }
    try Cleanup.onSignal(remove) {
      try JSONEncoder().encode(queries).write(to: files[0])
      _ = try program.run(
        [files[0].path, "-out", files[1].path, "-subset", "-silent"], memory: "8G",
        timeLimit: JavaProgram.timeLimit(images: imageIDs.count))
    }
    guard let bytes = try? Data(contentsOf: files[1]),
      let answers = try? JSONDecoder().decode([Answer].self, from: bytes)
    else {
      throw Failure.runtime(
        "SPICE wrote no scores that can be read; check that the jar is that of SPICE 1.0.")
    }
    let scores = Dictionary(
      answers.map { ($0.imageID, $0.scores.all.f) }, uniquingKeysWith: { first, _ in first })
    for (image, id) in imageIDs.enumerated() { images[image].spice = (scores[id] ?? nil) ?? .nan }
  }
}
