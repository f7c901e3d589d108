import CKernels
import Tensors
import Testing

@Suite struct LSTMTests {
  static let forgetBias: Float = 1

  static func step(width: Int, _ random: inout Philox) -> KernelCase {
    let sums = random.input(4 * width, spread: 2, extremes: tinyNumbers + [20, -20, 90, -90])
    let previous = random.input(width, extremes: [0, 5, -5])
    let gate = sums.rows(width), before = previous.exact
    let i = gate[0].map { $0.sigmoid() }, j = gate[1].map { $0.hyperbolicTangent() }
    let f = gate[2].map { ($0 + Rounded(forgetBias)).sigmoid() }, o = gate[3].map { $0.sigmoid() }
    let cell = (0..<width).map { (k: Int) -> Rounded in f[k] * before[k] + i[k] * j[k] }
    let hidden = zip(o, cell).map { (o: Rounded, c: Rounded) -> Rounded in o * c.hyperbolicTangent() }
    let activated: [Rounded] = i + j + f + o
    let outputs = [Output(activated, over: sums.floats), Output(cell), Output(hidden)]
    return KernelCase("lstm \(width)", outputs) {
      $0.lstm($1[0], $1[1], $1[2], previous.pointer, forgetBias, width)
    }
  }

  static func gradient(width: Int, _ random: inout Philox) -> KernelCase {
    let gates = random.input(4 * width, in: 0...1)
    let cell = random.input(width, extremes: [0, 9, -9]), previous = random.input(width)
    let dHidden = random.input(width), dCell = random.input(width)
    let gate = gates.rows(width)
    let (i, j, f, o) = (gate[0], gate[1], gate[2], gate[3])
    let tangent = cell.exact.map { $0.hyperbolicTangent() }
    func rest(_ y: Rounded) -> Rounded { y * (Rounded(1) - y) }
    func slope(_ y: Rounded) -> Rounded { Rounded(1) - y * y }
    let (dh, dc, before) = (dHidden.exact, dCell.exact, previous.exact)
    let total = (0..<width).map { (k: Int) -> Rounded in dc[k] + dh[k] * o[k] * slope(tangent[k]) }
    var dGates: [Rounded] = []
    for k in 0..<width { dGates.append(total[k] * j[k] * rest(i[k])) }
    for k in 0..<width { dGates.append(total[k] * i[k] * slope(j[k])) }
    for k in 0..<width { dGates.append(total[k] * before[k] * rest(f[k])) }
    for k in 0..<width { dGates.append(dh[k] * tangent[k] * rest(o[k])) }
    let handedBack = (0..<width).map { (k: Int) -> Rounded in total[k] * f[k] }
    return KernelCase("lstm gradient \(width)", [Output(dGates), Output(handedBack, over: dCell.floats)]) {
      $0.lstm_gradient(
        $1[0], $1[1], dHidden.pointer, gates.pointer, cell.pointer, previous.pointer, width)
    }
  }

  static let cases = Philox.lengths.flatMap { width in
    var random = Philox(seed: UInt64(width), stream: "lstm")
    return [step(width: width, &random), gradient(width: width, &random)]
  }

  @Test(arguments: cases)
  func isTheFormula(kernel: KernelCase) { kernel.check() }
}
