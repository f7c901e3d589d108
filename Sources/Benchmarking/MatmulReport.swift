import Support
import Tensors

/// The speed of a step's products.
public struct MatmulReport: BenchmarkReport {
  public struct Product: Codable, Sendable {
    public let name: String
    public let rows: Int
    public let inputs: Int
    public let outputs: Int
    public let form: MatmulForm
    public let seconds: Timing
    /// GFLOP/s of the median.
    public let gigaflops: Double
    /// Of the measured peak of the same threads.
    public let fractionOfPeak: Double?

    init(_ product: StepWork.Product, _ form: MatmulForm, _ seconds: Timing, peak: Double?) {
      name = product.name
      (rows, inputs, outputs) = (product.rows, product.inputs, product.outputs)
      self.form = form
      self.seconds = seconds
      let speed = product.operations / seconds.median / 1e9
      gigaflops = speed
      fractionOfPeak = peak.map { speed / $0 }
    }
  }

  public let precision: Precision
  public let threads: Int
  public let products: [Product]
  public let machinePeak: MachinePeak

  public var table: TextTable {
    let header = ["product", "rows", "inputs", "outputs", "form", "GFLOP/s", "% of peak", "calm", "busy"]
    func speed(_ product: Product, _ part: Timing.Part?) -> String {
      decimal(part.map { product.gigaflops * product.seconds.median / $0.median }, 0)
    }
    return TextTable(
      [.left, .right, .right, .right, .left, .right, .right, .right, .right],
      [header]
        + products.map {
          [
            $0.name, "\($0.rows)", "\($0.inputs)", "\($0.outputs)", $0.form.rawValue,
            decimal($0.gigaflops, 0),
            decimal($0.fractionOfPeak.map { 100 * $0 }, 0), speed($0, $0.seconds.calm),
            speed($0, $0.seconds.busy),
          ]
        })
  }
}
