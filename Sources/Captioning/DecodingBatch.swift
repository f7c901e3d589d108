import Autograd
import CKernels
import Layers
import Models
import Tensors

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
  private let state: any DecodingState
  private let head: VocabularyProjection
  /// Of narrow tasks: a step has few rows, so threads share its columns.
  private let tape: Tape

  /// - Parameter embeddings: [images, embedding width].
  public init(_ model: any CaptionModel, embeddings: Matrix, on backend: Backend) {
    self.backend = backend
    images = Array(0..<embeddings.rows)
    tape = Tape(on: backend, recording: false, columnBlock: 192)
    head = model.head
    state = model.startDecoding(embeddings, on: tape)
  }

  /// Goes over to other sequences: the i-th becomes what `successors[i]` says. They have no more tokens than the model's
  /// captions may.
  public func advance(_ successors: [Continuation]) {
    images = successors.map { images[$0.parent] }
    state.advance(successors)
  }

  /// The `count` largest logits of each sequence's next token, divided by the temperature.
  func topLogits(_ count: Int, temperature: Double = 1) -> [TopLogits] {
    let tops = head.topLogits(state.outputs, count: count, temperature: temperature, on: tape)
    note(tops.map(\.isFinite))
    return tops
  }

  /// What `body` makes of each sequence's logits, [vocabulary], which it may overwrite; sequences in parallel. They all
  /// exist at a time: for methods that follow one sequence of an image.
  func mapLogits<Result>(
    _ body: (_ sequence: Int, _ logits: UnsafeMutableBufferPointer<Float>) -> Result
  ) -> [Result] {
    let logits = head.logits(state.outputs, on: tape)
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
}
