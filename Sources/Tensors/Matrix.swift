/// A dense row-major float32 matrix: a view of memory that it keeps alive.
///
/// A value of reference semantics: copies share the elements. Everything in a step is such a matrix, a batch of
/// packed captions being [tokens, width]; a vector is a matrix of one row.
public struct Matrix: @unchecked Sendable {
  public let rows: Int
  public let columns: Int
  /// The elements, for as long as this matrix or another view of its memory lives: a pointer that is taken from a
  /// matrix without a name dangles at once.
  public let pointer: UnsafeMutablePointer<Float>
  private var storage: Buffer

  public var count: Int { rows * columns }

  /// An uninitialised matrix.
  public init(rows: Int, columns: Int, in pool: MemoryPool) {
    storage = pool.take(rows * columns)
    pointer = storage.pointer
    self.rows = rows
    self.columns = columns
  }

  /// A view of `rows` · `columns` floats of memory that `owner` keeps.
  public init(rows: Int, columns: Int, at pointer: UnsafeMutablePointer<Float>, of owner: AnyObject) {
    self.init(
      rows: rows, columns: columns, pointer: pointer, storage: Buffer(pointer: pointer, owner: owner))
  }

  private init(rows: Int, columns: Int, pointer: UnsafeMutablePointer<Float>, storage: Buffer) {
    self.rows = rows
    self.columns = columns
    self.pointer = pointer
    self.storage = storage
  }

  /// The same elements in rows of another length.
  public func reshaped(rows: Int, columns: Int) -> Matrix {
    precondition(rows * columns == count, "a reshape keeps the number of elements")
    return Matrix(rows: rows, columns: columns, pointer: pointer, storage: storage)
  }

  /// `count` elements from `offset` on, as one row.
  public func slice(_ offset: Int, count: Int) -> Matrix {
    precondition(offset >= 0 && count >= 0 && offset + count <= self.count, "a slice lies within the matrix")
    return Matrix(rows: 1, columns: count, pointer: pointer + offset, storage: storage)
  }

  /// `count` rows from a row on.
  public func rows(from first: Int, count: Int) -> Matrix {
    slice(first * columns, count: count * columns).reshaped(rows: count, columns: columns)
  }

  /// The first element of a row.
  public func row(_ index: Int) -> UnsafeMutablePointer<Float> { pointer + index * columns }

  /// Whether nobody else holds this memory, so that it may be written in place.
  public mutating func isUnshared() -> Bool { isKnownUniquelyReferenced(&storage) }

  public var buffer: UnsafeBufferPointer<Float> { UnsafeBufferPointer(start: pointer, count: count) }

  public var elements: [Float] { Array(buffer) }

  public func fill(_ value: Float) { pointer.update(repeating: value, count: count) }

  /// Copies `values`, which must be as many as there are elements.
  public func assign(_ values: some Collection<Float>) {
    precondition(values.count == count, "as many values as elements")
    var next = pointer
    for value in values {
      next.pointee = value
      next += 1
    }
  }
}
