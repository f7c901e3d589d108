import Autograd

/// Captions under way: sequences that a model continues together, a token at a time.
public protocol DecodingState: AnyObject {
  /// What the head projects for each sequence's next token, [sequences, width].
  var outputs: LinearInput { get }
  /// Goes over to other sequences: the i-th becomes what `continuations[i]` says.
  func advance(_ continuations: [Continuation])
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
