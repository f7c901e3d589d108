/// ROUGE-L (Lin 2004) as pycocoevalcap 1.2 computes it: the F-measure, with β = 1.2, of the best precision
/// and the best recall, which may be of different references.
enum ROUGEL {
  private static let beta = 1.2

  static func score(candidate: ScoredText, references: [ScoredText]) -> Double {
    var (precision, recall) = (0.0, 0.0)
    for reference in references {
      let common = Double(longestCommonSubsequence(candidate.fields, reference.fields))
      precision = max(precision, common / Double(candidate.fields.count))
      recall = max(recall, common / Double(reference.fields.count))
    }
    guard precision > 0, recall > 0 else { return 0 }
    return (1 + beta * beta) * precision * recall / (recall + beta * beta * precision)
  }

  /// Its length.
  private static func longestCommonSubsequence(_ a: [Int32], _ b: [Int32]) -> Int {
    // The row of the table for what of `a` has been seen, [b.count + 1].
    var lengths = Array(repeating: 0, count: b.count + 1)
    for x in a {
      var diagonal = 0
      for (j, y) in b.enumerated() {
        let above = lengths[j + 1]
        lengths[j + 1] = x == y ? diagonal + 1 : max(above, lengths[j])
        diagonal = above
      }
    }
    return lengths[b.count]
  }
}
