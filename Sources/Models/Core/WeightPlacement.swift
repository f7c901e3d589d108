import FileFormats
import Support

/// Which weight each name of a state dict is, whatever stands before the names.
///
/// Programs that hold a captioner among other things put a prefix of their own before all names (`clipcap.`), before
/// each part's, or another before those of a moving average. Names that have something to do with each other may have
/// different prefixes, as long as no weight is there twice.
struct WeightPlacement {
  /// The weights that are taken, by their names in the file.
  private(set) var weights: [String: WeightName] = [:]
  /// The names that are no weight's.
  private(set) var unknown: [String] = []
  /// What stands before the names of moving averages that were not taken.
  private(set) var averages: Set<String> = []

  /// - Parameter source: what to name in an error.
  /// - Throws: `Failure.badData` when a weight comes twice and no name tells which of the two is meant.
  init(_ names: some Collection<String>, source: String) throws {
    let places = names.map { (name: $0, place: Self.place(of: $0)) }
    guard places.contains(where: { $0.place != nil }) else {
      (weights, unknown) = Self.mapper(alone: names)
      return
    }
    let hasOthers = places.contains { $0.place.map { !isMovingAverage($0.prefix) } ?? false }
    var taken: [WeightName: String] = [:]
    for (name, place) in places.sorted(by: { $0.name < $1.name }) {
      guard let (prefix, weight) = place else {
        unknown.append(name)
        continue
      }
      if hasOthers, isMovingAverage(prefix) {
        averages.insert(String(prefix.dropLast()))
        continue
      }
      if weight != .constant, let other = taken.updateValue(name, forKey: weight) {
        throw Failure.badData(
          "\(source) has \(weight) twice, as \(other) and as \(name); say which model is meant with "
            + "--weights KEY, which is what stands before its names.")
      }
      weights[name] = weight
    }
  }

  /// Parts of a name before the first that is a model's.
  private static let longestPrefix = 5

  /// What stands before a weight's name, and the weight.
  private static func place(of name: String) -> (prefix: String, weight: WeightName)? {
    var rest = Substring(name)
    for _ in 0...longestPrefix {
      let weight = WeightName(String(rest))
      if weight.isKnown { return (String(name[..<rest.startIndex]), weight) }
      guard let point = rest.firstIndex(of: ".") else { return nil }
      rest = rest[rest.index(after: point)...]
    }
    return nil
  }

  /// The names of `model.clip_project.state_dict()`, with a prefix that all share or none.
  private static func mapper(alone names: some Collection<String>) -> (
    [String: WeightName], unknown: [String]
  ) {
    var rests = Dictionary(uniqueKeysWithValues: names.map { ($0, Substring($0)) })
    for _ in 0...longestPrefix {
      let weights = rests.compactMapValues { WeightName(ofMapperAlone: String($0)) }
      if weights.count == names.count { return (weights, []) }
      guard Set(rests.values.map { $0.prefix { $0 != "." } }).count == 1 else { break }
      rests = rests.mapValues { $0.drop { $0 != "." }.dropFirst() }
    }
    return ([:], Array(names))
  }
}
