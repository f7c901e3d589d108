import Tensors
import Testing

@testable import Autograd

@Suite struct ReadyPrefixTests {
  /// The ready prefix passes a parameter when it and all before it in the buffer are final.
  @Test func frontGrowsInTheOrderOfTheLine() throws {
    let backend = try Backend(threads: 1)
    let used = [3, 20, 5].enumerated().map { Parameter("p\($0)", shape: [$1], .zeros) }
    let frozen = Parameter("frozen", shape: [4], .zeros)
    let arena = ParameterArena(used + [frozen], isTrainable: { $0 !== frozen }, on: backend)
    var front = ReadyPrefix(of: arena)
    #expect(front.offset == 0)
    front.finish([used[1]])
    #expect(front.offset == 0)
    front.finish([used[2], frozen])
    #expect(front.offset == 16 + 32)
    front.finish([used[0]])
    #expect(front.offset == arena.trainableCount)
  }

  /// Every parameter that an operation writes is told of, after its gradient is there.
  @Test func theTapeTellsWhatItHasFinished() throws {
    let backend = try Backend(threads: 1)
    let weight = Parameter("w", shape: [4, 3], .zeros)
    let (scale, shift) = (Parameter("s", shape: [3], .ones), Parameter("t", shape: [3], .zeros))
    let arena = ParameterArena([weight, scale, shift], isTrainable: { _ in true }, on: backend)
    for parameter in arena.parameters { parameter.initialize(seed: 1) }
    let tape = Tape(on: backend)
    let x = Variable(backend.zeros(2, 4), packing: Packing(lengths: [2], laneSizes: [1]))
    x.value.fill(1)
    let hidden = tape.linear(tape.input(x), weight: weight, layout: .inputsByOutputs)
    let y = tape.layerNorm(hidden, scale: scale, shift: shift, epsilon: 1e-5)
    y.gradient?.add(x.value.slice(0, count: 6).reshaped(rows: 2, columns: 3), on: backend)
    var told: [String] = []
    tape.afterBackwardStep = { told += $0.map(\.name) }
    tape.backward()
    #expect(told == ["s", "t", "w"])
  }

  /// A parameter is final when backward has come past all of its uses, and a checkpointed part's second run uses nothing
  /// anew.
  @Test(arguments: [false, true]) func aSharedParameterIsFinalAtItsFirstUse(checkpointing: Bool) throws {
    let backend = try Backend(threads: 1)
    let (shared, single) = (Parameter("s", shape: [4, 4], .ones), Parameter("t", shape: [4, 4], .ones))
    let arena = bind([shared, single], on: backend)
    let tape = Tape(on: backend, checkpointingActivations: checkpointing)
    var x = Variable(backend.zeros(2, 4), packing: Packing(lengths: [2], laneSizes: [1]))
    for weight in [shared, single, shared] {
      x = tape.checkpointed(x) { tape.linear(tape.input($0), weight: weight, layout: .inputsByOutputs) }
    }
    x.addGradient(x.value, on: backend)
    var told: [String] = []
    tape.afterBackwardStep = { told += $0.map { "\($0.name) before \(tape.backwardSteps.count) steps" } }
    tape.backward(covering: arena.trainableParameters)
    tape.afterBackwardStep = nil
    #expect(told == ["t before 1 steps", "s before 0 steps"])
  }
}
