import Support

extension CaptionScores {
  /// A metric a row, for people.
  /// - Parameters:
  ///   - intervals: nothing is said of any where there are none.
  ///   - other: the scores of other captions of the same images.
  ///   - differences: of these scores from the others.
  public func table(
    _ intervals: [Metric: Bootstrap.Interval], against other: CaptionScores? = nil,
    _ differences: [Metric: Bootstrap.Difference] = [:]
  ) -> TextTable {
    var columns: [TextTable.Alignment] = [.left, .right]
    var header = ["metric", "score"]
    if !intervals.isEmpty {
      columns.append(.left)
      header.append("95 % interval")
    }
    if other != nil {
      columns += [.right, .right, .left, .right]
      header += ["other", "difference", "95 % interval", "p"]
    }
    let rows = metrics.map { metric in
      var row = [metric.rawValue, decimal(self[metric], 4)]
      if !intervals.isEmpty { row.append(Self.range(intervals[metric])) }
      if let other {
        let difference = differences[metric]
        row += [
          decimal(other[metric], 4), decimal(difference?.difference, 4), Self.range(difference?.interval),
          decimal(difference?.pValue, 3),
        ]
      }
      return row
    }
    return TextTable(columns, [header] + rows)
  }

  private static func range(_ interval: Bootstrap.Interval?) -> String {
    interval.map { "\(decimal($0.low, 4)) to \(decimal($0.high, 4))" } ?? ""
  }
}

extension CaptionDiagnostics {
  /// A fact a row, for people.
  public var table: TextTable {
    var rows = distinct.enumerated().map { ["distinct-\($0 + 1)", decimal($1, 4)] }
    rows.append(["distinct captions", decimal(distinctCaptions, 4)])
    if let seenInTraining { rows.append(["seen in training", decimal(seenInTraining, 4)]) }
    rows.append(["vocabulary", "\(vocabulary) words"])
    rows.append(["mean length", decimal(meanLength, 2) + " words"])
    return TextTable([.left, .left], rows)
  }
}
