extension Collection<String> {
  /// The first few in brackets, led by a blank, for a sentence that counts them: “ (such as a, b, c)”.
  /// Nothing for none.
  public var examples: String {
    isEmpty ? "" : " (\(count > 3 ? "such as " : "")\(sorted().prefix(3).joined(separator: ", ")))"
  }
}
