import CBLAS

/// One operand of a product: a matrix in memory, read as it stands or transposed.
public struct Operand {
  let pointer: UnsafePointer<Float>
  let stride: Int
  let isTransposed: Bool

  /// - Parameter stride: floats from one row in memory to the next.
  public init(_ pointer: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
    self.pointer = pointer
    self.stride = stride
    isTransposed = transposed
  }

  public var transposed: Operand { Operand(pointer, stride: stride, transposed: !isTransposed) }

  /// The operand from a row and column of the matrix as it is read (so after transposition).
  public func from(row: Int, column: Int) -> Operand {
    let offset = isTransposed ? column * stride + row : row * stride + column
    return Operand(pointer + offset, stride: stride, transposed: isTransposed)
  }
}

extension Matrix {
  /// The matrix, from a row on, as an operand.
  public func operand(fromRow row: Int = 0) -> Operand { Operand(self.row(row), stride: columns) }
}

/// c = a · b, or c += a · b, on the calling thread. a: [rows, inner], b: [inner, columns], c: [rows, columns].
///
/// The bits of a product are a function of its shape and operands alone: OpenBLAS on one thread has no other
/// source of variation. Callers keep the promise of the same result at any number of ranks and threads by cutting
/// work into products whose shapes do not depend on either.
public func multiply(
  _ a: Operand, _ b: Operand, into c: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int,
  inner: Int,
  accumulate: Bool = false
) {
  guard rows > 0, columns > 0 else { return }
  guard inner > 0 else {
    if !accumulate {
      for row in 0..<rows { (c + row * stride).update(repeating: 0, count: columns) }
    }
    return
  }
  cblas_sgemm(
    CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans, b.isTransposed ? CblasTrans : CblasNoTrans,
    blasint(rows), blasint(columns), blasint(inner), 1, a.pointer, blasint(a.stride), b.pointer,
    blasint(b.stride),
    accumulate ? 1 : 0, c, blasint(stride))
}
