import Autograd
import Collectives
import Tensors

/// Times the products of a training step on their shapes, in the three forms that training needs, by the operations
/// that training runs them by.
public struct MatmulBenchmark {
  public var model = BenchmarkModel()
  public var batchSize = 40
  public var lanes = 8
  public var runs = 5

  public init() {}

  /// Each rank measures on its own threads, all at once; the first rank's figures are reported.
  public func run(_ communicator: Communicator, on backend: Backend) -> MatmulReport {
    let before = MachinePeak(communicator, on: backend)
    let captions = SyntheticCaptions(
      batchSize: batchSize, lanes: lanes, embeddingWidth: model.embeddingWidth,
      vocabularySize: model.languageModel.vocabularySize, seed: 1)
    let work = StepWork(model, lengths: captions.lengths(step: 0), trainedParameters: 0)
    let timings = work.products.flatMap { product in
      seconds(of: product, on: backend).map { (product, $0, $1) }
    }
    let peak = before.better(MachinePeak(communicator, on: backend))
    // One rank's product has one rank's threads.
    let limit = peak.arithmetic(bfloat16: backend.precision == .bfloat16).map { $0 / Double(communicator.size) }
    return MatmulReport(
      precision: backend.precision.rawValue, threads: backend.pool.threads,
      products: timings.map { product, form, timing in
        MatmulReport.Product(product, form, timing, peak: limit)
      }, machinePeak: peak)
  }

  /// Of the forms that the step needs; in bfloat16 they round and pack what is not a weight.
  private func seconds(
    of product: StepWork.Product, on backend: Backend
  ) -> [(MatmulReport.Form, Timing)] {
    let packing = Packing(
      lengths: Array(repeating: 1, count: product.rows),
      laneSizes: (0..<lanes).map { product.rows * ($0 + 1) / lanes - product.rows * $0 / lanes })
    let x = filled(product.rows, product.inputs, on: backend)
    let w = filled(product.inputs, product.outputs, on: backend)
    let y = filled(product.rows, product.outputs, on: backend)
    if backend.precision == .bfloat16 { return roundedSeconds(x, w, y, packing, on: backend) }
    return [
      Timing(count: runs) {
        backend.multiplyLanes(x, w.operand(), into: y, lanes: packing, columnBlock: 1024)
      },
      Timing(count: runs) {
        backend.multiplyLanes(y, w.operand().transposed, into: x, lanes: packing, columnBlock: 1024)
      },
      Timing(count: runs) { backend.multiplyOverLanes(x, y, into: w, lanes: packing) },
    ]
  }

  /// Operands are rounded and packed before: a step does that once for several products.
  private func roundedSeconds(
    _ x: Matrix, _ w: Matrix, _ y: Matrix, _ packing: Packing, on backend: Backend
  ) -> [Timing] {
    let memory = backend.matrix(1, PackedWeight.count(rows: w.rows, columns: w.columns))
    let packed = PackedWeight(rows: w.rows, columns: w.columns, in: memory)
    packed.pack(w, rows: 0..<w.rows, on: backend)
    let (left, right) = (backend.rounded(x), backend.rounded(y))
    let (packedX, packedY) = (backend.packedLanes(x, packing), backend.packedLanes(y, packing))
    return [
      Timing(count: runs) { backend.multiply(left, packed.straight, into: y) },
      Timing(count: runs) { backend.multiply(right, packed.transposed, into: x) },
      Timing(count: runs) { backend.multiplyOverLanes(packedX, packedY, into: w) },
    ]
  }

  private func filled(_ rows: Int, _ columns: Int, on backend: Backend) -> Matrix {
    let matrix = backend.matrix(rows, columns)
    // Small enough that repeated products stay finite.
    matrix.fill(1 / 4096)
    return matrix
  }
}
