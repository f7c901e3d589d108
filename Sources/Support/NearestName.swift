extension Collection<String> {
  /// The member that is the fewest edits (insertions, deletions, substitutions) away from `name`: the "did you
  /// mean" of an error message. The first of several at the same distance.
  public func nearest(to name: String) -> String? {
    self.min { editDistance($0, name) < editDistance($1, name) }
  }
}

/// Levenshtein's distance in characters.
private func editDistance(_ a: String, _ b: String) -> Int {
  let b = Array(b)
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let substitution = diagonal + (x == y ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = Swift.min(substitution, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
