import Support

/// What one image's caption scores.
public struct ImageScores: Equatable, Sendable {
  public let bleu: BLEUStatistics
  public let rougeL: Double
  /// CIDEr-D.
  public let cider: Double
  public let plainCIDEr: Double
  public internal(set) var meteor: Double?
  public internal(set) var spice: Double?

  /// Nil where the metric was not computed.
  public subscript(metric: Metric) -> Double? {
    switch metric {
    case .bleu1, .bleu2, .bleu3, .bleu4: metric.bleuOrder.map(bleu.score(order:))
    case .meteor: meteor
    case .rougeL: rougeL
    case .cider: cider
    case .plainCIDEr: plainCIDEr
    case .spice: spice
    }
  }
}

/// Captions of images scored against references, as pycocoevalcap 1.2 scores them.
///
///     let scores = try CaptionScores(
///       candidates: ["42": "a dog runs"], references: ["42": ["the dog runs", "a brown dog"]])
///     scores[.cider]
///
/// Texts are tokenized already (`CaptionText`): words stand between single blanks.
public struct CaptionScores: Equatable, Sendable {
  /// Ascending.
  public let imageIDs: [String]
  /// In the order of `imageIDs`.
  public internal(set) var images: [ImageScores]
  /// METEOR of all captions together, which is not the mean of the images'.
  public internal(set) var corpusMETEOR: Double?
  /// Whether CIDEr can be anything but 0: it weighs an n-gram by the images whose references lack it, of which there are
  /// none when there is one image, or when the references of all images are alike.
  public let isCIDErMeaningful: Bool

  /// - Parameters:
  ///   - candidates: a caption for each image.
  ///   - references: one or more for each of the same images.
  /// - Throws: `Failure.badData` when there are none, or an image has no candidate or no reference.
  public init(candidates: [String: String], references: [String: [String]]) throws {
    imageIDs = candidates.keys.sorted()
    let unpaired = Set(candidates.keys).symmetricDifference(references.filter { !$0.value.isEmpty }.keys)
    guard unpaired.isEmpty, !candidates.isEmpty else {
      throw Failure.badData(
        "There are captions of \(candidates.count) images and references of \(references.count), and "
          + "\(unpaired.count) have only one of both\(unpaired.examples); give each image a caption and "
          + "references."
      )
    }
    var vocabulary = ScoringVocabulary()
    let pairs = imageIDs.map { id in
      (
        candidate: vocabulary.text(candidates[id, default: ""]),
        references: references[id, default: []].map { vocabulary.text($0) }
      )
    }
    let cider = CIDEr(
      frequencies: DocumentFrequencies(
        references: pairs.map(\.references), ngramCount: vocabulary.ngrams.count))
    isCIDErMeaningful = cider.frequencies.tellImagesApart
    images = pairs.map { candidate, references in
      let consensus = cider.score(candidate: candidate, references: references)
      return ImageScores(
        bleu: BLEUStatistics(candidate: candidate, references: references),
        rougeL: ROUGEL.score(candidate: candidate, references: references),
        cider: consensus.d, plainCIDEr: consensus.plain)
    }
  }

  /// The metrics that were computed.
  public var metrics: [Metric] { Metric.allCases.filter { self[$0] != nil } }

  /// The score of all captions; nil where the metric was not computed.
  public subscript(metric: Metric) -> Double? {
    metric == .meteor ? corpusMETEOR : score(metric, of: images.indices)
  }

  /// The score of some images, which may repeat: BLEU of their statistics' sum, otherwise the mean. CIDEr's
  /// document frequencies stay those of all images.
  ///
  /// Nil where the metric was not computed, and for METEOR, whose statistics only its own program can add.
  public func score(_ metric: Metric, of chosen: some Collection<Int>) -> Double? {
    switch metric {
    case .bleu1, .bleu2, .bleu3, .bleu4:
      var sum = BLEUStatistics()
      for image in chosen { sum += images[image].bleu }
      return metric.bleuOrder.map(sum.score(order:))
    case .meteor: return nil
    case .rougeL, .cider, .plainCIDEr, .spice:
      var sum = 0.0
      for image in chosen {
        guard let score = images[image][metric] else { return nil }
        sum += score
      }
      return sum / Double(chosen.count)
    }
  }
}
