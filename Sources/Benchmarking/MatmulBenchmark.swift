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
      zip(MatmulReport.Form.allCases, seconds(of: product, on: backend)).map { form, timing in
        (product, form, timing)
      }
    }
    let peak = before.better(MachinePeak(communicator, on: backend))
    // One rank's product has one rank's threads.
    let limit = peak.float32.map { $0.allThreads / Double(communicator.size) }
    return MatmulReport(
      precision: "float32", threads: backend.pool.threads,
      products: timings.map { product, form, timing in
        MatmulReport.Product(product, form, timing, peak: limit)
      }, machinePeak: peak)
  }

  /// Of the forms in their order.
  private func seconds(of product: StepWork.Product, on backend: Backend) -> [Timing] {
    let packing = Packing(
      lengths: Array(repeating: 1, count: product.rows),
      laneSizes: (0..<lanes).map { product.rows * ($0 + 1) / lanes - product.rows * $0 / lanes })
    let x = filled(product.rows, product.inputs, on: backend)
    let w = filled(product.inputs, product.outputs, on: backend)
    let y = filled(product.rows, product.outputs, on: backend)
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

  private func filled(_ rows: Int, _ columns: Int, on backend: Backend) -> Matrix {
    let matrix = backend.matrix(rows, columns)
    // Small enough that repeated products stay finite.
    matrix.fill(1 / 4096)
    return matrix
  }
}
