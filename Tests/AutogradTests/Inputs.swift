import Tensors

@testable import Autograd

/// What this processor can run.
let sets = Backend.instructionSets.filter(Backend.supports)
/// Five sequences in four lanes, one of which is empty.
let packing = Packing(lengths: [3, 1, 4, 2, 5], laneSizes: [2, 0, 2, 1], firstSample: 3)

/// Random numbers, [packing.rows, width].
func input(_ width: Int, on backend: Backend, seed: UInt64 = 1, _ packing: Packing = packing) -> Variable {
  Variable(
    randomMatrix(packing.rows, width, on: backend, seed: seed), packing: packing, requiresGradient: true)
}
