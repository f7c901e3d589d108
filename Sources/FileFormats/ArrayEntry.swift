import Support

/// An array that is to be written to a file: its name there, its form, and where its bytes come from.
public struct ArrayEntry {
  public let name: String
  public let shape: [Int]
  public let element: ElementType
  /// Hands the array's bytes, row-major and little-endian, to `sink`, in as many pieces as suits it. Called
  /// once, when its turn comes.
  public let produce: (_ sink: ByteSink) throws -> Void

  public init(
    name: String, shape: [Int], element: ElementType,
    produce: @escaping (_ sink: ByteSink) throws -> Void
  ) {
    (self.name, self.shape, self.element, self.produce) = (name, shape, element, produce)
  }

  public init(name: String, shape: [Int], floats: [Float]) {
    self.init(name: name, shape: shape, element: .float32) { sink in try floats.withUnsafeBytes(sink) }
  }

  /// `floats` must stay as they are until they are written.
  public init(name: String, shape: [Int], floats: UnsafeBufferPointer<Float>) {
    self.init(name: name, shape: shape, element: .float32) { sink in try sink(UnsafeRawBufferPointer(floats))
    }
  }
}

/// Takes the next bytes of what is written; the pointer is good during the call only.
public typealias ByteSink = (UnsafeRawBufferPointer) throws -> Void

extension ArrayEntry {
  /// Elements in the array. Throws `Failure.runtime` where no file holds so many.
  func count() throws -> Int {
    guard let count = elementCount(of: shape), count <= Int.max / 16 else {
      throw Failure.runtime("Could not write \(name), for no file holds the shape \(shape).")
    }
    return count
  }

  func byteCount() throws -> Int { try count() * element.size }

  /// Hands the bytes to `sink`, and throws `Failure.runtime` where there are more or fewer than `shape` says.
  func write(to path: String, _ sink: ByteSink) throws {
    var produced = 0
    try produce {
      try sink($0)
      produced += $0.count
    }
    guard try produced == byteCount() else {
      throw Failure.runtime(
        "Could not write \(path): \(name) came as \(produced) bytes, which are no \(element) of the shape "
          + "\(shape).")
    }
  }
}
