import Support

extension Configuration {
  /// What may have been meant by a name that a section does not have: all keys of that very name, wherever they are, or
  /// else the nearest one of the section, and at the top the nearest of all.
  /// - Parameters:
  ///   - path: of the section; empty at the top.
  ///   - names: of the section's keys.
  /// - Returns: full paths.
  static func suggestions(for name: String, in path: String, having names: [String]) -> [String] {
    var all: [String] = []
    for key in Configuration().reference() {
      let parts = key.path.split(separator: ".")
      for count in 1...parts.count {
        let path = parts.prefix(count).joined(separator: ".")
        if !all.contains(path) { all.append(path) }
      }
    }
    func last(_ path: String) -> String { path.split(separator: ".").last.map(String.init) ?? "" }
    let same = all.filter { last($0) == name }
    guard same.isEmpty else { return same }
    let candidates = path.isEmpty ? names + all : names.map { "\(path).\($0)" }
    let nearest = candidates.map(last).nearest(to: name)
    return candidates.first { last($0) == nearest }.map { [$0] } ?? []
  }
}
