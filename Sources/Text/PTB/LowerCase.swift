extension String {
  /// A token in lower case: as Unicode's tables have it, and with ς for Σ at the end, behind a letter.
  ///
  /// Swift's `lowercased()` makes σ of every Σ.
  var lowercasedWithFinalSigma: String {
    guard unicodeScalars.contains("Σ"),
      let last = unicodeScalars.lastIndex(where: \.properties.isCased), unicodeScalars[last] == "Σ",
      unicodeScalars[..<last].contains(where: \.properties.isCased)
    else { return lowercased() }
    let (beginning, end) = (self[..<last], self[last...].dropFirst())
    return beginning.lowercased() + "ς" + end.lowercased()
  }
}
