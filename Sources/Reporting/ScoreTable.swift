import Metrics
import Support

/// What runs' captions score, with intervals, and what they are like.
struct ScoreTable {
  private let runs: [(name: String, scores: RunScores)]

  init(_ runs: [(name: String, scores: RunScores)]) { self.runs = runs }

  var html: String {
    let metrics = Metric.allCases.filter { metric in
      runs.contains { $0.scores.evaluation.scores[metric] != nil }
    }
    let scores = metrics.map { metric in
      [metric.rawValue] + runs.map { cell($0.scores.evaluation.scores[metric], $0.scores.intervals[metric]) }
    }
    func row(_ name: String, _ value: (RunScores) -> String) -> [String] {
      [name] + runs.map { value($0.scores) }
    }
    let facts = [
      row("images") { "\($0.evaluation.scores.images.count)" },
      row("words of a caption") { decimal($0.evaluation.diagnostics.meanLength, 1) },
      row("different words") { "\($0.evaluation.diagnostics.vocabulary)" },
      row("different captions") { percent($0.evaluation.diagnostics.distinctCaptions) },
      row("captions seen in training") { $0.evaluation.diagnostics.seenInTraining.map(percent) ?? "–" },
    ]
    return HTMLTable(columns: [""] + runs.map(\.name), rows: scores + facts).html
      + """
      <p class="note">In brackets the middle 95 per cent over 1,000 samples of the images. CIDEr is CIDEr-D.</p>
      """
  }

  private func cell(_ score: Double?, _ interval: Bootstrap.Interval?) -> String {
    decimal(score, 3) + (interval.map { " [\(decimal($0.low, 3)), \(decimal($0.high, 3))]" } ?? "")
  }

  private func percent(_ share: Double) -> String { decimal(100 * share, 1) + " %" }
}
