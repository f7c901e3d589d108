import Autograd

/// Captions under way: sequences that a model continues together, a token at a time.
public protocol DecodingState: AnyObject {
  /// What the head projects for each sequence's next token, [sequences, width].
  var outputs: LinearInput { get }
  /// Goes over to other sequences: the i-th becomes what `continuations[i]` says.
  func advance(_ continuations: [Continuation])
}

extension Packing {
  /// One row for each sequence under way, all in one lane: a product is the faster the more rows it has.
  init(nextTokens sequences: Int) {
    self.init(lengths: Array(repeating: 1, count: sequences), laneSizes: [sequences])
  }
}

/// A sequence as another goes on: the sequence `parent` with one more token.
public struct Continuation: Equatable, Sendable {
  public let parent: Int
  public let token: Int32

  public init(parent: Int, token: Int32) {
    self.parent = parent
    self.token = token
  }
}
