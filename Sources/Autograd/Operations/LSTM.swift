import Tensors

/// What an LSTM has kept of every sequence, from which it continues when captions are made.
public struct LSTMState {
  /// [sequences, width] each
  public let hidden: Matrix
  public let cell: Matrix

  /// Sequence i becomes what sequence `parents[i]` was; their number may change.
  public func rearranged(_ parents: [Int], on backend: Backend) -> LSTMState {
    LSTMState(hidden: backend.gather(parents, of: hidden), cell: backend.gather(parents, of: cell))
  }
}

extension Tape {
  /// The recurrent half of a long short-term memory (Hochreiter and Schmidhuber 1997; Gers et al. 2000), in the form of
  /// TensorFlow 1's `BasicLSTMCell`, for Merge-RNN (Tanti et al. 2018): at each step of a sequence the sums of four gates,
  /// in the order input i, candidate j, forget f, output o, are what came in plus h · W, and
  ///
  ///     c ← σ(f + forgetBias) · c + σ(i) · tanh(j)        h ← σ(o) · tanh(c)
  ///
  /// All of it is one operation. Every step multiplies the rows of all sequences that are as long, each lane's on their
  /// own; the weight's gradient is one product of all steps' rows.
  ///
  /// - Parameters:
  ///   - gates: what comes in, [rows, 4 · width].
  ///   - recurrent: W, [width, 4 · width].
  ///   - state: that the sequences continue from; nil: zeros.
  /// - Returns: h of every step, [rows, width], and what is left of each sequence at its end.
  public func lstm(
    _ gates: Variable, recurrent: Parameter, forgetBias: Float = 1, from state: LSTMState? = nil
  ) -> (output: Variable, state: LSTMState) {
    let (packing, width) = (gates.packing, recurrent.value.rows)
    precondition(
      gates.width == 4 * width && recurrent.value.columns == 4 * width, "\(recurrent.name) has four gates")
    precondition(state == nil || !isRecording, "a state is for generation: nothing flows back through it")
    let steps = packing.steps
    let factor = WeightOperand(recurrent, .inputsByOutputs)
    let activated = backend.matrix(packing.rows, 4 * width)
    let cells = backend.matrix(packing.rows, width)
    let hidden = backend.matrix(packing.rows, width)
    let initial =
      state
      ?? LSTMState(
        hidden: backend.zeros(packing.sequences, width), cell: backend.zeros(packing.sequences, width))

    func cell(before time: Int, row: Int, sequence: Int) -> UnsafeMutablePointer<Float> {
      time > 0 ? cells.row(row - 1) : initial.cell.row(sequence)
    }

    for (time, step) in steps.enumerated() {
      let sums = backend.gather(step.rows, of: gates.value)
      if time > 0 || state != nil {
        let previous =
          time > 0
          ? backend.gather(step.rows.map { $0 - 1 }, of: hidden)
          : backend.gather(step.sequences, of: initial.hidden)
        backend.multiply(
          MatmulInput(previous, step.packing, on: backend), factor, into: sums, accumulate: true,
          columnBlock: columnBlock)
      }
      backend.inRowBlocks(of: sums) { indices in
        for index in indices {
          let row = step.rows[index]
          activated.row(row).update(from: sums.row(index), count: 4 * width)
          backend.kernels.lstm(
            activated.row(row), cells.row(row), hidden.row(row),
            cell(before: time, row: row, sequence: step.sequences[index]), forgetBias, width)
        }
      }
    }

    let recurrentGradient = gradient(of: recurrent)
    let output = variable(
      hidden, packing, requiresGradient: gates.requiresGradient || recurrentGradient != nil)
    record(output, contributingTo: [recurrentGradient]) {
      [backend, columnBlock, sum = gates.gradientSum] dy in
      let dGates = backend.matrix(packing.rows, 4 * width)
      // Of each sequence, what the step behind hands back.
      let dHidden = backend.zeros(packing.sequences, width)
      let dCell = backend.zeros(packing.sequences, width)
      for (time, step) in steps.enumerated().reversed() {
        let outputGradient = backend.matrix(step.rows.count, 4 * width)
        backend.inRowBlocks(of: outputGradient) { indices in
          for index in indices {
            let (row, sequence) = (step.rows[index], step.sequences[index])
            backend.kernels.add(dHidden.row(sequence), dHidden.row(sequence), dy.row(row), width)
            backend.kernels.lstm_gradient(
              outputGradient.row(index), dCell.row(sequence), dHidden.row(sequence), activated.row(row),
              cells.row(row),
              cell(before: time, row: row, sequence: sequence), width)
            dGates.row(row).update(from: outputGradient.row(index), count: 4 * width)
          }
        }
        guard time > 0 else { continue }
        let back = backend.matrix(step.rows.count, width)
        backend.multiply(
          MatmulInput(outputGradient, step.packing, on: backend), factor.transposed, into: back,
          columnBlock: columnBlock)
        for (index, sequence) in step.sequences.enumerated() {
          dHidden.row(sequence).update(from: back.row(index), count: width)
        }
      }
      if let recurrentGradient {
        let previous = backend.zeros(packing.rows, width)
        for step in steps.dropFirst() {
          for row in step.rows { previous.row(row).update(from: hidden.row(row - 1), count: width) }
        }
        recurrentGradient.add(
          productOf: MatmulInput(previous, packing, on: backend), MatmulInput(dGates, packing, on: backend))
      }
      sum?.add(dGates, on: backend)
    }

    let last = (0..<packing.sequences).map { packing.rows(ofSequence: $0) }
    let left = LSTMState(
      hidden: backend.matrix(packing.sequences, width), cell: backend.matrix(packing.sequences, width))
    for (sequence, rows) in last.enumerated() {
      let (h, c) =
        rows.isEmpty
        ? (initial.hidden.row(sequence), initial.cell.row(sequence))
        : (hidden.row(rows.upperBound - 1), cells.row(rows.upperBound - 1))
      left.hidden.row(sequence).update(from: h, count: width)
      left.cell.row(sequence).update(from: c, count: width)
    }
    return (output, left)
  }
}

/// The rows that a recurrent network takes at a time: one of each sequence that is as long.
private struct TimeStep {
  let rows: [Int]
  let sequences: [Int]
  /// Of the rows alone, in the same lanes.
  let packing: Packing
}

extension Packing {
  fileprivate var steps: [TimeStep] {
    let lengths = (0..<sequences).map { rows(ofSequence: $0).count }
    return (0..<(lengths.max() ?? 0)).map { time in
      let active = (0..<sequences).filter { lengths[$0] > time }
      let laneSizes = (0..<lanes).map { lane in
        (laneSequences[lane]..<laneSequences[lane + 1]).count { lengths[$0] > time }
      }
      return TimeStep(
        rows: active.map { sequenceStarts[$0] + time }, sequences: active,
        packing: Packing(lengths: active.map { _ in 1 }, laneSizes: laneSizes))
    }
  }
}
