/// A number and what it counts, as in “1 rank”, “2 ranks”.
public func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

extension [String] {
  /// The first of some names, and how many more there are.
  public var firstFew: String {
    let few = 8
    return prefix(few).joined(separator: ", ") + (count > few ? " and \(count - few) more" : "")
  }
}
