/// The states that patterns lead through, after Thompson (1968): a state has one move on a set of code units, or
/// moves without any.
struct ThompsonAutomaton {
  private(set) var states: [State] = []

  struct State {
    var units: CodeUnitSet?
    var successors: [Int] = []
    /// The number of the pattern that has been matched here.
    var accepted: Int?
  }

  /// The state at which the patterns begin, which are numbered in their order.
  mutating func add(_ patterns: [Pattern]) -> Int {
    let entries = patterns.enumerated().map { number, pattern in
      let end = add(State(accepted: number))
      return add(pattern, before: end)
    }
    return add(State(successors: entries))
  }

  /// The states that are reached without a code unit, of which only those are kept that do something.
  func closure(of starts: [Int]) -> [Int] {
    var seen = Set(starts)
    var waiting = starts
    while let state = waiting.popLast() {
      guard states[state].units == nil else { continue }
      for next in states[state].successors where seen.insert(next).inserted { waiting.append(next) }
    }
    return seen.filter { states[$0].units != nil || states[$0].accepted != nil }.sorted()
  }

  private mutating func add(_ state: State) -> Int {
    states.append(state)
    return states.count - 1
  }

  /// The entry of states that match `pattern` and then go on at `end`.
  private mutating func add(_ pattern: Pattern, before end: Int) -> Int {
    switch pattern {
    case .units(let units): return add(State(units: units, successors: [end]))
    case .sequence(let parts):
      var entry = end
      for part in parts.reversed() { entry = add(part, before: entry) }
      return entry
    case .choice(let branches):
      var entries: [Int] = []
      for branch in branches { entries.append(add(branch, before: end)) }
      return add(State(successors: entries))
    case .repetition(let part, let least, let most):
      var entry = end
      if let most {
        for _ in least..<most { entry = add(State(successors: [add(part, before: entry), end])) }
      } else {
        entry = add(State(successors: [end]))
        states[entry].successors.append(add(part, before: entry))
      }
      for _ in 0..<least { entry = add(part, before: entry) }
      return entry
    }
  }
}
