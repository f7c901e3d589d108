import Support

/// A file of captions scored: everything that `capstan evaluate` says of it.
public struct Evaluation {
  /// Programs that compute what is not computed here; nil: leave it out.
  public struct Programs: Sendable {
    public let meteorJar: String?
    public let spiceJar: String?

    public init(meteorJar: String? = nil, spiceJar: String? = nil) {
      (self.meteorJar, self.spiceJar) = (meteorJar, spiceJar)
    }
  }

  /// As they were given, by image id.
  public let captions: [String: String]
  public let scores: CaptionScores
  public let diagnostics: CaptionDiagnostics

  /// - Parameters:
  ///   - captions: one for each image, as they were made.
  ///   - references: of the same images, ready for scoring by the same `text`.
  ///   - training: captions of the training split, for the diagnostics.
  /// - Throws: `Failure` when images do not pair, or a program is missing or fails.
  public init(
    captions: [String: String], references: [String: [String]], text: CaptionText = .ptb,
    training: [String] = [], programs: Programs = Programs()
  ) throws {
    let candidates = text.candidates(captions)
    var scores = try CaptionScores(candidates: candidates, references: references)
    if let jar = programs.meteorJar {
      try scores.addMETEOR(jar: jar, candidates: candidates, references: references)
    }
    if let jar = programs.spiceJar {
      try scores.addSPICE(jar: jar, candidates: candidates, references: references)
    }
    self.captions = captions
    self.scores = scores
    diagnostics = CaptionDiagnostics(candidates: candidates.values, training: training)
  }

  /// A header and a line for each image, in the order of the ids: RFC 4180, with numbers at full precision.
  public var csv: String {
    let header = ["image_id", "caption"] + scores.metrics.map(\.rawValue)
    let lines = zip(scores.imageIDs, scores.images).map { id, image in
      [id, captions[id, default: ""]].map(Self.quoted)
        + scores.metrics.map { image[$0].map { "\($0)" } ?? "" }
    }
    return ([header] + lines).map { $0.joined(separator: ",") + "\n" }.joined()
  }

  private static func quoted(_ field: String) -> String {
    guard field.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else {
      return field
    }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
