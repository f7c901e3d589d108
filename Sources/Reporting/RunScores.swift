import Datasets
import Foundation
import Metrics
import Support

/// How the captions that a run made for held-out images score.
public struct RunScores {
  public let evaluation: Evaluation
  /// By image id, as people wrote them.
  public let references: [String: [String]]
  public let intervals: [Metric: Bootstrap.Interval]

  /// - Parameters:
  ///   - path: captions in COCO's results form.
  ///   - references: embedding stores or a file of captions.
  ///   - programs: for the metrics that are not computed here.
  /// - Throws: `Failure` when captions and references do not belong together.
  public init(
    captions path: String, references: [String], split: String?,
    programs: Evaluation.Programs = Evaluation.Programs()
  ) throws {
    let captions = try PredictedCaptions(path: path).captions
    let written = try ReferenceCaptions(paths: references, split: split)
    self.references = try written.matching(captions.keys.sorted())
    evaluation = try Evaluation(
      captions: captions, references: CaptionText.ptb.references(self.references),
      training: written.trainingCaptions, programs: programs)
    intervals = try Bootstrap().intervals(of: evaluation.scores)
  }

  /// CIDEr-D by image id.
  var cider: [String: Double] {
    Dictionary(
      uniqueKeysWithValues: zip(evaluation.scores.imageIDs, evaluation.scores.images.map(\.cider)))
  }
}

extension RunRecord {
  /// The scores of `captions.json` in the run's directory, compared with what validation was compared with.
  /// - Parameters:
  ///   - references: other references, and their split; nil: the validation's.
  ///   - programs: for the metrics that are not computed here.
  /// - Returns: nil where the run has no captions.
  public func scores(
    references: [String]? = nil, split: String? = nil, programs: Evaluation.Programs = Evaluation.Programs()
  ) throws -> RunScores? {
    let captions = directory.path + "/captions.json"
    guard FileManager.default.fileExists(atPath: captions) else { return nil }
    if let references {
      return try RunScores(captions: captions, references: references, split: split, programs: programs)
    }
    let held = configuration.data.validation
    guard !held.files.isEmpty else {
      throw Failure.usage(
        "\(captions) cannot be scored, because the run had no validation; give --references.")
    }
    return try RunScores(
      captions: captions, references: held.files, split: held.split, programs: programs)
  }
}
