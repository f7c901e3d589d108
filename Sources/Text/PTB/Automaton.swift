/// Several patterns matched at once, the longest match winning: a finite automaton whose deterministic
/// states are made when a text first leads to them.
///
/// Not `Sendable`, for it grows while it reads; each thread makes its own.
final class Automaton {
  /// Thompson's construction (1968): a state has one move on a set of code units, or moves without any.
  private struct State {
    var units: CodeUnitSet?
    var successors: [Int] = []
    var accepted: Int?
  }

  private var states: [State] = []
  /// Code units that no pattern tells apart have the same class.
  private var classOfUnit: [UInt8] = []
  /// The classes that lead out of a state, for each state with units.
  private var classes: [[Bool]] = []
  private var classCount = 0

  /// The sets of states that have been reached: a deterministic state is an index here, 0 the empty set.
  private var sets: [[Int]] = [[]]
  private var indexOfSet: [[Int]: Int] = [[]: 0]
  private var acceptedBySet: [Int?] = [nil]
  /// A row of `classCount` for each set; -1 where it is not known yet.
  private var transitions: [Int] = []
  private var start = 0

  /// Of patterns that match equally far the first wins.
  init(_ patterns: [Pattern]) {
    var entries: [Int] = []
    for (index, pattern) in patterns.enumerated() {
      let end = add(State(accepted: index))
      entries.append(build(pattern, before: end))
    }
    partition()
    transitions = Array(repeating: 0, count: classCount)
    start = indexOfSet(closure(of: entries))
  }

  /// The pattern that matches the longest piece of `text` from `begin` on, and where the piece ends; nil
  /// where none matches so much as one code unit.
  func longestMatch(in text: ArraySlice<UInt16>, from begin: Int) -> (pattern: Int, end: Int)? {
    var best: (pattern: Int, end: Int)?
    var state = start
    for position in begin..<text.endIndex {
      state = successor(of: state, by: Int(classOfUnit[Int(text[position])]))
      if state == 0 { break }
      if let pattern = acceptedBySet[state] { best = (pattern, position + 1) }
    }
    return best
  }

  private func successor(of set: Int, by unitClass: Int) -> Int {
    let place = set * classCount + unitClass
    if transitions[place] >= 0 { return transitions[place] }
    let reached = sets[set].filter { classes[$0][unitClass] }.flatMap { states[$0].successors }
    transitions[place] = indexOfSet(closure(of: reached))
    return transitions[place]
  }

  private func indexOfSet(_ set: [Int]) -> Int {
    if let index = indexOfSet[set] { return index }
    sets.append(set)
    acceptedBySet.append(set.compactMap { states[$0].accepted }.min())
    transitions += Array(repeating: -1, count: classCount)
    indexOfSet[set] = sets.count - 1
    return sets.count - 1
  }

  /// The states that are reached without a code unit, of which only those are kept that do something.
  private func closure(of states: [Int]) -> [Int] {
    var seen = Set(states)
    var waiting = states
    while let state = waiting.popLast() {
      guard self.states[state].units == nil else { continue }
      for next in self.states[state].successors where seen.insert(next).inserted { waiting.append(next) }
    }
    return seen.filter { self.states[$0].units != nil || self.states[$0].accepted != nil }.sorted()
  }

  // MARK: Construction

  private func add(_ state: State) -> Int {
    states.append(state)
    return states.count - 1
  }

  /// The entry of states that match `pattern` and then go on at `end`.
  private func build(_ pattern: Pattern, before end: Int) -> Int {
    switch pattern {
    case .units(let units): return add(State(units: units, successors: [end]))
    case .sequence(let parts): return parts.reversed().reduce(end) { build($1, before: $0) }
    case .choice(let branches): return add(State(successors: branches.map { build($0, before: end) }))
    case .repetition(let part, let least, let most):
      var entry = end
      if let most {
        for _ in least..<most { entry = add(State(successors: [build(part, before: entry), end])) }
      } else {
        entry = add(State(successors: [end]))
        states[entry].successors.append(build(part, before: entry))
      }
      for _ in 0..<least { entry = build(part, before: entry) }
      return entry
    }
  }

  /// Cuts the code units wherever a set begins or ends; pieces that are in the same sets get the same class.
  private func partition() {
    let sets = states.compactMap(\.units).reduce(into: [CodeUnitSet]()) { unique, set in
      if !unique.contains(set) { unique.append(set) }
    }
    let edges = sets.flatMap(\.ranges).flatMap { [Int($0.lowerBound), Int($0.upperBound) + 1] }
    let cuts = Set(edges + [0, 0x10000]).sorted()
    var classOfMembership: [[Bool]: UInt8] = [:]
    for (cut, next) in zip(cuts, cuts.dropFirst()) {
      let membership = sets.map { $0.contains(UInt16(cut)) }
      let index = classOfMembership[membership] ?? UInt8(classOfMembership.count)
      classOfMembership[membership] = index
      classOfUnit += Array(repeating: index, count: next - cut)
    }
    classCount = classOfMembership.count
    classes = states.map { state in
      var members = Array(repeating: false, count: classCount)
      guard let units = state.units, let position = sets.firstIndex(of: units) else { return members }
      for (membership, index) in classOfMembership where membership[position] { members[Int(index)] = true }
      return members
    }
  }
}
