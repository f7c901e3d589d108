import Autograd
import Models
import Tensors

/// A sequence as another goes on: the sequence `parent` with one more token.
public struct Successor: Equatable, Sendable {
  public let parent: Int
  public let token: Int32

  public init(parent: Int, token: Int32) {
    self.parent = parent
    self.token = token
  }
}

/// Captions under way: sequences that one model goes on with together, a token at a time.
///
/// It begins with one sequence for each image, which holds the prefix alone. A decoding method looks at the logits of
/// the next token and says which sequences there should be next; a sequence without successor is finished and
/// costs nothing more.
public final class DecodingBatch {
  public private(set) var sequences: Int
  /// Of each sequence's next token, [sequences, vocabulary].
  public private(set) var logits: Matrix
  let backend: Backend
  /// Of narrow tasks: a step has few rows, so threads share its columns.
  private let tape: Tape
  private let model: ClipCap
  private let cache: KeyValueCache

  /// - Parameters:
  ///   - embeddings: [images, embedding width].
  ///   - maxTokens: the most tokens of a caption; with the prefix they fit into the model's positions, except that
  ///     the last token takes none.
  public init(_ model: ClipCap, embeddings: Matrix, maxTokens: Int, on backend: Backend) {
    let size = model.languageModel.configuration
    sequences = embeddings.rows
    self.model = model
    self.backend = backend
    tape = Tape(on: backend, recording: false, columnBlock: 192)
    cache = KeyValueCache(
      sequences: sequences, layers: size.layers, prefixLength: model.prefixLength, capacity: maxTokens - 1,
      width: size.width, on: backend)
    logits = backend.matrix(0, 0)
    let prefix = model.mapPrefix(embeddings, packing: packing, on: tape)
    predict(after: (0..<sequences).flatMap(model.prefixRows(ofImage:)), prefix: prefix)
  }

  /// Goes over to other sequences: the i-th becomes what `successors[i]` says.
  public func advance(_ successors: [Successor]) {
    sequences = successors.count
    cache.rearrange(successors.map(\.parent))
    predict(after: successors.map { .token($0.token) }, prefix: nil)
  }

  /// The first sequence whose next token's logits are not all finite.
  var firstWithoutPrediction: Int? { map { $1.allSatisfy(\.isFinite) }.firstIndex(of: false) }

  /// What `body` makes of each sequence's logits, [vocabulary], which it may overwrite; sequences in parallel.
  func map<Result>(
    _ body: (_ sequence: Int, _ logits: UnsafeMutableBufferPointer<Float>) -> Result
  ) -> [Result] {
    [Result](unsafeUninitializedCapacity: sequences) { results, initialized in
      nonisolated(unsafe) let results = results
      backend.pool.parallel(sequences) { sequence in
        let row = UnsafeMutableBufferPointer(start: logits.row(sequence), count: logits.columns)
        results.initializeElement(at: sequence, to: body(sequence, row))
      }
      initialized = sequences
    }
  }

  /// Takes in new rows, equally many for each sequence.
  private func predict(after rows: [InputRow], prefix: Variable?) {
    let count = rows.count / sequences
    let positions = (0..<sequences).flatMap { _ in cache.length..<cache.length + count }
    let hidden = model.languageModel.hidden(
      rows, positions: positions, prefix: prefix, packing: packing.with(length: count), cache: cache, on: tape
    )
    let last = tape.selectRows(hidden, (1...sequences).map { $0 * count - 1 }, packing: packing)
    logits = tape.logits(
      model.languageModel.normalized(last, on: tape), table: model.languageModel.tokens)
  }

  /// One row for each sequence, all in one lane: a product is the faster the more rows it has.
  private var packing: Packing {
    Packing(lengths: Array(repeating: 1, count: sequences), laneSizes: [sequences])
  }
}
