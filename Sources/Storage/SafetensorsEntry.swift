/// An array that is to be written to a safetensors file.
public struct SafetensorsEntry {
  public let name: String
  public let shape: [Int]
  public let element: ElementType
  /// Hands the array's bytes, row-major and little-endian, to `sink`, in as many pieces as suits it. Called
  /// once, when its turn comes.
  public let produce: (_ sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Void

  public init(
    name: String, shape: [Int], element: ElementType,
    produce: @escaping (_ sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
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
