import Tensors

/// The gradient of a trainable parameter on one tape, to which every operation that uses the parameter contributes.
///
/// The rule is that of every sum over the batch, lanes in the fixed tree, and what a lane contributes is the sum over the
/// parameter's uses in the order in which backward meets them. Each use's gradient summed over lanes on its own would
/// depend on the ranks, of which each has some lanes and all uses. So nothing is summed before the last use: until then
/// operands of products and sums of lanes are collected. What a parameter that is used once gets is written at once.
final class ParameterGradient {
  let parameter: Parameter
  private let gradient: Matrix
  private let backend: Backend
  /// Uses that forward has counted and backward has not come to.
  private(set) var usesLeft = 0
  private var products: [WeightGradientProduct] = []
  private var laneSums: [LaneSums] = []
  private var isWritten = false

  init(of parameter: Parameter, _ gradient: Matrix, on backend: Backend) {
    self.parameter = parameter
    self.gradient = gradient
    self.backend = backend
  }

  func beginUse() { usesLeft += 1 }

  /// Adds aᵀ · b.
  /// - Parameter rows: of the gradient, those that the columns of a are for; nil: all. A use has products for all rows.
  func add(productOf a: MatmulInput, _ b: MatmulInput, rows: Range<Int>? = nil) {
    precondition(laneSums.isEmpty, "“\(parameter.name)” is a weight here, and elsewhere is added to rows")
    let product = WeightGradientProduct(a: a, b: b, rows: rows ?? 0..<gradient.rows)
    backend.operations?.countProduct(
      .weightGradient, with: parameter.name, rows: a.packing.rows, inputs: product.rows.count,
      outputs: gradient.columns)
    if usesLeft == 1 {
      write(product.rows, products + [product])
    } else {
      products.append(product)
    }
  }

  /// Adds sums over the rows of each lane.
  /// - Parameter columns: of `sums`, those of this parameter; nil: all.
  func add(_ sums: Matrix, columns: Range<Int>? = nil) {
    precondition(products.isEmpty, "“\(parameter.name)” is added to rows here, and elsewhere is a weight")
    laneSums.append(LaneSums(sums: sums, columns: columns ?? 0..<sums.columns))
  }

  /// Takes note that backward has come past a use, whether this has contributed or has no part in the loss.
  /// - Returns: whether the gradient is final.
  func endUse() -> Bool {
    usesLeft -= 1
    guard usesLeft == 0 else { return false }
    finish()
    return true
  }

  /// Writes the gradient of what has been collected, whatever uses are left.
  func finish() {
    usesLeft = 0
    if !laneSums.isEmpty {
      backend.reduceLanes(laneSums, into: gradient)
    } else if !isWritten {
      write(0..<gradient.rows, products)
    }
    (products, laneSums) = ([], [])
  }

  /// Writes rows, cut where the rows of a product begin or end.
  private func write(_ rows: Range<Int>, _ products: [WeightGradientProduct]) {
    isWritten = true
    let ends = products.flatMap { [$0.rows.lowerBound, $0.rows.upperBound] }.filter(rows.contains)
    let cuts = Set(ends + [rows.lowerBound, rows.upperBound]).sorted()
    for (first, end) in zip(cuts, cuts.dropFirst()) {
      backend.weightGradientMatmul(
        products.filter { $0.rows.contains(first) }, rows: first..<end,
        into: gradient.rows(from: first, count: end - first))
    }
  }
}
