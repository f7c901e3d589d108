import Foundation
import Support

/// How images are assigned to splits. What no rule names goes to the rest.
public enum SplitRule: Sendable {
  /// Files of image ids, one on each line. Ids are found as `capstan data import` finds them: with or without
  /// path and extension.
  case lists([(split: String, path: String)])
  /// The JSON of Karpathy's splits.
  case karpathy(path: String, keepsRestval: Bool)
  /// Shares of the images that have captions. Which an image falls to depends on the seed and its id alone,
  /// so that images which are added later move no others; the shares are therefore kept only about.
  case fractions([(split: String, fraction: Double)], seed: UInt64)
  /// So many of the last images that have captions, in the order of the rows: first the very last, then those
  /// before them.
  case last([(split: String, count: Int)])
}

extension StoreSelection {
  /// Gives every image a split. What the rule does not name goes to `rest`, or, without a caption, to
  /// `uncaptioned`, where training does not look.
  ///
  /// Throws `Failure.usage` where a rule is at odds with itself or leaves a split empty, and
  /// `Failure.badData` where a file of ids is not as it should be or names images that are not there.
  public mutating func split(by rule: SplitRule, rest: String = "train") throws -> SplitReport {
    try rule.validate(rest: rest)
    let before = splitCounts
    let named: [String?] =
      switch rule {
      case .lists(let lists): try splits(byLists: lists)
      case .karpathy(let path, let keepsRestval): try splits(byKarpathy: path, keepsRestval: keepsRestval)
      case .fractions(let fractions, let seed): splits(byFractions: fractions, seed: seed)
      case .last(let counts): try splits(byLast: counts)
      }
    splits = zip(named, isCaptioned).map { $0 ?? ($1 ? rest : "uncaptioned") }
    if let empty = rule.names.first(where: { !splits.contains($0) }) {
      throw Failure.usage(
        "The split \(empty) would be empty, with \(counted(imageIDs.count, "image")) in all; ask for more.")
    }
    return SplitReport(before: before, after: splitCounts, restImages: named.count { $0 == nil })
  }

  private func splits(byLists lists: [(split: String, path: String)]) throws -> [String?] {
    let paths = lists.map(\.path).joined(separator: ", ")
    var images = CaptionedImages(columns: [ImageColumn(name: "line")], path: paths)
    for (split, path) in lists {
      for (name, line) in try ImageList.names(in: path) {
        try images.add(
          CaptionedImage(names: [name], split: split, captions: [], place: "line \(line) of \(path)"))
      }
    }
    let file = CaptionFile(path: paths, columns: images.columns, images: images.images)
    let matching = try CaptionMatching(imageIDs, with: file)
    if matching.unmatched > 0 {
      let found = Set(matching.matches.compactMap { $0?.name })
      let strays = file.images.map(\.name).filter { !found.contains($0) }
      throw Failure.badData(
        "\(counted(strays.count, "image id")) of \(file.path) are not in the store\(strays.examples); remove them from the "
          + "list.")
    }
    return matching.matches.map { $0?.split }
  }

  private func splits(byKarpathy path: String, keepsRestval: Bool) throws -> [String?] {
    var options = CaptionOptions()
    options.keepsRestval = keepsRestval
    let file = try CaptionFile(path: path, options: options)
    guard file.images.contains(where: { $0.split != nil }) else {
      throw Failure.badData(
        "\(path) tells no splits, as Karpathy's dataset_*.json does; name that, or a table with a column split."
      )
    }
    return try CaptionMatching(imageIDs, with: file).matches.map { $0?.split }
  }

  private func splits(byFractions fractions: [(split: String, fraction: Double)], seed: UInt64) -> [String?] {
    zip(imageIDs, isCaptioned).map { id, isCaptioned in
      var left = Self.place(of: id, seed: seed)
      guard isCaptioned else { return nil }
      return fractions.first { _, fraction in
        left -= fraction
        return left < 0
      }?.split
    }
  }

  /// A number in 0..<1 that is the image's own: the first 52 bits of SHA-256 of the seed, a line feed and the
  /// id.
  static func place(of imageID: String, seed: UInt64) -> Double {
    let digits = Fingerprint(of: Data("\(seed)\n\(imageID)".utf8)).description.prefix(13)
    return Double(UInt64(digits, radix: 16) ?? 0) / Double(1 << 52)
  }

  private func splits(byLast counts: [(split: String, count: Int)]) throws -> [String?] {
    let isCaptioned = isCaptioned
    var left = isCaptioned.indices.filter { isCaptioned[$0] }
    let wanted = counts.reduce(0) { $0 + $1.count }
    guard wanted <= left.count else {
      throw Failure.usage(
        "The last \(wanted) images are asked for, and \(left.count) have captions; ask for fewer.")
    }
    var splits: [String?] = Array(repeating: nil, count: imageIDs.count)
    for (split, count) in counts {
      for image in left.suffix(count) { splits[image] = split }
      left.removeLast(count)
    }
    return splits
  }
}

extension SplitRule {
  /// The splits that must not be empty.
  fileprivate var names: [String] {
    switch self {
    case .lists(let lists): lists.map(\.split)
    case .karpathy: []
    case .fractions(let fractions, _): fractions.map(\.split)
    case .last(let counts): counts.map(\.split)
    }
  }

  fileprivate func validate(rest: String) throws {
    if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      throw Failure.usage("The split \(names[twice]) is asked for twice; name each once.")
    }
    guard !rest.isEmpty, !names.contains(""), !names.contains(rest) else {
      throw Failure.usage(
        "The rest goes to the split “\(rest)”, and splits need names that differ from it; name another with "
          + "--rest.")
    }
    if case .fractions(let fractions, _) = self {
      guard fractions.allSatisfy({ $0.fraction > 0 }), fractions.reduce(0, { $0 + $1.fraction }) <= 1 else {
        throw Failure.usage(
          "Fractions must be above 0 and at most 1 together, but they are "
            + "\(fractions.map { "\($0.fraction)" }.joined(separator: ", ")); choose others.")
      }
    }
    if case .last(let counts) = self, let count = counts.first(where: { $0.count < 1 }) {
      throw Failure.usage("The split \(count.split) is to have \(count.count) images; give it at least 1.")
    }
  }
}

/// How many images each split had and has.
public struct SplitReport: Encodable, Sendable, CustomStringConvertible {
  public let before: [String: Int]
  public let after: [String: Int]
  /// Images that the rule does not name.
  public let restImages: Int

  /// A sentence for people.
  public var description: String { "Images: \(after.listed), after \(before.listed) before." }
}
