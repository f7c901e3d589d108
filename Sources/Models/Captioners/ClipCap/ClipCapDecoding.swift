import Autograd
import Tensors

/// Captions that ``ClipCap`` is writing, with the keys and values of what it has seen of them.
final class ClipCapDecoding: DecodingState {
  private(set) var outputs: LinearInput
  private let model: ClipCap
  private let cache: KeyValueCache
  private let tape: Tape

  /// - Parameter images: [images, embedding width].
  init(_ model: ClipCap, _ images: Matrix, on tape: Tape) {
    self.model = model
    self.tape = tape
    cache = model.languageModel.makeCache(sequences: images.rows, on: tape.backend)
    let packing = Packing(nextTokens: images.rows)
    outputs = tape.input(Variable(tape.backend.matrix(images.rows, 0), packing: packing))
    let prefix = model.mapPrefix(images, packing: packing, on: tape)
    append((0..<images.rows).flatMap(model.prefixRows(ofImage:)), prefix: prefix, sequences: images.rows)
  }

  /// With the prefix the sequences fit into the model's positions.
  func advance(_ continuations: [Continuation]) {
    cache.rearrange(continuations.map(\.parent))
    append(continuations.map { .token($0.token) }, prefix: nil, sequences: continuations.count)
  }

  /// Takes new rows, equally many for each sequence.
  private func append(_ rows: [InputRow], prefix: Variable?, sequences: Int) {
    let packing = Packing(nextTokens: sequences)
    let count = rows.count / sequences
    let positions = (0..<sequences).flatMap { _ in cache.length..<cache.length + count }
    let hidden = model.languageModel.hidden(
      rows, positions: positions, prefix: prefix, packing: packing.with(length: count), cache: cache, on: tape
    )
    let last = tape.gatherRows(hidden, (1...sequences).map { $0 * count - 1 }, packing: packing)
    outputs = model.languageModel.normalized(last, on: tape)
  }
}
