import Autograd
import Collectives
import Support
import Tensors

/// Times the products of a training step on their shapes, in the three forms that training needs, by the operations
/// that training runs them by.
public struct MatmulBenchmark {
  public var model = BenchmarkModel()
  public var batchSize = 40
  /// Tokens of each caption; nil: as many as COCO's have.
  public var tokens: Int?
  public var lanes = 8
  public var runs = 5

  public init() {}

  /// Each rank measures on its own threads, all at once; the first rank's figures are reported.
  /// - Throws: `Failure` for a model that cannot be.
  public func run(_ communicator: Communicator, on backend: Backend) throws -> MatmulReport {
    let before = MachinePeak(communicator, on: backend)
    let captions = SyntheticCaptions(
      batchSize: batchSize, lanes: lanes, embeddingWidth: model.embeddingWidth,
      vocabularySize: model.languageModel.vocabularySize, seed: 1, tokens: tokens)
    let work = try StepWork(model, lengths: captions.lengths(step: 0))
    let stopwatch = Stopwatch(communicator, on: backend)
    let timings = work.products.flatMap { product in
      seconds(of: product, stopwatch, on: backend).map { (product, $0, $1) }
    }
    let peak = before.better(MachinePeak(communicator, on: backend))
    // One rank's product has one rank's threads.
    let limit = peak.arithmetic(backend.precision).map { $0 / Double(communicator.size) }
    return MatmulReport(
      precision: backend.precision, threads: backend.pool.threads,
      products: timings.map { MatmulReport.Product($0, $1, $2, peak: limit) }, machinePeak: peak)
  }

  /// Of the forms that the step needs; in bfloat16 they round and pack what is not a weight.
  private func seconds(
    of product: StepWork.Product, _ stopwatch: Stopwatch, on backend: Backend
  ) -> [(MatmulForm, Timing)] {
    let packing = Packing(
      lengths: Array(repeating: 1, count: product.rows),
      laneSizes: (0..<lanes).map { product.rows.part($0, of: lanes).count })
    // Small values, so that repeated products stay finite.
    let weight = Parameter(
      "weight", shape: [product.inputs, product.outputs], .normal(deviation: 1e-3), isMatmulWeight: true)
    let arena = ParameterArena([weight], isTrainable: { _ in true }, on: backend)
    arena.initialize(seed: 0)
    arena.pack(on: backend)
    let factor = WeightOperand(weight, .inputsByOutputs)
    let x = backend.zeros(product.rows, product.inputs)
    let y = backend.zeros(product.rows, product.outputs)
    x.fill(1e-3)
    y.fill(1e-3)
    var timings = [
      (
        MatmulForm.forward,
        stopwatch.timing(count: runs) {
          backend.multiply(MatmulInput(x, packing, on: backend), factor, into: y)
        }
      )
    ]
    if product.forms.contains(.inputGradient) {
      let timing = stopwatch.timing(count: runs) {
        backend.multiply(MatmulInput(y, packing, on: backend), factor.transposed, into: x)
      }
      timings.append((.inputGradient, timing))
    }
    if product.forms.contains(.weightGradient), let gradient = weight.gradient {
      let timing = stopwatch.timing(count: runs) {
        backend.weightGradientMatmul(
          MatmulInput(x, packing, on: backend), MatmulInput(y, packing, on: backend), into: gradient)
      }
      timings.append((.weightGradient, timing))
    }
    return timings
  }
}
