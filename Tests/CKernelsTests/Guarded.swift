import Tensors

/// Numbers whose last stands right before a page that nobody may touch. NaN, or all bits set, where nothing was written.
struct Guarded<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  /// For as long as this value lives.
  let pointer: UnsafeMutablePointer<Element>
  let count: Int
  private let memory: GuardedMemory

  /// - Parameter alignment: in bytes, of the first number; the room behind the last is less than that.
  init(count: Int, alignment: Int = MemoryLayout<Element>.alignment) {
    let bytes = (count * MemoryLayout<Element>.stride + alignment - 1) / alignment * alignment
    memory = GuardedMemory(byteCount: bytes)
    pointer = memory.start.bindMemory(to: Element.self, capacity: count)
    self.count = count
  }

  init(_ elements: some Collection<Element>) {
    self.init(count: elements.count)
    _ = UnsafeMutableBufferPointer(start: pointer, count: count).update(fromContentsOf: elements)
  }

  var elements: [Element] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
