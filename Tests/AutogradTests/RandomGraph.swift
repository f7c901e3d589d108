import Tensors

@testable import Autograd

/// A random model of operations that share a few parameters, with a batch of sequences in four lanes: run by ``Tape``, on
/// all lanes or on some, or by ``NaiveTape``.
struct RandomGraph {
  static let width = 33
  /// Of the tables.
  static let vocabulary = 41
  static let packing = Packing(lengths: [3, 1, 4, 2, 0, 5, 2], laneSizes: [2, 1, 2, 2])

  indirect enum Step {
    case linear(weight: String, bias: String?)
    /// Two layers around a function, added to what comes in.
    case feedForward(expand: String, bias: String, contract: String, Activation)
    case layerNorm(scale: String, shift: String, weight: String)
    case rmsNorm(scale: String)
    /// Instead of some rows tokens, instead of others any row of the sequence.
    case embed(table: String, [InputRow])
    /// Constant rows behind each sequence, and of all its rows as many as there were, some perhaps more than once.
    case gather(constant: String, [Int])
    case lstm(kernel: String, bias: String, recurrent: String)
    /// x · tableᵀ · table
    case throughTable(String)
    /// x · tanh of an earlier variable.
    case gate(by: Int)
    /// One after the other, in a checkpointed part.
    case block([Step])
  }

  /// What each takes as its input, and what it does; they make variables 1, 2, …
  let steps: [(input: Int, step: Step)]
  /// Variables whose rows, normalised, predict targets, and by which table.
  let losses: [(input: Int, table: String)]
  let targets: [Int32]
  let weights: [Float]

  init(seed: UInt64) {
    var random = Philox(seed: seed, stream: "graph")
    func pick(_ names: String...) -> String { names[Int.random(in: names.indices, using: &random)] }
    func rows<Row>(_ row: (_ sequence: Range<Int>, _ index: Int) -> Row) -> [Row] {
      (0..<Self.packing.sequences).flatMap { sequence in
        Self.packing.rows(ofSequence: sequence).map { row(Self.packing.rows(ofSequence: sequence), $0) }
      }
    }
    func token() -> Int32 { .random(in: 0..<Int32(Self.vocabulary), using: &random) }
    func step(_ variables: Int, inBlock: Bool) -> Step {
      switch Int.random(in: 0..<(inBlock ? 8 : 12), using: &random) {
      case 0: .linear(weight: pick("w0", "w1"), bias: Bool.random(using: &random) ? pick("b0", "b1") : nil)
      case 1:
        .feedForward(
          expand: pick("w0", "w1"), bias: pick("b0", "b1"), contract: pick("w0", "w1"),
          Bool.random(using: &random) ? .tanh : .silu)
      case 2: .layerNorm(scale: pick("s0", "s1"), shift: pick("h0", "h1"), weight: pick("w0", "w1"))
      case 3: .rmsNorm(scale: pick("s0", "s1"))
      case 4:
        .embed(
          table: pick("t0", "t1"),
          rows { sequence, _ in
            Bool.random(using: &random)
              ? .token(token()) : .prefix(.random(in: sequence, using: &random))
          })
      case 5:
        .gather(constant: "c", rows { sequence, _ in .random(in: 0..<sequence.count + 2, using: &random) })
      case 6: .lstm(kernel: "k", bias: "g", recurrent: "r")
      case 7: .throughTable(pick("t0", "t1"))
      case 8: .gate(by: .random(in: 0..<variables, using: &random))
      default: .block((0..<3).map { _ in step(variables, inBlock: true) })
      }
    }
    steps = (0..<8).map { index in
      // Mostly what was made last, and sometimes a branch, which may have no part in the loss.
      let input = Int.random(in: 0..<4, using: &random) > 0 ? index : .random(in: 0...index, using: &random)
      return (input, step(index + 1, inBlock: false))
    }
    losses = [(steps.count, pick("t0", "t1"))] + (Bool.random(using: &random) ? [(3, "t0")] : [])
    targets = rows { _, _ in token() }
    weights = rows { _, _ in [1, 0.5, 0, -0.5][Int.random(in: 0..<4, using: &random)] }
  }

  static func parameters() -> [Parameter] {
    func weight(_ name: String, _ rows: Int, _ columns: Int) -> Parameter {
      let deviation = 1 / Double(rows).squareRoot()
      return Parameter(name, shape: [rows, columns], .normal(deviation: deviation), isMatmulWeight: true)
    }
    func vector(_ name: String, _ count: Int) -> Parameter {
      Parameter(name, shape: [count], .normal(deviation: 0.5))
    }
    func table(_ name: String, _ rows: Int, isMatmulWeight: Bool = false) -> Parameter {
      Parameter(name, shape: [rows, width], .normal(deviation: 0.3), isMatmulWeight: isMatmulWeight)
    }
    return [weight("w0", width, width), weight("w1", width, width)]
      + ["b0", "b1", "s0", "s1", "h0", "h1"].map { vector($0, width) }
      + [weight("k", width, 4 * width), vector("g", 4 * width), weight("r", width, 4 * width), table("c", 2)]
      + [table("p", 5), table("t2", vocabulary)]
      + ["t0", "t1"].map { table($0, vocabulary, isMatmulWeight: true) }
  }

  /// Of a packing's rows, within their sequences.
  static func positions(_ packing: Packing) -> [Int] {
    (0..<packing.sequences).flatMap { 0..<packing.rows(ofSequence: $0).count }
  }

  /// Runs forward on some lanes: the loss, divided.
  func loss(_ lanes: Range<Int>, _ parameters: [String: Parameter], on tape: Tape) -> Double {
    let whole = Self.packing
    let sequences = whole.laneSequences[lanes.lowerBound]..<whole.laneSequences[lanes.upperBound]
    let rows = whole.sequenceStarts[sequences.lowerBound]..<whole.sequenceStarts[sequences.upperBound]
    let packing = Packing(
      lengths: sequences.map { whole.rows(ofSequence: $0).count },
      laneSizes: lanes.map { whole.laneSequences[$0 + 1] - whole.laneSequences[$0] })

    func run(_ step: Step, _ x: Variable, _ variables: [Variable]) -> Variable {
      func linear(_ x: Variable, _ weight: String, _ bias: String?) -> Variable {
        tape.linear(
          tape.input(x), weight: parameters.named(weight), bias: bias.map(parameters.named),
          layout: .inputsByOutputs)
      }
      switch step {
      case .linear(let weight, let bias): return linear(x, weight, bias)
      case .feedForward(let expand, let bias, let contract, let function):
        let inner = tape.linear(
          tape.input(x), weight: parameters.named(expand), bias: parameters.named(bias),
          layout: .inputsByOutputs, function)
        return tape.linear(inner, weight: parameters.named(contract), layout: .inputsByOutputs, addedTo: x)
      case .layerNorm(let scale, let shift, let weight):
        let normed = tape.layerNorm(
          x, scale: parameters.named(scale), shift: parameters.named(shift), epsilon: 0.1)
        return tape.linear(normed, weight: parameters.named(weight), layout: .outputsByInputs)
      case .rmsNorm(let scale): return tape.rmsNorm(x, scale: parameters.named(scale), epsilon: 0.1)
      case .embed(let table, let sources):
        let own = sources[rows].map { source -> InputRow in
          if case .prefix(let row) = source { .prefix(row - rows.lowerBound) } else { source }
        }
        return tape.embed(
          own, positions: Self.positions(packing), prefix: x, tokens: parameters.named(table),
          positionTable: parameters.named("p"), packing: packing)
      case .gather(let constant, let picks):
        let longer = tape.appendConstantRows(x, parameters.named(constant))
        let starts = (0..<packing.sequences).flatMap { sequence in
          packing.rows(ofSequence: sequence).map { _ in longer.packing.rows(ofSequence: sequence).lowerBound }
        }
        return tape.gatherRows(longer, zip(starts, picks[rows]).map(+), packing: packing)
      case .lstm(let kernel, let bias, let recurrent):
        return tape.lstm(linear(x, kernel, bias), recurrent: parameters.named(recurrent)).output
      case .throughTable(let table):
        let logits = tape.linear(tape.input(x), weight: parameters.named(table), layout: .outputsByInputs)
        return tape.linear(tape.input(logits), weight: parameters.named(table), layout: .inputsByOutputs)
      case .gate(let other): return tape.multiply(x, tape.activate(variables[other], .tanh))
      case .block(let steps):
        return tape.checkpointed(x) { x in steps.reduce(x) { run($1, $0, variables) } }
      }
    }

    let tokens = rows.map { InputRow.token(Int32($0 * 7 % Self.vocabulary)) }
    var variables = [
      tape.embed(
        tokens, positions: Self.positions(packing), prefix: nil, tokens: parameters.named("t2"),
        positionTable: parameters.named("p"), packing: packing)
    ]
    for (input, step) in steps { variables.append(run(step, variables[input], variables)) }
    let targets = Targets(
      ids: Array(targets[rows]), weights: Array(weights[rows]), lossDenominator: Double(whole.rows))
    return losses.reduce(0) { sum, loss in
      let normed = tape.rmsNorm(variables[loss.input], scale: parameters.named("s0"), epsilon: 0.1)
      let lanes = tape.fusedLinearCrossEntropy(
        tape.input(normed), table: parameters.named(loss.table), targets: targets)
      return sum + lanes.reduce(0, +) / Double(whole.rows)
    }
  }

  /// The same of the whole batch.
  func loss(_ parameters: [String: NaiveTape.Node], on tape: NaiveTape) -> NaiveTape.Node {
    let packing = Self.packing
    let sequences = (0..<packing.sequences).map(packing.rows(ofSequence:))

    func run(_ step: Step, _ x: NaiveTape.Node, _ variables: [NaiveTape.Node]) -> NaiveTape.Node {
      switch step {
      case .linear(let weight, let bias):
        return tape.linear(x, parameters.named(weight), bias.map(parameters.named))
      case .feedForward(let expand, let bias, let contract, let function):
        let inner = tape.linear(x, parameters.named(expand), parameters.named(bias))
        let active = function == .tanh ? tape.tanh(inner) : tape.silu(inner)
        return tape.sum(x, tape.product(active, parameters.named(contract)))
      case .layerNorm(let scale, let shift, let weight):
        let normed = tape.layerNorm(x, parameters.named(scale), parameters.named(shift), epsilon: 0.1)
        return tape.product(normed, tape.transpose(parameters.named(weight)))
      case .rmsNorm(let scale): return tape.rmsNorm(x, parameters.named(scale), epsilon: 0.1)
      case .embed(let table, let sources):
        let rows = sources.map { source -> (NaiveTape.Node, Int) in
          switch source {
          case .token(let id): (parameters.named(table), Int(id))
          case .prefix(let row): (x, row)
          }
        }
        return tape.sum(tape.stack(rows), tape.gather(parameters.named("p"), Self.positions(packing)))
      case .gather(let constant, let picks):
        let rows = sequences.flatMap { sequence in
          sequence.map { row -> (NaiveTape.Node, Int) in
            let pick = picks[row] - sequence.count
            return pick >= 0 ? (parameters.named(constant), pick) : (x, sequence.lowerBound + picks[row])
          }
        }
        return tape.stack(rows)
      case .lstm(let kernel, let bias, let recurrent):
        let gates = tape.linear(x, parameters.named(kernel), parameters.named(bias))
        return tape.lstm(gates, parameters.named(recurrent), sequences: sequences)
      case .throughTable(let table):
        let logits = tape.product(x, tape.transpose(parameters.named(table)))
        return tape.product(logits, parameters.named(table))
      case .gate(let other): return tape.times(x, tape.tanh(variables[other]))
      case .block(let steps): return steps.reduce(x) { run($1, $0, variables) }
      }
    }

    let tokens = tape.gather(parameters.named("t2"), (0..<packing.rows).map { $0 * 7 % Self.vocabulary })
    var variables = [tape.sum(tokens, tape.gather(parameters.named("p"), Self.positions(packing)))]
    for (input, step) in steps { variables.append(run(step, variables[input], variables)) }
    let weights = weights.map { Double($0) / Double(packing.rows) }
    let parts = losses.map { loss in
      let normed = tape.rmsNorm(variables[loss.input], parameters.named("s0"), epsilon: 0.1)
      return tape.crossEntropy(normed, parameters.named(loss.table), targets.map(Int.init), weights)
    }
    return parts.dropFirst().reduce(parts[0], tape.sum)
  }
}

extension Dictionary where Key == String {
  fileprivate func named(_ name: String) -> Value {
    guard let value = self[name] else { preconditionFailure("a graph names its parameters") }
    return value
  }
}
