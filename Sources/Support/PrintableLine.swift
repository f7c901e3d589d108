extension String {
  /// On one line, without control characters, which a terminal would obey, and with at most `longest` characters, of
  /// which those in the middle are left out: for what a file may have brought.
  public func printableLine(longest: Int) -> String {
    let line = unicodeScalars.map { scalar in
      unprintable.contains(scalar.properties.generalCategory) ? scalar.escaped(asASCII: true) : String(scalar)
    }.joined()
    return line.count > longest ? "\(line.prefix(longest / 2)) … \(line.suffix(longest / 2))" : line
  }
}

private let unprintable: Set<Unicode.GeneralCategory> = [.control, .lineSeparator, .paragraphSeparator]
