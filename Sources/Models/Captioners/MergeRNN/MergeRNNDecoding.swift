import Autograd
import Tensors

/// Captions that ``MergeRNN`` is writing, with the LSTM's state after what it has read of them.
final class MergeRNNDecoding: DecodingState {
  private(set) var outputs: LinearInput
  private let model: MergeRNN
  private var state: LSTMState
  /// The projected image of each sequence.
  private var images: Variable
  private let tape: Tape

  /// - Parameter images: [images, embedding width].
  init(_ model: MergeRNN, _ images: Matrix, on tape: Tape) {
    self.model = model
    self.tape = tape
    let packing = Packing(nextTokens: images.rows)
    self.images = model.project(images, packing, on: tape)
    let step = model.step(nil, from: nil, packing, on: tape)
    state = step.state
    outputs = model.merged(step.output, self.images, on: tape)
  }

  func advance(_ continuations: [Continuation]) {
    let parents = continuations.map(\.parent)
    let packing = Packing(nextTokens: continuations.count)
    images = tape.gatherRows(images, parents, packing: packing)
    let step = model.step(
      continuations.map(\.token), from: state.rearranged(parents, on: tape.backend), packing, on: tape)
    state = step.state
    outputs = model.merged(step.output, images, on: tape)
  }
}
