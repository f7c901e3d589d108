import Collectives
import Support
import Tensors

extension Communicator {
  /// The bits of products in bfloat16 differ between AMX and the other instruction sets.
  /// - Throws: `Failure.usage`, on all ranks, when ranks would compute them differently.
  func requireSameProducts(of backend: Backend) throws {
    let kinds = allGather(Array("\(backend.precision.rawValue) on \(backend.instructionSet)".utf8))
    try agree {
      guard let other = kinds.firstIndex(where: { $0 != kinds[0] }), backend.precision == .bfloat16 else {
        return
      }
      let (first, found) = (
        String(decoding: kinds[0], as: UTF8.self), String(decoding: kinds[other], as: UTF8.self)
      )
      throw Failure.usage(
        "Rank 0 computes products in \(first), but rank \(other) in \(found); start all ranks with the same "
          + "CAPSTAN_ISA in the environment, or set train.precision to float32.")
    }
  }
}
