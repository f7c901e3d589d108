/// What `capstan evaluate --json` prints: a score under each metric's name, and beside them what qualifies
/// them.
public struct EvaluationReport: Encodable {
  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { return nil }
  }

  private struct Diagnostics: Encodable {
    let distinct1, distinct2, distinct3, distinct4: Double
    let distinctCaptions, meanLength: Double
    let vocabulary: Int
    let seenInTraining: Double?

    enum CodingKeys: String, CodingKey {
      case distinct1 = "distinct_1"
      case distinct2 = "distinct_2"
      case distinct3 = "distinct_3"
      case distinct4 = "distinct_4"
      case distinctCaptions = "distinct_captions"
      case meanLength = "mean_length"
      case vocabulary
      case seenInTraining = "seen_in_training"
    }
  }

  private struct Difference: Encodable {
    let difference, low, high, p: Double
  }

  private let evaluation: Evaluation
  private let imagesWithoutCaption: Int
  private let text: CaptionText
  private let intervals: [Metric: Bootstrap.Interval]
  private let differences: [Metric: Bootstrap.Difference]

  /// - Parameter imagesWithoutCaption: of the references, which were left out.
  public init(
    _ evaluation: Evaluation, imagesWithoutCaption: Int = 0, text: CaptionText,
    intervals: [Metric: Bootstrap.Interval] = [:],
    differences: [Metric: Bootstrap.Difference] = [:]
  ) {
    (self.evaluation, self.imagesWithoutCaption, self.text) = (evaluation, imagesWithoutCaption, text)
    (self.intervals, self.differences) = (intervals, differences)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for metric in evaluation.scores.metrics {
      // JSON has no word for what is not a number, which SPICE may say.
      let score = evaluation.scores[metric].flatMap { $0.isFinite ? $0 : nil }
      try container.encode(score, forKey: Key(metric.rawValue))
    }
    try container.encode(evaluation.scores.images.count, forKey: Key("images"))
    try container.encode(imagesWithoutCaption, forKey: Key("images_without_caption"))
    try container.encode(evaluation.scores.isCIDErMeaningful, forKey: Key("cider_is_meaningful"))
    try container.encode(text.rawValue, forKey: Key("text"))
    let diagnostics = evaluation.diagnostics
    try container.encode(
      Diagnostics(
        distinct1: diagnostics.distinct[0], distinct2: diagnostics.distinct[1],
        distinct3: diagnostics.distinct[2], distinct4: diagnostics.distinct[3],
        distinctCaptions: diagnostics.distinctCaptions, meanLength: diagnostics.meanLength,
        vocabulary: diagnostics.vocabulary, seenInTraining: diagnostics.seenInTraining),
      forKey: Key("diagnostics"))
    if !intervals.isEmpty {
      try container.encode(byName(intervals), forKey: Key("intervals"))
    }
    if !differences.isEmpty {
      let differences = differences.mapValues {
        Difference(difference: $0.difference, low: $0.interval.low, high: $0.interval.high, p: $0.pValue)
      }
      try container.encode(byName(differences), forKey: Key("differences"))
    }
  }

  private func byName<Value>(_ values: [Metric: Value]) -> [String: Value] {
    Dictionary(uniqueKeysWithValues: values.map { ($0.key.rawValue, $0.value) })
  }
}
