import Foundation

/// What a pickle is to hold, as Python's own expressions would make it.
///
/// Lists and bytes come when their turn comes, so that a pickle takes no memory in proportion to what is in
/// it.
public indirect enum PickleTerm {
  case none
  case bool(Bool)
  case integer(Int)
  case string(String)
  /// So many bytes, which are handed over in pieces. Needs protocol 4.
  case bytes(count: Int, produce: (_ sink: ByteSink) throws -> Void)
  case tuple([PickleTerm])
  case list(AnySequence<PickleTerm>)
  case dictionary([(key: String, value: PickleTerm)])
  /// A class or a function, by module and name with a point between.
  case global(String)
  /// What a function makes of arguments.
  case call(String, [PickleTerm])
  case orderedDictionary([(key: String, value: PickleTerm)])
  /// What the reader finds elsewhere under this name.
  case persistent(PickleTerm)
}
