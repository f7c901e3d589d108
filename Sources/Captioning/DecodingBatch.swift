import Autograd
import CKernels
import Models
import Tensors

/// A sequence as another goes on: the sequence `parent` with one more token.
public struct Continuation: Equatable, Sendable {
  public let parent: Int
  public let token: Int32

  public init(parent: Int, token: Int32) {
    self.parent = parent
    self.token = token
  }
}

/// Captions under way: sequences that one model goes on with together, a token at a time.
///
/// It begins with one sequence for each image, which holds the prefix alone. A decoding method asks what may come next
/// and says which sequences there should be then; a sequence without successor is finished and costs nothing more.
public final class DecodingBatch {
  public var sequences: Int { images.count }
  /// The first image of which a predicted logit was not finite; nil where all were.
  public private(set) var firstNonFinite: Int?
  let backend: Backend
  /// Of each sequence.
  private var images: [Int]
  /// What the head projects onto the vocabulary for each sequence's next token.
  private var outputs: LinearInput
  /// Of narrow tasks: a step has few rows, so threads share its columns.
  private let tape: Tape
  private let model: ClipCap
  private let cache: KeyValueCache

  /// - Parameter embeddings: [images, embedding width].
  public init(_ model: ClipCap, embeddings: Matrix, on backend: Backend) {
    let size = model.languageModel.configuration
    images = Array(0..<embeddings.rows)
    self.model = model
    self.backend = backend
    tape = Tape(on: backend, recording: false, columnBlock: 192)
    cache = KeyValueCache(sequences: images.count, layers: size.layers, width: size.width, on: backend)
    let packing = Self.packing(of: images.count)
    outputs = tape.input(Variable(backend.matrix(images.count, 0), packing: packing))
    let prefix = model.mapPrefix(embeddings, packing: packing, on: tape)
    takeIn(images.flatMap(model.prefixRows(ofImage:)), prefix: prefix)
  }

  /// Goes over to other sequences: the i-th becomes what `successors[i]` says. With the prefix they fit into the model's
  /// positions.
  public func advance(_ successors: [Continuation]) {
    images = successors.map { images[$0.parent] }
    cache.rearrange(successors.map(\.parent))
    takeIn(successors.map { .token($0.token) }, prefix: nil)
  }

  /// The `count` largest logits of each sequence's next token, divided by the temperature.
  func topLogits(_ count: Int, temperature: Double = 1) -> [TopLogits] {
    let tops = tape.topLogits(
      outputs, table: model.languageModel.tokens, count: count, temperature: temperature)
    note(tops.map(\.isFinite))
    return tops
  }

  /// What `body` makes of each sequence's logits, [vocabulary], which it may overwrite; sequences in parallel. They all
  /// exist at a time: for methods that follow one sequence of an image.
  func mapLogits<Result>(
    _ body: (_ sequence: Int, _ logits: UnsafeMutableBufferPointer<Float>) -> Result
  ) -> [Result] {
    let logits = tape.logits(outputs, table: model.languageModel.tokens)
    note(
      (0..<sequences).map {
        capstan_first_nonfinite_float(logits.row($0), logits.columns) == logits.columns
      })
    return [Result](unsafeUninitializedCapacity: sequences) { results, initialized in
      nonisolated(unsafe) let results = results
      backend.pool.parallel(sequences) { sequence in
        let row = UnsafeMutableBufferPointer(start: logits.row(sequence), count: logits.columns)
        results.initializeElement(at: sequence, to: body(sequence, row))
      }
      initialized = sequences
    }
  }

  private func note(_ isFinite: [Bool]) {
    if firstNonFinite == nil {
      firstNonFinite = isFinite.firstIndex(of: false).map { images[$0] }
    }
  }

  /// Takes in new rows, equally many for each sequence.
  private func takeIn(_ rows: [InputRow], prefix: Variable?) {
    let packing = Self.packing(of: sequences)
    let count = rows.count / sequences
    let positions = (0..<sequences).flatMap { _ in cache.length..<cache.length + count }
    let hidden = model.languageModel.hidden(
      rows, positions: positions, prefix: prefix, packing: packing.with(length: count), cache: cache, on: tape
    )
    let last = tape.gatherRows(hidden, (1...sequences).map { $0 * count - 1 }, packing: packing)
    outputs = model.languageModel.normalized(last, on: tape)
  }

  /// One row for each sequence, all in one lane: a product is the faster the more rows it has.
  private static func packing(of sequences: Int) -> Packing {
    Packing(lengths: Array(repeating: 1, count: sequences), laneSizes: [sequences])
  }
}
