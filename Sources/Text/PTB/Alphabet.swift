/// Classes of code units that no pattern tells apart, the letters that an automaton reads.
struct Alphabet {
  /// By code unit.
  let letterOfUnit: [UInt16]
  let count: Int
  /// The letters of each set, ascending.
  private let lettersOfSet: [CodeUnitSet: [Int]]

  /// - Parameter sets: all that the patterns speak of.
  init(of sets: Set<CodeUnitSet>) {
    // Where sets begin or end, the membership of the code units changes; in between it stays.
    var changes: [Int: [Int]] = [0: []]
    for (index, set) in sets.enumerated() {
      for range in set.ranges {
        changes[Int(range.lowerBound), default: []].append(index)
        changes[Int(range.upperBound) + 1, default: []].append(index)
      }
    }
    let cuts = changes.filter { $0.key <= UInt16.max }.sorted { $0.key < $1.key }
    var members: Set<Int> = []
    var letterOfMembers: [Set<Int>: Int] = [:]
    var letterOfUnit: [UInt16] = []
    for (cut, next) in zip(cuts, cuts.dropFirst().map(\.key) + [Int(UInt16.max) + 1]) {
      members.formSymmetricDifference(cut.value)
      let letter = letterOfMembers[members] ?? letterOfMembers.count
      letterOfMembers[members] = letter
      letterOfUnit += repeatElement(UInt16(letter), count: next - cut.key)
    }
    self.letterOfUnit = letterOfUnit
    count = letterOfMembers.count
    lettersOfSet = Dictionary(
      uniqueKeysWithValues: sets.enumerated().map { index, set in
        (set, letterOfMembers.filter { $0.key.contains(index) }.map(\.value).sorted())
      })
  }

  func letters(of set: CodeUnitSet) -> [Int] { lettersOfSet[set, default: []] }
}
