/// Many patterns matched at once, the longest match winning: a finite automaton whose deterministic states are
/// made when a text first leads to them.
///
/// It holds several machines, each with patterns of its own; they share what was made. Not `Sendable`, for it grows
/// while it reads.
final class Automaton {
  typealias Text = UnsafeBufferPointer<UInt16>

  /// A set of Thompson's states, which is one state here. The empty set is 0: no pattern goes on.
  private typealias State = Int32
  private static let unknown: State = -1

  private let thompson: ThompsonAutomaton
  private let alphabet: Alphabet
  /// By Thompson's state: whether each letter leads on.
  private let leadsOn: [[Bool]]

  private var sets: [[Int]] = []
  private var stateOfSet: [[Int]: State] = [:]
  /// By state, the pattern that has been matched; -1 for none.
  private var accepted: [Int32] = []
  /// By state and letter.
  private var transitions: [State] = []
  /// By machine.
  private var starts: [State] = []

  /// - Parameter machines: the patterns of each; of those that match equally far the first wins.
  init(machines: [[Pattern]]) {
    var thompson = ThompsonAutomaton()
    let entries = machines.map { thompson.add($0) }
    let alphabet = Alphabet(of: Set(thompson.states.compactMap(\.units)))
    leadsOn = thompson.states.map { state in
      var letters = Array(repeating: false, count: state.units == nil ? 0 : alphabet.count)
      for letter in state.units.map(alphabet.letters) ?? [] { letters[letter] = true }
      return letters
    }
    (self.thompson, self.alphabet) = (thompson, alphabet)
    _ = state(of: [])
    starts = entries.map { state(of: thompson.closure(of: [$0])) }
  }

  /// Places and states from which a long look ahead found nothing; they need no second look.
  ///
  /// Without this a pattern that begins everywhere and ends nowhere, such as an address without its end in a
  /// text of a million letters and commas, would be followed to the end from each of them (Reps 1998, “Maximal-munch
  /// tokenization in linear time”).
  struct DeadEnds {
    fileprivate struct Place: Hashable {
      let position: Int
      let state: Int32
    }
    /// Only every so many code units are looked at: ordinary text never pays for this.
    fileprivate static let distance = 64
    fileprivate var places: Set<Place> = []
  }

  /// The pattern of a machine that matches the longest piece of `text` from `begin` on, and where the piece ends;
  /// nil where none matches so much as one code unit.
  func longestMatch(
    of machine: Int, in text: Text, from begin: Int, avoiding deadEnds: inout DeadEnds
  ) -> (pattern: Int, end: Int)? {
    var best: (pattern: Int, end: Int)?
    var state = starts[machine]
    var passed: [DeadEnds.Place] = []
    for position in begin..<text.count {
      state = successor(of: state, by: text[position])
      if state == 0 { break }
      if accepted[Int(state)] >= 0 {
        best = (Int(accepted[Int(state)]), position + 1)
        passed.removeAll(keepingCapacity: true)
      } else if position % DeadEnds.distance == 0 {
        let place = DeadEnds.Place(position: position, state: state)
        if deadEnds.places.contains(place) { break }
        passed.append(place)
      }
    }
    deadEnds.places.formUnion(passed)
    return best
  }

  /// Where pieces of `text` end that begin with the range, lie within it, and are matched by a machine.
  func ends(of machine: Int, in text: Text, within range: Range<Int>) -> [Int] {
    var ends: [Int] = []
    var state = starts[machine]
    for position in range {
      state = successor(of: state, by: text[position])
      if state == 0 { break }
      if accepted[Int(state)] >= 0 { ends.append(position + 1) }
    }
    return ends
  }

  private func successor(of state: State, by unit: UInt16) -> State {
    let letter = Int(alphabet.letterOfUnit[Int(unit)])
    let place = Int(state) * alphabet.count + letter
    if transitions[place] == Self.unknown {
      let reached = sets[Int(state)].filter { !leadsOn[$0].isEmpty && leadsOn[$0][letter] }
      let successor = self.state(of: thompson.closure(of: reached.flatMap { thompson.states[$0].successors }))
      transitions[place] = successor
    }
    return transitions[place]
  }

  private func state(of set: [Int]) -> State {
    if let state = stateOfSet[set] { return state }
    let state = State(sets.count)
    sets.append(set)
    stateOfSet[set] = state
    accepted.append(set.compactMap { thompson.states[$0].accepted }.min().map(Int32.init) ?? -1)
    transitions += repeatElement(set.isEmpty ? 0 : Self.unknown, count: alphabet.count)
    return state
  }
}
