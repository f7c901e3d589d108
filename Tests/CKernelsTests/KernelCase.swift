import CKernels
import Tensors
import Testing

/// One call of one kernel, and what it should leave in memory.
struct KernelCase: Sendable, CustomTestStringConvertible {
  /// The kernel and the shape.
  let testDescription: String
  let outputs: [Output]
  let call: @Sendable (capstan_kernels, [UnsafeMutablePointer<Float>]) -> Void

  init(
    _ description: String, _ outputs: [Output],
    call: @escaping @Sendable (capstan_kernels, [UnsafeMutablePointer<Float>]) -> Void
  ) {
    testDescription = description
    self.outputs = outputs
    self.call = call
  }

  /// The kernels of every instruction set that this processor runs, and AMX's program without its registers; the
  /// portable ones first.
  static var kernels: [capstan_kernels] {
    (["amx-emulated"] + Backend.instructionSets).reversed().compactMap { capstan_kernels_named($0)?.pointee }
  }

  /// Every instruction set's result is within the reference's bounds, and all of them have the same bits.
  func check() {
    let results = Self.kernels.map(run)
    for (kernels, result) in zip(Self.kernels, results) {
      let name = String(cString: kernels.name)
      for (index, output) in outputs.enumerated() {
        if let fault = output.fault(in: result[index]) {
          Issue.record("\(testDescription), \(name): output \(index), \(fault)")
        }
        let bits = zip(result[index], results[0][index]).map { $0.bitPattern == $1.bitPattern }
        if let place = bits.firstIndex(of: false), !output.isScratch {
          Issue.record("\(testDescription), \(name): output \(index), element \(place) has bits of its own")
        }
      }
    }
  }

  private func run(on kernels: capstan_kernels) -> [[Float]] {
    let memory = outputs.map { Guarded($0.before) }
    call(kernels, memory.map(\.pointer))
    return memory.map(\.elements)
  }
}

/// What a kernel writes to, in memory that must not be touched beyond its end: poisoned with NaN before the call unless
/// it is updated in place.
struct Output: Sendable {
  enum Expectation {
    case number(Rounded)
    case untouched
    case anything
  }

  let before: [Float]
  private let expectations: [Expectation]
  let isScratch: Bool

  private static let poison = Float(bitPattern: 0x7FC0_DEAD)

  init(_ expected: [Rounded], over initial: [Float]? = nil) {
    self.init(expected.map { .number($0) }, before: initial?.prefix(expected.count))
  }

  /// Rows that are `stride` floats apart, with nothing written between them.
  init(rows: [[Rounded]], stride: Int, over initial: [Float]? = nil) {
    let between = rows.map { [Expectation](repeating: .untouched, count: stride - $0.count) }
    self.init(
      zip(rows, between).flatMap { row, between in row.map { .number($0) } + between }
        .dropLast(between.last?.count ?? 0), before: initial?[...])
  }

  /// Memory whose contents do not matter.
  init(scratch count: Int) { self.init(Array(repeating: .anything, count: count), isScratch: true) }

  private init(_ expectations: [Expectation], before: ArraySlice<Float>? = nil, isScratch: Bool = false) {
    self.expectations = expectations
    self.before = before.map(Array.init) ?? Array(repeating: Self.poison, count: expectations.count)
    self.isScratch = isScratch
  }

  /// The first element that is not as it should be.
  func fault(in after: [Float]) -> String? {
    for (index, expectation) in expectations.enumerated() {
      switch expectation {
      case .number(let number) where !number.admits(after[index]):
        return "element \(index): \(after[index]) is not \(number.value) ± \(number.error)"
      case .untouched where after[index].bitPattern != before[index].bitPattern:
        return "element \(index) of \(after.count) should not have been written"
      default: continue
      }
    }
    return nil
  }
}
