import Support

/// A name that a section does not have.
struct UnknownKey: Error {
  let name: String
  /// The path of the section; empty at the top.
  let section: String
  /// The section's keys.
  let siblings: [String]

  var path: String { section.isEmpty ? name : "\(section).\(name)" }
}

extension ConfigurationDocument {
  /// What may have been meant by a name that a section does not have: all keys of that very name, wherever they are, or
  /// else the nearest one of the section, and at the top the nearest of all.
  /// - Returns: full paths.
  static func suggestions(for unknown: UnknownKey) -> [String] {
    let (name, path, names) = (unknown.name, unknown.section, unknown.siblings)
    var all: [String] = []
    for key in Self().reference() {
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
