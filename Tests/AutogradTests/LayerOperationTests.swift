import Tensors
import Testing

@testable import Autograd

/// The position of each row of `packing`.
private let positions = [0, 1, 2, 0, 0, 1, 2, 3, 0, 1, 0, 1, 2, 3, 4]

/// The operations of which encoders and language models other than GPT-2 are made.
@Suite struct LayerOperationTests {
  @Test(arguments: sets, [Activation.silu, .quickGELU])
  func activation(set: String, function: Activation) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let x = input(13, on: backend)
    GradientCheck(backend, inputs: [x])() { $0.activate(x, function) }
  }

  @Test(arguments: sets) func rmsNorm(set: String) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let scale = Parameter("s", shape: [21], .ones)
    _ = bind([scale], on: backend)
    let x = input(21, on: backend)
    GradientCheck(backend, inputs: [x], parameters: [scale])(tolerance: 5e-3) {
      $0.rmsNorm(x, scale: scale, epsilon: 1e-5)
    }
  }

  @Test(arguments: sets) func layerNormOfASample(set: String) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let (scale, shift) = (Parameter("s", shape: [5], .ones), Parameter("h", shape: [5], .zeros))
    _ = bind([scale, shift], on: backend)
    let x = input(5, on: backend)
    // An epsilon of the deviation's size, to tell what it stands beside.
    GradientCheck(backend, inputs: [x], parameters: [scale, shift])(tolerance: 1e-2) {
      $0.layerNorm(x, scale: scale, shift: shift, epsilon: 0.5, deviation: .sample)
    }
  }

  /// A norm of which a parameter is frozen still gives the other its gradient.
  @Test(arguments: [["s"], ["h"]]) func layerNormOfWhichAPartIsTrained(names: [String]) throws {
    let backend = try Backend(threads: 2)
    let (scale, shift) = (Parameter("s", shape: [8], .ones), Parameter("h", shape: [8], .zeros))
    let arena = ParameterArena([scale, shift], isTrainable: { names.contains($0.name) }, on: backend)
    arena.initialize(seed: 1)
    let x = input(8, on: backend)
    GradientCheck(backend, inputs: [x], parameters: [scale, shift].filter { names.contains($0.name) })(
      tolerance: 5e-3
    ) { $0.layerNorm(x, scale: scale, shift: shift, epsilon: 1e-5) }
  }

  @Test(arguments: sets) func rotation(set: String) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let x = input(3 * 10, on: backend)
    let angles = RotaryPositions(headWidth: 10, count: 5)
    GradientCheck(backend, inputs: [x])() { $0.rotate(x, positions: positions, by: angles) }
  }

  /// What attention sees of rotated queries and keys is how far apart they are.
  @Test func rotationsTellDistances() throws {
    let backend = try Backend(threads: 1)
    let two = Packing(lengths: [2], laneSizes: [1])
    let rows = randomMatrix(2, 16, on: backend, seed: 3)
    func product(_ first: Int, _ second: Int) -> Float {
      let angles = RotaryPositions(headWidth: 16, count: 60)
      let y = Tape(on: backend).rotate(Variable(rows, packing: two), positions: [first, second], by: angles)
        .value
      return (0..<16).reduce(0) { $0 + y.row(0)[$1] * y.row(1)[$1] }
    }
    #expect(abs(product(3, 7) - product(50, 54)) < 1e-4)
    #expect(abs(product(3, 7) - product(3, 8)) > 1e-3)
  }

  @Test(arguments: sets) func elementwise(set: String) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let (a, b) = (input(17, on: backend), input(17, on: backend, seed: 2))
    GradientCheck(backend, inputs: [a, b])() { $0.multiply(a, $0.scale(b, by: 1.5)) }
    GradientCheck(backend, inputs: [a])() { $0.multiply(a, a) }
    // The other operand may be one that needs no gradient.
    let given = Variable(b.value, packing: packing)
    GradientCheck(backend, inputs: [a])() { $0.multiply(given, $0.multiply(a, given)) }
  }

  @Test func sinusoids() throws {
    let backend = try Backend(threads: 2)
    let x = input(6, on: backend)
    let table = SinusoidPositions(width: 6, count: 5)
    GradientCheck(backend, inputs: [x])() { $0.addPositions(x, positions, of: table) }
  }

  @Test(arguments: sets) func frozenBatchNorm(set: String) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let buffers = ["mean", "variance", "scale", "shift"].map {
      Parameter($0, shape: [19], .ones, isBuffer: true)
    }
    let arena = bind(buffers, on: backend)
    #expect(arena.trainableCount == 0 && arena.parameters.allSatisfy { $0.gradient == nil })
    for channel in 0..<19 { buffers[1].value.pointer[channel] = 0.5 + Float(channel) / 10 }
    let x = input(19, on: backend)
    GradientCheck(backend, inputs: [x])() {
      $0.frozenBatchNorm(
        x, mean: buffers[0], variance: buffers[1], scale: buffers[2], shift: buffers[3], epsilon: 1e-5)
    }
  }

  @Test func patches() throws {
    let backend = try Backend(threads: 2)
    let grid = PatchGrid(channels: 2, height: 4, width: 6, edge: 2)
    let x = input(grid.imageSize, on: backend)
    GradientCheck(backend, inputs: [x])() { $0.unfoldPatches(x, grid) }
    let y = Tape(on: backend).unfoldPatches(x, grid)
    #expect(y.packing == packing.with(lengths: [18, 6, 24, 12, 30]))
    // The second patch of the first row of patches: rows 0 and 1, columns 2 and 3, of both channels.
    let expected = [2, 3, 8, 9, 26, 27, 32, 33].map { x.value.pointer[$0] }
    #expect(y.value.rows(from: 1, count: 1).elements == expected)
  }

  /// Where sums over lanes are, their bits do not depend on who computed which lane.
  @Test(arguments: [1, 3]) func normsDoNotDependOnRanks(threads: Int) throws {
    let backend = try Backend(threads: threads)
    let scale = Parameter("s", shape: [40], .ones)
    let arena = bind([scale], on: backend)
    let values = randomMatrix(15, 40, on: backend, seed: 4)
    func gradients(_ lengths: [Int], _ laneSizes: [Int], fromRow row: Int) -> [Float] {
      let packing = Packing(lengths: lengths, laneSizes: laneSizes)
      let part = values.rows(from: row, count: packing.rows)
      let tape = Tape(on: backend)
      let y = tape.rmsNorm(Variable(part, packing: packing), scale: scale, epsilon: 1e-5)
      y.addGradient(part, on: backend)
      tape.backward()
      return arena.gradients.elements
    }
    let whole = gradients([3, 1, 4, 2, 5], [2, 1, 1, 1], fromRow: 0)
    let halves = (gradients([3, 1, 4], [2, 1], fromRow: 0), gradients([2, 5], [1, 1], fromRow: 8))
    #expect(whole == zip(halves.0, halves.1).map { $0 + $1 })
  }
}
